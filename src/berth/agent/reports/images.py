"""The host's images as the manager shows them, read when something happened to one."""

import asyncio
import logging

import msgspec

from berth.agent.engine.protocol import Engine
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.reports.outbox import tell_soon
from berth.domain.errors import EngineError
from berth.domain.observed import EngineEvent, EngineImage
from berth.protocol.messages import Images
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Things that happen within this time are read together.
GATHER_S = 0.5
#: The list is read this often, whatever events said; and after a failure.
RESYNC_S, RETRY_S = 300.0, 5.0
#: A frame ends when it is larger than this.
FRAME_BYTES = 1024 * 1024


class ImageList:
    """Keeps the list, and what of it the manager does not know yet."""

    def __init__(
        self,
        engine: Engine,
        limiter: EngineLimiter,
        *,
        clock: Clock,
        frame_bytes: int = FRAME_BYTES,
    ) -> None:
        self._engine = engine
        self._limiter = limiter
        self._clock = clock
        self._frame_bytes = frame_bytes
        #: None until the engine told it once.
        self._items: dict[str, EngineImage] | None = None
        self._unsent: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        self._begin_full = False
        self._failed = False
        self._wakeup = Wakeup()
        #: One list is read and taken over at a time, so that the newest is the last.
        self._turn = asyncio.Lock()
        #: Set while the session has taken everything.
        self._told = asyncio.Event()
        #: Called when something waits to be sent; replaced by each session.
        self.on_change = _ignore

    def apply_event(self, event: EngineEvent) -> None:
        """Take an event as a hint that the list is old."""
        if event.kind == "image":
            self.mark_old()

    def mark_old(self) -> None:
        """Read the list soon."""
        self._wakeup.set()

    async def run(self) -> None:
        """Read for ever, whenever something was heard and the engine is quiet."""
        await run_loop(
            "images",
            self.read,
            wakeup=self._wakeup,
            resync_s=lambda: RETRY_S if self._failed else RESYNC_S,
            clock=self._clock,
        )

    async def read(self) -> str:
        """Read the list; what changed is sent."""
        await self._clock.sleep(GATHER_S)
        await self._limiter.wait_quiet()
        await self._read_now()
        return ""

    async def tell_now(self) -> None:
        """Read the list at once and wait a moment until the manager is told, after a change."""
        await tell_soon(self._read_now(), self._told)

    async def _read_now(self) -> None:
        async with self._turn:
            try:
                listed = await self._engine.list_images()
            except EngineError as failure:
                # The watch complains about an engine that is away.
                log.debug("the images could not be listed: %s", failure)
                self._failed = True
                return
            self._failed = False
            self.apply_list({image.id: image for image in listed})

    def apply_list(self, listed: dict[str, EngineImage]) -> None:
        """Take a list over."""
        known, first = self._items or {}, self._items is None
        self._items = listed
        for image_id in known:
            if image_id not in listed:
                self._unsent.pop(image_id, None)
                self._gone[image_id] = None
        for image_id, image in listed.items():
            if known.get(image_id) != image:
                self._gone.pop(image_id, None)
                self._unsent[image_id] = None
        if first or self._unsent or self._gone:
            self._told.clear()
            self.on_change()

    def begin_session(self) -> None:
        """Start with a full list."""
        self._begin_full = True
        self._unsent = dict.fromkeys(self._items or {})
        self._gone = {}
        self._told.clear()

    def take(self) -> Images | None:
        """Return the next frame; none when the manager knows everything, or nothing is known here."""
        if self._items is None:
            return None
        if not (self._begin_full or self._unsent or self._gone):
            self._told.set()
            return None
        items: list[EngineImage] = []
        size = 0
        for image_id in self._unsent:
            items.append(self._items[image_id])
            size += len(msgspec.msgpack.encode(items[-1]))
            if size >= self._frame_bytes:
                break
        for image in items:
            del self._unsent[image.id]
        full, gone = self._begin_full, tuple(self._gone)
        self._begin_full, self._gone = False, {}
        return Images(full=full, items=tuple(items), gone=gone)


def _ignore() -> None:
    """Stand for a session that is not there."""
