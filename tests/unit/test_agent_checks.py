"""Single checks over real sockets of this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import uvloop

from berth.agent.health.checks import check_network
from berth.domain.spec import Probe
from berth.runtime.tls import read_or_make

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HTTP = Probe(label="WEB", kind="http", path="/ready?full=1", timeout_s=5.0)
TCP = Probe(label="DB", kind="tcp", timeout_s=5.0)


def saying(answer: bytes, heard: list[bytes] | None = None) -> Answer:
    """Answer every connection so, once its request is complete, or at once when it is no HTTP."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.read(1)
            if request == b"G":
                request += await reader.readuntil(b"\r\n\r\n")
            if heard is not None:
                heard.append(request)
            writer.write(answer)
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    return serve


@asynccontextmanager
async def a_server(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        (b"HTTP/1.1 200 OK", ""),
        (b"HTTP/1.0 204 No Content", ""),
        (b"HTTP/1.1 302 Found", ""),
        (b"HTTP/1.1 404 Not Found", "answered 404"),
        (b"HTTP/1.1 500 Oh", "answered 500"),
        (b"+PONG", "answered something that is no HTTP"),
    ],
)
async def test_http_succeeds_on_a_status_from_200_to_399(line: bytes, failure: str) -> None:
    async with a_server(saying(line + b"\r\n\r\n")) as port:
        said = await check_network(HTTP, ("127.0.0.1", port))
    assert said == (f"http://127.0.0.1:{port}/ready?full=1 {failure}" if failure else "")


async def test_http_asks_for_the_path_and_names_the_host() -> None:
    heard: list[bytes] = []
    async with a_server(saying(b"HTTP/1.1 200 OK\r\n\r\n", heard)) as port:
        await check_network(msgspec.structs.replace(HTTP, port=8080), ("127.0.0.1", port))
    lines = heard[0].split(b"\r\n")
    assert lines[0] == b"GET /ready?full=1 HTTP/1.1"
    assert b"Host: 127.0.0.1:8080" in lines


def test_checks_work_on_the_event_loop_of_agents_too() -> None:
    async def check() -> list[str]:
        async with a_server(saying(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
            return [await check_network(one, ("127.0.0.1", port)) for one in (HTTP, TCP)]

    assert uvloop.run(check()) == ["", ""]


async def test_a_status_line_may_come_in_pieces() -> None:
    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in (b"HTTP/1", b".1 20", b"0 OK\r\n"):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async with a_server(slowly) as port:
        assert await check_network(HTTP, ("127.0.0.1", port)) == ""


async def test_no_answer_is_a_failure_after_the_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with a_server(silent) as port:
        hasty = msgspec.structs.replace(HTTP, timeout_s=0.1)
        assert "gave no answer within 0.1 s" in await check_network(hasty, ("127.0.0.1", port))


async def test_tcp_succeeds_when_the_connection_opens() -> None:
    async with a_server(saying(b"")) as port:
        assert await check_network(TCP, ("127.0.0.1", port)) == ""
    assert "does not answer" in await check_network(TCP, ("127.0.0.1", port))


async def test_https_takes_any_certificate(tmp_path: Path) -> None:
    files = read_or_make(tmp_path, names=frozenset({"elsewhere.example"}), now=1_000_000_000.0)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.chain, files.key)
    https = msgspec.structs.replace(HTTP, kind="https")
    async with a_server(saying(b"HTTP/1.1 200 OK\r\n\r\n"), tls) as port:
        assert await check_network(https, ("127.0.0.1", port)) == ""


async def test_https_says_when_there_is_no_tls() -> None:
    https = msgspec.structs.replace(HTTP, kind="https")
    async with a_server(saying(b"HTTP/1.1 400 Bad\r\n\r\n" * 50)) as port:
        assert await check_network(https, ("127.0.0.1", port)) != ""
