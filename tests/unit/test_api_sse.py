"""Streams of server-sent events: silence, and the end."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from berth.api.http.sse import HEARTBEAT, RETRY, EventStream, render_message

HELLO = render_message(b'"hello"')


class Caller:
    """Takes what is sent, and never hangs up."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.took = asyncio.Event()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.taken.append(message["body"])
            self.took.set()

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    async def wait_for(self, data: bytes, *, times: int) -> None:
        async with asyncio.timeout(10):
            while self.taken.count(data) < times:
                self.took.clear()
                await self.took.wait()


async def serve(
    caller: Caller, messages: AsyncGenerator[bytes, None], *, heartbeat_s: float
) -> None:
    """Send the messages to the caller."""
    stream = EventStream(messages, stopping=asyncio.Event(), heartbeat_s=heartbeat_s)
    await stream({"type": "http"}, caller.receive, caller.send)


async def test_a_silent_stream_beats_and_still_sends_what_comes() -> None:
    caller, go_on = Caller(), asyncio.Event()

    async def messages() -> AsyncGenerator[bytes, None]:
        await go_on.wait()
        yield HELLO

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(caller, messages(), heartbeat_s=0.01))
        await caller.wait_for(HEARTBEAT, times=3)
        assert HELLO not in caller.taken
        go_on.set()
    assert caller.taken[0] == RETRY
    assert caller.taken[-2:] == [HELLO, b""]


async def test_a_stream_that_says_something_does_not_beat() -> None:
    caller = Caller()

    async def messages() -> AsyncGenerator[bytes, None]:
        for _ in range(100):
            await asyncio.sleep(0)
            yield HELLO

    await serve(caller, messages(), heartbeat_s=60.0)
    assert caller.taken == [RETRY, *[HELLO] * 100, b""]
