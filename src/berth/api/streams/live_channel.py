"""One channel of a live socket: a stream of server-sent events, carried as text frames."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import unquote

import msgspec
from starlette.types import ASGIApp, Message, Scope

from berth.api.http.errors import ErrorItem
from berth.api.http.responses import encode
from berth.api.http.sse import EventStream

#: Characters of frames under way at most before the reader confirms that it took some.
WINDOW = 64 * 1024

#: Characters of a path with its query.
MAX_PATH = 8 * 1024

#: Bytes read of an answer that is no stream, for its error.
_MAX_REFUSAL = 64 * 1024

#: At most this many frames are sent before others get a turn.
_SLICE = 50

SendText = Callable[[str], Awaitable[None]]


class End(msgspec.Struct, frozen=True):
    """Why a channel ended."""

    code: str
    message: str


ENDED = End("ended", "there is no more to come")
CLOSED = End("closed", "the reader closed the channel")
FAILED = End("internal_error", "an internal error occurred; the manager's log has it")
NO_STREAM = End("not_a_stream", "this path with this query is answered at once: ask for it by GET")


class ChannelWindow:
    """What may still be sent on a channel; one frame goes whenever anything is left."""

    def __init__(self) -> None:
        self._left = WINDOW
        self._more = asyncio.Event()

    async def take(self, cost: int) -> None:
        """Wait until a frame may be sent."""
        while self._left <= 0:
            self._more.clear()
            await self._more.wait()
        self._left -= cost

    def give(self, cost: int) -> None:
        """Note how much the reader has taken; no window grows beyond its size."""
        self._left = min(self._left + cost, WINDOW)
        self._more.set()


class Channel:
    """Asks for one path as a request of its own, and sends what comes as frames."""

    def __init__(self, number: int, *, send: SendText, window: ChannelWindow | None) -> None:
        self.number = number
        self.window = window
        self._send_text = send
        self._asked = False
        self._streams = False
        self._refusal = bytearray()
        self._end: End | None = None
        self._sent = 0

    async def carry(self, app: ASGIApp, scope: Scope) -> End:
        """Send everything until the stream ends; return why it did."""
        await app(scope, self._receive, self._take)
        if self._end is None and not self._streams:
            self._end = _read_refusal(bytes(self._refusal))
        return self._end or ENDED

    async def _receive(self) -> Message:
        """An empty request, whose caller stays: the end of a channel cancels it."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            kind = headers.get(b"content-type", b"").decode("latin-1")
            self._streams = message["status"] == 200 and kind.startswith(EventStream.media_type)
        elif self._streams:
            await self._send_frames(message.get("body", b""))
        elif len(self._refusal) < _MAX_REFUSAL:
            self._refusal += message.get("body", b"")

    async def _send_frames(self, events: bytes) -> None:
        for frame in self._render(events):
            if self.window is not None:
                await self.window.take(len(frame))
            await self._send_text(frame)
            self._sent += 1
            if self._sent % _SLICE == 0:
                await asyncio.sleep(0)

    def _render(self, events: bytes) -> Iterator[str]:
        """Turn whole server-sent events into frames; the one that says why it ends is kept."""
        for event in events.split(b"\n\n"):
            fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line)
            name, data = fields.get(b"event", b"").decode(), fields.get(b"data", b"null")
            if name in ("error", "resync"):
                self._end = msgspec.json.decode(data, type=End)
            elif name == "end":
                self._end = ENDED
            elif b"data" in fields or b"id" in fields:
                head = {"in": self.number, "id": fields.get(b"id", b"").decode(), "event": name}
                yield encode({**head, "data": msgspec.Raw(data)}).decode()


def make_scope(path: str, *, last_id: str, origin: Scope) -> Scope:
    """Return the scope of a GET for a path with its query, by who opened a socket."""
    before, _, query = path.partition("?")
    headers = [(b"accept", EventStream.media_type.encode())]
    if last_id:
        headers.append((b"last-event-id", last_id.encode()))
    return {
        "type": "http",
        "asgi": origin["asgi"],
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https" if origin["scheme"] == "wss" else "http",
        "path": unquote(before),
        "raw_path": before.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": origin.get("client"),
        "server": origin.get("server"),
        "state": {},
    }


def _read_refusal(body: bytes) -> End:
    """Return the first error of an answer; an answer without one is no stream."""
    try:
        items = msgspec.json.decode(body, type=_Refusal).errors
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return NO_STREAM
    return End(items[0].code, items[0].message) if items else NO_STREAM


class _Refusal(msgspec.Struct):
    """The error object, as it is read again."""

    errors: list[ErrorItem]
