"""Heads, trailers and pipelines have a bound, for whoever connects."""

import asyncio
import contextlib
import itertools
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest

from berth.api.connections.limits import Limits
from berth.runtime.clock import SystemClock
from berth.runtime.tls import TlsFiles, read_or_make
from berth.testing.clock import settle
from integration.served import PortedServer, serve_app

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
LIMIT = Limits().head_bytes
#: Refused clients need not wait long for the end.
QUICK = Limits(close_s=0.1)
#: What a client sends at most before a test gives up.
MOST_BYTES = 64 * 1024 * 1024
#: What a server may read beyond its bound: what was under way already.
SLACK_BYTES = 8 * 1024 * 1024

#: A head, then what goes on without end.
ENDLESS = {
    "url": (b"GET /", b"a" * 4096),
    "query": (b"GET /?", b"a" * 4096),
    "method": (b"", b"A" * 4096),
    "lines before a request": (b"", b"\r\n" * 2048),
    "one header": (HEAD + b"X: ", b"a" * 4096),
    "name of a header": (HEAD, b"a" * 4096),
    "small headers": (HEAD, b"a:b\r\n" * 800),
    "headers in one piece": (HEAD, b"a:b\r\n" * 50_000),
    "trailers": (CHUNKED + b"0\r\n", b"a:b\r\n" * 800),
    "one trailer": (CHUNKED + b"0\r\nX: ", b"a" * 4096),
    "size of a chunk": (CHUNKED, b"0" * 4096),
    "extension of a chunk": (CHUNKED + b"1;", b"a" * 4096),
    "upgrade": (HEAD + b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"a:b\r\n" * 800),
    "second request": (HEAD + b"\r\n" + HEAD, b"a:b\r\n" * 800),
}


async def read_and_answer(scope: Any, *channels: Any) -> None:
    """Answer once the whole body has come."""
    receive, send = channels
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    if message["type"] == "http.request":
        names = b",".join(name for name, _ in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"names", names)]})
        await send({"type": "http.response.body", "body": b"%d" % len(body)})


@pytest.fixture
def certificates(tmp_path: Path) -> TlsFiles:
    return read_or_make(tmp_path, names=frozenset({"127.0.0.1"}), now=SystemClock().now())


@contextlib.asynccontextmanager
async def connected(
    server: PortedServer,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect, over TLS where the server speaks it."""
    context = None
    if server.config.ssl is not None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def send_until_cut(server: PortedServer, pieces: Iterable[bytes]) -> tuple[int, bytes]:
    """Send until the server cuts; return how much was sent, and what was answered if it came."""
    sent, answer = 0, b""
    async with asyncio.timeout(20), connected(server) as (reader, writer):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
                await asyncio.sleep(0)
                if sent > MOST_BYTES or reader.at_eof() or writer.is_closing():
                    break
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            answer = await reader.read()
    return sent, answer


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("kind", ENDLESS)
async def test_a_request_that_goes_on_without_end_is_cut(
    kind: str, certificates: TlsFiles, over_tls: bool
) -> None:
    begin, rest = ENDLESS[kind]
    async with serve_app(
        read_and_answer, limits=QUICK, tls=certificates if over_tls else None
    ) as server:
        before = psutil.Process().memory_info().rss
        sent, answer = await send_until_cut(
            server, itertools.chain([begin], itertools.repeat(rest))
        )
        grown = psutil.Process().memory_info().rss - before
        while server.server_state.connections:
            await settle()
    assert sent < SLACK_BYTES
    assert grown < SLACK_BYTES
    assert b"200 OK" not in answer or kind == "second request"


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
async def test_a_head_beyond_the_bound_is_answered(certificates: TlsFiles, over_tls: bool) -> None:
    async with serve_app(
        read_and_answer, limits=QUICK, tls=certificates if over_tls else None
    ) as server:
        _, answer = await send_until_cut(server, [HEAD + b"X: " + b"a" * LIMIT])
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"head_too_large"' in answer
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (HEAD + b"X: " + b"a" * (LIMIT - 200) + b"\r\n\r\n", 200),
        (HEAD + b"X: " + b"a" * LIMIT + b"\r\n\r\n", 431),
        (HEAD + b"a:b\r\n" * 126 + b"\r\n", 200),
        (HEAD + b"a:b\r\n" * 127 + b"\r\n", 431),
        (CHUNKED + b"0\r\n" + b"a:b\r\n" * 125 + b"\r\n", 200),
        (CHUNKED + b"0\r\n" + b"a:b\r\n" * 126 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /\x00 HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
@pytest.mark.parametrize("step", [1, 1 << 20])
async def test_the_bound_is_the_same_in_whatever_pieces_a_request_comes(
    request_bytes: bytes, status: int, step: int
) -> None:
    cut = request_bytes.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    head, tail = cut[:-300], cut[-300:]
    pieces = [head, *(tail[at : at + step] for at in range(0, len(tail), step))]
    async with serve_app(read_and_answer, limits=QUICK) as server:
        _, answer = await send_until_cut(server, pieces)
    assert answer.startswith(b"HTTP/1.1 %d " % status)


async def test_trailers_do_not_become_headers() -> None:
    trailers = b"0\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"
    async with (
        serve_app(read_and_answer, limits=QUICK) as server,
        connected(server) as (reader, writer),
    ):
        writer.write(CHUNKED + trailers)
        answer = await reader.readuntil(b"\r\n\r\n")
    assert b"names: host,transfer-encoding\r\n" in answer


async def test_a_long_body_in_small_chunks_passes() -> None:
    async with (
        serve_app(read_and_answer, limits=QUICK) as server,
        connected(server) as (reader, writer),
    ):
        writer.write(CHUNKED)
        for _ in range(100):
            writer.write(b"1;x=y\r\nx\r\n" * 1000)
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        assert (await reader.readuntil(b"100001")).startswith(b"HTTP/1.1 200 ")


async def test_requests_that_wait_for_earlier_ones_are_answered_in_order() -> None:
    count = Limits().pipelined + 1
    async with (
        serve_app(read_and_answer, limits=QUICK) as server,
        connected(server) as (reader, writer),
    ):
        writer.write(b"".join(post(size) for size in range(count)))
        for size in range(count):
            answer = await reader.readuntil(b"\r\n0\r\n\r\n")
            assert answer.endswith(b"\r\n%d\r\n0\r\n\r\n" % size)


def post(size: int) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size


async def test_too_many_requests_at_once_are_cut_and_the_one_at_work_is_told() -> None:
    begun, told = asyncio.Event(), asyncio.Event()

    async def wait_for_end(scope: Any, *channels: Any) -> None:
        receive, _ = channels
        begun.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        told.set()

    async with serve_app(wait_for_end) as server, connected(server) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000)
        async with asyncio.timeout(10):
            await begun.wait()
            await told.wait()
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""


async def test_a_request_is_told_of_the_end_also_while_another_waits_behind_it() -> None:
    begun, told = asyncio.Event(), asyncio.Event()

    async def wait_for_end(scope: Any, *channels: Any) -> None:
        receive, _ = channels
        begun.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        told.set()

    async with serve_app(wait_for_end) as server:
        async with connected(server) as (_, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            await begun.wait()
        async with asyncio.timeout(10):
            await told.wait()
