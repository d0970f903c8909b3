"""The frames of streams: opened by the manager, pieces both ways, ended by either side.

Pieces from the agent are ``CallPart``, its end is ``CallDone``; the manager ends with ``Cancel``.
"""

import asyncio
import sys
from typing import Annotated

import msgspec
from msgspec import Meta

from berth.domain.bounds import Count, EngineId, Word
from berth.domain.streams import StreamRequest
from berth.domain.usage import Usage


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of every frame."""


#: Bytes under way at most in each direction of a stream.
WINDOW_BYTES = 256 * 1024

#: No piece is larger.
MAX_PIECE_BYTES = 1024 * 1024

#: A piece costs its bytes and this much, so that empty ones are bounded, too.
PIECE_COST = 64


def cost_of(data: bytes) -> int:
    """Return what a piece costs of the window."""
    return len(data) + PIECE_COST


class Credit:
    """What one side may still send."""

    def __init__(self) -> None:
        self._left = WINDOW_BYTES
        self._more = asyncio.Event()

    async def take(self, cost: int) -> None:
        """Wait until a piece may be sent; one goes whenever anything is left."""
        while self._left <= 0:
            self._more.clear()
            await self._more.wait()
        self._left -= cost

    def add(self, cost: int) -> None:
        """Note how much the other side has taken; that is never more than a window."""
        self._left = min(self._left + cost, WINDOW_BYTES)
        self._more.set()

    def release(self) -> None:
        """Let everything be sent: nobody takes it any more."""
        self._left = sys.maxsize
        self._more.set()


StreamId = Annotated[int, Meta(ge=-(2**60), le=-1)]


class OpenStream(Message, frozen=True, kw_only=True, omit_defaults=True, tag="open"):
    """Begins a stream, whose id is below 0."""

    id: StreamId
    request: StreamRequest


class Input(Message, frozen=True, kw_only=True, omit_defaults=True, tag="input"):
    """A piece from the manager."""

    id: StreamId
    name: Word
    data: bytes = b""


class Taken(Message, frozen=True, kw_only=True, omit_defaults=True, tag="taken"):
    """The other side may send this much more; both sides send it."""

    id: StreamId
    cost: Count


class UsageReport(Message, frozen=True, kw_only=True, omit_defaults=True, tag="usage"):
    """What the host and its running containers use, from the agent at intervals."""

    host: Usage
    containers: Annotated[dict[EngineId, Usage], Meta(max_length=10_000)]
