"""Server-sent events: messages, and the answer that sends them until somebody ends it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header
from starlette.types import Receive, Scope, Send

from berth.api.http.responses import Json, encode
from berth.domain.errors import RequestError, Unreadable
from berth.runtime.aio import run_until_first

#: Longest silence, in seconds, so that both sides see whether the other is there.
HEARTBEAT_S = 15.0

HEARTBEAT = b": heartbeat\n\n"

#: Wait before programs that lost the connection come back, in milliseconds.
RETRY = b"retry: 1000\n\n"


class LastEvent(msgspec.Struct, frozen=True):
    """Why a stream ends, in the data of its last event."""

    message: str
    code: str


def render_message(data: bytes, *, event: str = "", message_id: str = "") -> bytes:
    """Make a message; ``data`` is JSON, which has no line ends."""
    head = f"id: {message_id}\n" if message_id else ""
    head += f"event: {event}\n" if event else ""
    return b"%sdata: %s\n\n" % (head.encode(), data)


def render_problem_message(message: str, *, code: str) -> bytes:
    """Make the message that ends a stream for a reason: ``resync`` has a name of its own."""
    event = "resync" if code == "resync" else "error"
    return render_message(encode(LastEvent(message, code)), event=event)


async def read_last_id(
    seen: Annotated[
        str,
        Header(alias="Last-Event-ID", description="Id of the last message that a stream had."),
    ] = "",
) -> str:
    """Return the id of the last message that a lost connection saw; "" for a new one."""
    seen = seen.strip()
    if len(seen) > 200:
        raise Unreadable("Last-Event-ID is no id of ours", code="invalid_query", field="since")
    return seen


#: For endpoints that can go on with a stream; it is newer than what the query says.
LastId = Annotated[str, Depends(read_last_id)]


class EventStream(Json[Any]):
    """An answer of server-sent events: ends with its messages, its caller, or the manager."""

    media_type = "text/event-stream"
    whole = False

    def __init__(
        self,
        messages: AsyncGenerator[bytes, None],
        *,
        stopping: asyncio.Event,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(None, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._messages = messages
        self._stopping = stopping
        self._heartbeat_s = heartbeat_s
        self._sent_at = 0.0
        #: Raises a BerthError when the stream must end; waits for ever at first.
        self.guard: Callable[[], Coroutine[Any, Any, Any]] = _wait_for_ever

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the messages."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            sent, hung_up, refused, *_ = await run_until_first(
                self._send_all(send),
                wait_for_hang_up(receive),
                self.guard(),
                self._stopping.wait(),
                self._beat(send),
            )
        finally:
            await self._messages.aclose()
        if not isinstance(hung_up, asyncio.CancelledError):
            return
        if isinstance(sent, Exception):
            raise sent
        if isinstance(refused, RequestError):
            await self._send(send, render_problem_message(str(refused), code=refused.code))
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        await self._send(send, RETRY)
        async for message in self._messages:
            await self._send(send, message)

    async def _beat(self, send: Send) -> None:
        """Break silences; both tasks send whole messages, so these do not mix."""
        loop = asyncio.get_running_loop()
        while True:
            silent_s = loop.time() - self._sent_at
            if silent_s < self._heartbeat_s:
                await asyncio.sleep(self._heartbeat_s - silent_s)
            else:
                await self._send(send, HEARTBEAT)

    async def _send(self, send: Send, data: bytes) -> None:
        self._sent_at = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _wait_for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def wait_for_hang_up(receive: Receive) -> None:
    """Wait until the caller is gone; what else it sends is dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass
