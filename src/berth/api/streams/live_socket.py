"""The live socket: one WebSocket for all that a page follows, in numbered channels.

A browser opens six connections to an address and no more, however many pages show it; a page
needs one such socket.
"""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from berth.api.endpoints.auth import Principal, note_use, pass_on, services_of
from berth.api.endpoints.credential_watch import wait_for_end_of_credential
from berth.api.http.errors import ErrorObject, items_of, status_of
from berth.api.http.responses import encode
from berth.api.streams.live_channel import (
    CLOSED,
    FAILED,
    MAX_PATH,
    NO_STREAM,
    Channel,
    ChannelWindow,
    End,
    make_scope,
)
from berth.domain.errors import BerthError, Conflict, Unreadable
from berth.runtime.aio import run_until_first

#: A frame comes at least this often, so that both sides see whether the other is there.
PING_S = 15.0

#: The channel that is there from the beginning, and what it carries.
WATCH, WATCH_PATH = 0, "/api/v2/watch"

#: Channels of one socket at once.
MAX_CHANNELS = 32

#: Largest number of a channel.
MAX_NUMBER = 2**31 - 1

#: Characters of a frame from the reader.
MAX_FRAME = 16 * 1024

#: Codes of a close: the end of the manager, and the status of an error above this one.
GOING_AWAY, ERROR_CLOSE = 1001, 4000


class LiveRequest(msgspec.Struct, frozen=True):
    """A frame from the reader: opens a channel, closes one, or confirms that some was taken."""

    open: int | None = None
    close: int | None = None
    more: int | None = None
    path: str = ""
    last_id: str = ""
    bytes: int = 0


class LiveSocket:
    """One socket with its channels."""

    def __init__(
        self, websocket: WebSocket, principal: Principal, *, is_stream: Callable[[str], bool]
    ) -> None:
        self._websocket = websocket
        self._principal = principal
        #: Whether a path is one that can be followed.
        self._is_stream = is_stream
        self._services = services_of(websocket)
        self._channels: dict[int, Channel] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._gone = asyncio.Event()

    async def serve(self) -> None:
        """Carry channels until the reader goes, its credential ends, or the manager does."""
        query = self._websocket.scope["query_string"].decode("latin-1")
        await self._open(LiveRequest(open=WATCH, path=f"{WATCH_PATH}?{query}"))
        try:
            results = await run_until_first(
                self._read(),
                self._ping(),
                wait_for_end_of_credential(self._websocket, self._principal),
                self._services.stopping.wait(),
                self._gone.wait(),
            )
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        failures = [each for each in results if isinstance(each, BerthError)]
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the reader may be gone
            if failures:
                text = encode(ErrorObject(items_of(failures[0]))).decode()
                await self._websocket.send_text(text)
                await self._websocket.close(ERROR_CLOSE + status_of(failures[0]))
            else:
                await self._websocket.close(GOING_AWAY)
        _raise_defects(results)

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                request = _decode(message.get("text"))
                if request.open is not None:
                    await self._open(request)
                elif request.close is not None:
                    await self._close(request.close)
                elif request.more is not None:
                    self._give(request.more, taken=request.bytes)

    async def _open(self, request: LiveRequest) -> None:
        number = request.open or 0
        if not 0 <= number <= MAX_NUMBER:
            raise Unreadable(f"a channel has a number up to {MAX_NUMBER}", code="invalid_frame")
        if number in self._tasks:
            raise Conflict(f"channel {number} is open: close it first", code="channel_in_use")
        refusal = self._refuse(request)
        if refusal is not None:
            await self._send_end(number, refusal)
            return
        window = None if _is_watch(request.path) else ChannelWindow()
        channel = Channel(number, send=self._send, window=window)
        self._channels[number] = channel
        self._tasks[number] = asyncio.create_task(
            self._carry(channel, request), name=f"live channel {number}"
        )

    async def _close(self, number: int) -> None:
        """End a channel; one that has ended by itself has sent why."""
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if self._channels.pop(number, None) is not None:
                await self._send_end(number, CLOSED)
            self._tasks.pop(number, None)

    def _give(self, number: int, *, taken: int) -> None:
        channel = self._channels.get(number)
        if channel is not None and channel.window is not None and taken > 0:
            channel.window.give(taken)

    async def _carry(self, channel: Channel, request: LiveRequest) -> None:
        origin, principal = self._websocket.scope, self._principal
        scope = make_scope(request.path, last_id=request.last_id, origin=origin)
        scope.update(pass_on(principal))
        # The application has logged a defect under the id of the channel's request.
        (ended,) = await asyncio.gather(
            channel.carry(self._websocket.app, scope), return_exceptions=True
        )
        end = ended if isinstance(ended, End) else FAILED
        del self._channels[channel.number], self._tasks[channel.number]
        if not self._services.stopping.is_set():  # else it only ends here, and the close says so
            await self._send_end(channel.number, end)

    def _refuse(self, request: LiveRequest) -> End | None:
        """Return why a channel cannot be opened; ordered rules, the first that fits."""
        path = request.path.partition("?")[0]
        if len(self._tasks) >= MAX_CHANNELS:
            return End("too_many_channels", f"a socket has {MAX_CHANNELS} channels at most")
        if len(request.path) > MAX_PATH or not (request.path + request.last_id).isascii():
            return End("invalid_path", "a path is written as in a request, in ASCII")
        if request.open == WATCH and not _is_watch(request.path):
            return End("invalid_path", f"channel {WATCH} is for {WATCH_PATH}")
        return None if self._is_stream(path) else NO_STREAM

    async def _ping(self) -> None:
        """Send a sign of life; a page that is open uses its session."""
        while True:
            now = self._services.clock.now()
            note_use(self._websocket, self._principal)
            await self._send(encode({"ping": now}).decode())
            await self._services.clock.sleep(PING_S)

    async def _send_end(self, number: int, end: End) -> None:
        ending = {"end": number, "code": end.code, "message": end.message}
        await self._send(encode(ending).decode())

    async def _send(self, text: str) -> None:
        """Send a frame; when the reader is gone the socket ends, and this with it."""
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            self._gone.set()
            await asyncio.get_running_loop().create_future()


def _is_watch(path: str) -> bool:
    return path.partition("?")[0] == WATCH_PATH


def _decode(text: str | None) -> LiveRequest:
    if text is None or len(text) > MAX_FRAME:
        raise Unreadable(
            f"a frame is a text in JSON of at most {MAX_FRAME} characters", code="invalid_frame"
        )
    try:
        request = msgspec.json.decode(text, type=LiveRequest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(f"the frame is not understood: {error}", code="invalid_frame") from None
    if sum(each is not None for each in (request.open, request.close, request.more)) != 1:
        raise Unreadable("a frame has one of open, close and more", code="invalid_frame")
    return request


def _raise_defects(results: list[object]) -> None:
    """Raise what should never happen, for the log of the edge."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, BerthError):
            raise result
