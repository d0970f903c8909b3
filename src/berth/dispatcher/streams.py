"""The manager's end of streams inside one session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from berth.domain.errors import CallFailed, HostAway
from berth.domain.streams import Piece, StreamRequest
from berth.protocol.messages import CallDone, CallPart, Cancel
from berth.protocol.stream_end import Send, StreamEnd
from berth.protocol.streams import Input, OpenStream, Taken


class OpenedStream(StreamEnd):
    """One stream; it ends with HostAway or CallFailed where it did not end well."""

    async def send(self, piece: Piece) -> None:
        """Send a piece; waits while the agent takes none."""
        await self.send_frame(Input(id=self.id, name=piece.name, data=piece.data), piece.data)


class OpenStreams:
    """The streams of one session."""

    def __init__(self, send: Send, *, host_name: str) -> None:
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
            stream.add_credit(taken.cost)

    def fail_all(self) -> None:
        """End every stream, since the session ended."""
        self._over = True
        for stream in self._open.values():
            stream.end(HostAway(f"host {self._host_name} went away"))
