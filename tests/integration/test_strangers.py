"""What a connection may do on which nobody has shown a credential, over TCP, TLS and WebSockets."""

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop

from berth.api.connections.limits import Limits
from berth.runtime.clock import SystemClock
from berth.runtime.tls import TlsFiles, read_or_make
from berth.testing.clock import settle
from integration.api_bed import PASSWORD, USER, Bed
from integration.served import PortedServer, serve_app

UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(b"x" * 16) + b"\r\n"
)
QUICK = Limits(handshake_s=0.2, head_s=0.2, opening_s=0.2, close_s=0.1, grace_s=0.0)


@pytest.fixture
def certificates(tmp_path: Path) -> TlsFiles:
    return read_or_make(tmp_path, names=frozenset({"127.0.0.1"}), now=SystemClock().now())


async def accept_all(scope: Any, *channels: Any) -> None:
    """Accept WebSockets and say how long each message was; answer requests."""
    receive, send = channels
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "open sesame":
            scope["berth.guest"].become_known()
        size = len(message.get("text") or message.get("bytes") or "")
        await send({"type": "websocket.send", "text": str(size)})


@contextlib.asynccontextmanager
async def client_of(
    server: PortedServer,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.transport.abort()


def frame(payload: bytes, *, opcode: int = 1, fin: bool = True) -> bytes:
    """Return a masked frame; the mask is nothing."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([(0x80 if fin else 0) | opcode]) + length + bytes(4) + payload


async def open_socket(writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
    writer.write(UPGRADE + b"\r\n")
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")


async def read_rest(reader: asyncio.StreamReader) -> bytes:
    with contextlib.suppress(ConnectionResetError):
        return await reader.read()
    return b""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (UPGRADE + b"X: " + b"a" * 9_000 + b"\r\n\r\n", 431),
        (UPGRADE + b"a:b\r\n" * 124 + b"\r\n", 431),
        (UPGRADE.replace(b"GET /", b"GET /" + b"a" * 9_000) + b"\r\n", 431),
        (UPGRADE.replace(b"GET", b"POST") + b"\r\n", 405),
        (UPGRADE.replace(b"Version: 13", b"Version: 12") + b"\r\n", 400),
    ],
)
async def test_an_upgrade_that_the_parser_refuses_is_answered_and_cut(
    head: bytes, status: int
) -> None:
    async with serve_app(accept_all, limits=QUICK) as server, client_of(server) as (reader, writer):
        writer.write(head)
        answer = await read_rest(reader)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert b'{"errors":[{"message":"' in answer
        while server.server_state.connections:
            await settle()
        assert server.admission.counts == (0, 0)


async def test_a_socket_without_a_credential_in_time_is_cut() -> None:
    async with serve_app(accept_all, limits=QUICK) as server, client_of(server) as (reader, writer):
        await open_socket(writer, reader)
        assert await read_rest(reader) == b""
        assert server.admission.counts == (0, 0)


async def test_a_socket_on_which_somebody_is_known_stays() -> None:
    async with serve_app(accept_all, limits=QUICK) as server, client_of(server) as (reader, writer):
        await open_socket(writer, reader)
        writer.write(frame(b"open sesame"))
        assert await reader.readexactly(4) == b"\x81\x0211"
        writer.write(frame(b"x" * 1_000_000))
        assert await reader.readexactly(9) == b"\x81\x071000000"
        assert server.admission.counts == (0, 1)


@pytest.mark.parametrize(
    "frames",
    [
        frame(b"x" * 65_537),
        frame(b"x" * 40_000, fin=False) + frame(b"x" * 40_000, opcode=0),
        frame(b"x" * 1_000) * 1_000,
        frame(b"") * 100_000,
        frame(b"", opcode=9) * 100_000,
    ],
    ids=["one message", "fragments", "many messages", "empty messages", "pings"],
)
async def test_before_a_credential_a_socket_takes_little(frames: bytes) -> None:
    patient = Limits(close_s=0.1)
    async with (
        serve_app(accept_all, limits=patient) as server,
        client_of(server) as (reader, writer),
    ):
        await open_socket(writer, reader)
        writer.write(frames)
        answers = await read_rest(reader)
        assert len(answers) < 200_000
        while server.server_state.connections:
            await settle()


async def test_messages_that_come_at_once_are_all_read_once_somebody_is_known() -> None:
    async with serve_app(accept_all, limits=QUICK) as server, client_of(server) as (reader, writer):
        await open_socket(writer, reader)
        writer.write(frame(b"open sesame") + frame(b"x" * 10) * 3_000)
        assert await reader.readexactly(4) == b"\x81\x0211"
        assert await reader.readexactly(4 * 3_000) == b"\x81\x0210" * 3_000


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_handshake_that_does_not_come_is_cut(certificates: TlsFiles, make_loop: Any) -> None:
    async def say_nothing() -> None:
        async with (
            serve_app(accept_all, limits=QUICK, tls=certificates) as server,
            client_of(server) as (reader, _),
        ):
            assert await read_rest(reader) == b""
            assert server.admission.counts == (0, 0)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(say_nothing())


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("over_tls", [True, False], ids=["tls", "plain"])
def test_strangers_who_say_nothing_keep_nobody_out(
    certificates: TlsFiles, over_tls: bool, make_loop: Any
) -> None:
    limits = Limits(strangers_per_source=5, grace_s=0.0)

    async def crowd() -> None:
        async with contextlib.AsyncExitStack() as stack:
            tls = certificates if over_tls else None
            server = await stack.enter_async_context(serve_app(accept_all, limits=limits, tls=tls))
            silent = [await stack.enter_async_context(client_of(server)) for _ in range(20)]
            assert await ask(server, over_tls=over_tls) == b"ok"
            for reader, _ in silent[:15]:
                assert await read_rest(reader) == b""
            assert server.admission.counts[0] <= 5

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(crowd())


async def ask(server: PortedServer, *, over_tls: bool) -> bytes:
    """Return the body of an answer."""
    context = None
    if over_tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.transport.abort()
    return answer.partition(b"\r\n\r\n")[2].split(b"\r\n")[1]


async def test_a_file_that_cannot_be_opened_stops_nobody_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures = [OSError(24, "too many open files")] * 3
    accept = socket.socket.accept

    def accept_or_fail(self: socket.socket) -> Any:
        if failures:
            raise failures.pop()
        return accept(self)

    monkeypatch.setattr(socket.socket, "accept", accept_or_fail)
    async with serve_app(accept_all) as server:
        assert await ask(server, over_tls=False) == b"ok"
    assert failures == []


@pytest.mark.parametrize(
    ("path", "header", "body", "counts"),
    [
        ("/api/hosts/", "Bearer {bearer}", None, (0, 1)),
        ("/api/v2/deployments/", "Bearer {bearer}", None, (0, 1)),
        ("/api/token", "Bearer {bearer}", None, (0, 1)),
        ("/api/auth", "", {"username": USER, "password": PASSWORD}, (0, 1)),
        ("/api/v2/hosts/join", "Join {secret}", {}, (0, 1)),
        ("/api/hosts/", "Bearer wrong", None, (1, 0)),
        ("/api/token", "Session wrong", None, (1, 0)),
        ("/api/auth", "", {"username": USER, "password": "wrong"}, (1, 0)),
        ("/api/v2/hosts/join", "Join wrong", {}, (1, 0)),
        ("/api/version", "", None, (1, 0)),
    ],
)
async def test_who_shows_a_credential_is_a_stranger_no_more(
    bed: Bed, path: str, header: str, body: Any, counts: tuple[int, int]
) -> None:
    secret = bed.services.join_token.read_or_make().split(".")[1]
    headers = {"Authorization": header.format(bearer=bed.bearer, secret=secret)} if header else {}
    method = "GET" if body is None else "POST"
    async with (
        serve_app(bed.app, lifespan=True) as server,
        aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as http,
        http.request(method, path, headers=headers, json=body) as answer,
    ):
        await answer.read()
        assert server.admission.counts == counts
