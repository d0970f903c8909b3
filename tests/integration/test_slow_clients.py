"""Clients that neither send nor take anything are let go, and hold nobody up."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request

from berth.api.connections.limits import Limits
from berth.api.connections.server import Server
from berth.api.http.errors import render_error
from berth.api.http.request_body import read_body
from berth.domain.errors import TooSlow
from berth.testing.clock import settle
from integration.api_bed import Bed
from integration.served import serve, serve_app
from integration.streaming import open_events

DEADLINE_S = 20.0


class Endless:
    """An application that sends for ever, and notes when it was told to end."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self, scope: Any, *channels: Any) -> None:
        """Answer a request for ever."""
        receive, send = channels
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.began.set()
        gone = asyncio.create_task(self._wait_for_end(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)  # sending to a client that is gone does not wait
        self.ended.set()

    async def _wait_for_end(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[tuple[Server, int]]:
    """Run a server that is impatient."""
    async with (
        asyncio.timeout(DEADLINE_S),
        serve_app(app, limits=Limits(stall_s=0.2, head_s=0.2)) as server,
    ):
        yield server, server.port


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    app = Endless()
    async with running(app) as (server, port):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await app.ended.wait()
        while server.server_state.connections:
            await settle()
        client.close()


async def test_a_client_that_says_nothing_at_all_is_cut_off() -> None:
    async with running(Endless()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_a_client_that_ends_in_the_middle_is_told_and_cut_off() -> None:
    async with running(Endless()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HT")
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def answer_ok(scope: Any, *channels: Any) -> None:
    """Answer any request without reading its body."""
    _, send = channels
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.mark.parametrize(
    ("request_head", "rest", "end"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"G", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n", b"x", b""),
    ],
)
async def test_a_client_that_ends_in_the_middle_after_an_answer_is_cut_off(
    request_head: bytes, rest: bytes, end: bytes
) -> None:
    async with running(answer_ok) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_head)
        await reader.readuntil(b"ok")
        writer.write(rest)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = await reader.read()
        assert answer[: len(b"HTTP/1.1 408 ")] == end
        writer.close()


async def test_a_client_that_asks_again_and_again_goes_on() -> None:
    async with running(answer_ok) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ends = asyncio.get_running_loop().time() + 1.0
        while asyncio.get_running_loop().time() < ends:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"ok")
            await asyncio.sleep(0.02)
        writer.close()


async def test_a_client_that_reads_goes_on() -> None:
    app = Endless()
    async with running(app) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        ends = asyncio.get_running_loop().time() + 1.0
        while asyncio.get_running_loop().time() < ends:
            assert await reader.read(1 << 20)
        assert not app.ended.is_set()
        writer.close()


async def test_a_body_that_does_not_come_is_refused() -> None:
    never = asyncio.Event()

    async def receive() -> Any:
        await never.wait()

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(TooSlow) as caught:
        await read_body(request, 1000, first_s=0.01)
    answer = render_error(caught.value)
    assert (answer.status_code, answer.headers["Connection"]) == (408, "close")


async def test_little_of_a_long_answer_waits_for_a_client_that_takes_nothing(bed: Bed) -> None:
    asked = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serve_app(bed.app, lifespan=True) as server:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(asked * 30)
        while not (connections := list(server.server_state.connections)):
            await settle()
        (connection,) = connections
        async with asyncio.timeout(DEADLINE_S):
            while not connection.flow.write_paused:
                await settle()
        assert connection.transport.get_write_buffer_size() <= 3 * 64 * 1024
        client.close()


async def test_many_streams_do_not_keep_others_from_an_answer(bed: Bed) -> None:
    async with serve(bed) as address:
        stack = [open_events(address, "/api/v2/watch", bearer=bed.bearer) for _ in range(50)]
        streams = [await each.__aenter__() for each in stack]
        for stream in streams:
            await stream.next()
        await bed.deploy("myapp")
        for stream in streams:
            assert (await stream.until("deployment", "myapp"))["type"] == "put"
        assert (await bed.get("/api/v2/deployments/myapp"))["deployment"]
        bed.services.stopping.set()
        for each in stack:
            await each.__aexit__(None, None, None)
