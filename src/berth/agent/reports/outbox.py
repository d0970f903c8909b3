"""The items of a list, and what of them the manager does not know yet."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Generic, TypeVar

import msgspec

from berth.agent.source import Notify, no_session
from berth.domain.errors import EngineError

log = logging.getLogger(__name__)

#: A frame ends when it is larger than this.
FRAME_BYTES = 1024 * 1024

#: Longest wait until the session has taken a change, for whoever asked for it.
TAKEN_S = 3.0

K = TypeVar("K")
V = TypeVar("V")


class Contents(msgspec.Struct, Generic[K, V], frozen=True):
    """What goes into one frame."""

    #: Whether the frame begins a full list.
    full: bool
    items: tuple[V, ...]
    gone: tuple[K, ...]


class Outbox(Generic[K, V]):
    """Keeps items by key; what changed is taken once, in frames of a bounded size."""

    def __init__(self, *, frame_bytes: int = FRAME_BYTES) -> None:
        self.items: dict[K, V] = {}
        self._frame_bytes = frame_bytes
        self._unsent: dict[K, None] = {}
        self._gone: dict[K, None] = {}
        self._begin_full = False
        #: Set while the session has taken everything.
        self._taken = asyncio.Event()
        self._notify: Notify = no_session

    def put(self, key: K, item: V) -> None:
        """Keep an item, and send it."""
        self.items[key] = item
        self._gone.pop(key, None)
        self._unsent[key] = None
        self.announce()

    def drop(self, key: K) -> None:
        """Let go of an item, and send that it is gone; of none nothing is said."""
        if self.items.pop(key, None) is not None:
            self._unsent.pop(key, None)
            self._gone[key] = None
            self.announce()

    def announce(self) -> None:
        """Let the session know that something waits."""
        self._taken.clear()
        self._notify(True)

    def begin_session(self, notify: Notify = no_session) -> None:
        """Start with a full list."""
        self._notify = notify
        self._begin_full = True
        self._unsent = dict.fromkeys(self.items)
        self._gone = {}
        self._taken.clear()

    def end_session(self) -> None:
        """Keep what changes for the next session."""
        self._notify = no_session

    def take(self) -> Contents[K, V] | None:
        """Return what goes into the next frame; none when the manager knows everything."""
        if not (self._begin_full or self._unsent or self._gone):
            self._taken.set()
            return None
        keys: list[K] = []
        size = 0
        for key in self._unsent:
            keys.append(key)
            size += len(msgspec.msgpack.encode(self.items[key]))
            if size >= self._frame_bytes:
                break
        for key in keys:
            del self._unsent[key]
        contents = Contents(
            self._begin_full, tuple(self.items[key] for key in keys), tuple(self._gone)
        )
        self._begin_full, self._gone = False, {}
        return contents

    async def send_now(self, read: Awaitable[None]) -> None:
        """Read what changed and wait a moment until the session has taken it.

        Whoever asked for the change then finds it with the manager when that is done.
        """
        try:
            async with asyncio.timeout(TAKEN_S):
                await read
                await self._taken.wait()
        except (TimeoutError, EngineError) as failure:
            log.debug("a change is sent later: %s", failure)
