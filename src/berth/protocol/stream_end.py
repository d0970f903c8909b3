"""One side's end of a stream: what came, and how much more may be sent."""

import asyncio
from collections import deque
from collections.abc import Callable

from berth.domain.errors import BerthError, ProtocolError
from berth.domain.streams import Piece
from berth.protocol.streams import MAX_PIECE_BYTES, WINDOW_BYTES, Credit, Message, Taken, cost_of

#: The other side hears of taken pieces when they cost this much.
CREDIT_BYTES = 64 * 1024

Send = Callable[[Message], None]


class StreamEnd:
    """Pieces both ways, each side sending as much as the other takes."""

    def __init__(self, stream_id: int, send: Send) -> None:
        self.id = stream_id
        self._send = send
        self._credit = Credit()
        self._came: deque[Piece] = deque()
        self._something = asyncio.Event()
        #: What the pieces that came and were not taken cost.
        self._waiting = 0
        self._uncredited = 0
        self._ended = False
        self._failure: BerthError | None = None

    @property
    def ended(self) -> bool:
        """Whether the other side is over."""
        return self._ended

    async def receive(self) -> Piece | None:
        """Wait for the next piece; none at the end. Raises what the stream ended with."""
        while not self._came:
            if self._ended:
                if self._failure is not None:
                    raise self._failure
                return None
            self._something.clear()
            await self._something.wait()
        piece = self._came.popleft()
        cost = cost_of(piece.data)
        self._waiting -= cost
        self._uncredited += cost
        if self._uncredited >= CREDIT_BYTES and not self._ended:
            self._send(Taken(id=self.id, cost=self._uncredited))
            self._uncredited = 0
        return piece

    async def send_frame(self, frame: Message, data: bytes) -> None:
        """Send a frame with this piece; waits while the other side takes none."""
        await self._credit.take(cost_of(data))
        if not self._ended:
            self._send(frame)

    def put(self, piece: Piece) -> None:
        """Keep a piece that came. Raises ProtocolError for more than the other side may send."""
        self._waiting += cost_of(piece.data)
        if self._waiting > WINDOW_BYTES + MAX_PIECE_BYTES:
            raise ProtocolError("a stream brings more than was asked for")
        self._came.append(piece)
        self._something.set()

    def add_credit(self, cost: int) -> None:
        """Note that the other side took pieces."""
        self._credit.add(cost)

    def end(self, failure: BerthError | None) -> None:
        """Note that nothing more comes."""
        if not self._ended:
            self._ended, self._failure = True, failure
            self._something.set()
            # What waits to be sent must not wait for ever.
            self._credit.release()
