"""The manager's end of streams inside one session."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from berth.domain.errors import BerthError, CallFailed, HostAway
from berth.domain.streams import Piece, StreamRequest
from berth.protocol.messages import CallDone, CallPart, Cancel, Message
from berth.protocol.streams import Credit, Input, OpenStream, Taken, cost_of

#: Taken pieces are credited to the agent when they add up to this much.
TELL_BYTES = 64 * 1024


class OpenedStream:
    """One stream: pieces that came, and credit for pieces to send."""

    def __init__(self, stream_id: int, send: Callable[[Message], None]) -> None:
        self._id = stream_id
        self._send = send
        self._credit = Credit()
        self._came: deque[Piece] = deque()
        self._something = asyncio.Event()
        self._end: BerthError | None = None
        self._ended = False
        self._untold = 0

    @property
    def ended(self) -> bool:
        """Whether the agent's side is over."""
        return self._ended

    async def receive(self) -> Piece | None:
        """Return the next piece; none at the end. Raises HostAway, CallFailed."""
        while not self._came:
            if self._ended:
                if self._end is not None:
                    raise self._end
                return None
            self._something.clear()
            await self._something.wait()
        piece = self._came.popleft()
        self._untold += cost_of(piece.data)
        if self._untold >= TELL_BYTES and not self._ended:
            self._send(Taken(id=self._id, cost=self._untold))
            self._untold = 0
        return piece

    async def send(self, piece: Piece) -> None:
        """Send a piece; waits while the agent takes none."""
        await self._credit.take(cost_of(piece.data))
        if not self._ended:
            self._send(Input(id=self._id, name=piece.name, data=piece.data))

    def put(self, piece: Piece) -> None:
        """Take in what the agent sent."""
        self._came.append(piece)
        self._something.set()

    def credit(self, cost: int) -> None:
        """Take note that the agent took pieces."""
        self._credit.give(cost)

    def end(self, failure: BerthError | None) -> None:
        """Take note that nothing more comes."""
        if not self._ended:
            self._ended, self._end = True, failure
            self._something.set()
            # Whoever waits to send must not wait for ever.
            self._credit.give(1 << 62)


class OpenStreams:
    """The streams of one session."""

    def __init__(self, send: Callable[[Message], None], *, host_name: str) -> None:
        self._send = send
        self._host_name = host_name
        self._next_id = 0
        self._open: dict[int, OpenedStream] = {}
        self._over = False

    @asynccontextmanager
    async def open_stream(self, request: StreamRequest) -> AsyncIterator[OpenedStream]:
        """Open a stream; leaving ends it. Raises HostAway."""
        if self._over:
            raise HostAway(f"host {self._host_name} is not in contact")
        # Negative, so that no id is one of a call.
        self._next_id -= 1
        stream_id = self._next_id
        stream = self._open[stream_id] = OpenedStream(stream_id, self._send)
        self._send(OpenStream(id=stream_id, request=request))
        try:
            yield stream
        finally:
            del self._open[stream_id]
            if not stream.ended:
                self._send(Cancel(id=stream_id))

    def take_part(self, part: CallPart) -> None:
        """Hand a piece to its stream; of one that was left it is dropped."""
        stream = self._open.get(part.id)
        if stream is not None:
            stream.put(Piece(part.stream, part.data))

    def take_done(self, done: CallDone) -> None:
        """End a stream."""
        stream = self._open.get(done.id)
        if stream is not None:
            stream.end(CallFailed(done.message, code=done.code) if done.code else None)

    def take_credit(self, taken: Taken) -> None:
        """Let a stream send more."""
        stream = self._open.get(taken.id)
        if stream is not None:
            stream.credit(taken.cost)

    def fail_all(self) -> None:
        """End every stream, since the session ended."""
        self._over = True
        for stream in self._open.values():
            stream.end(HostAway(f"host {self._host_name} went away"))
