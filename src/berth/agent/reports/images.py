"""The host's images as the manager shows them, read when something happened to one."""

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from berth.agent.engine.protocol import Engine
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.reports.outbox import FRAME_BYTES, Outbox
from berth.agent.source import Notify, no_session
from berth.domain.errors import EngineError
from berth.domain.observed import EngineEvent, EngineImage
from berth.protocol.fitter import fit
from berth.protocol.messages import MAX_ITEMS, Images
from berth.protocol.rules import MAX_LISTED_BYTES, weigh_image
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Things that happen within this time are read together.
GATHER_S = 0.5
#: The list is read this often, whatever events said; and after a failure.
RESYNC_S, RETRY_S = 300.0, 5.0

#: Kept free for each image, whose labels and further names are left out then.
_BARE_BYTES = 2 * 1024


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
        self._outbox: Outbox[str, EngineImage] = Outbox(frame_bytes=frame_bytes)
        #: Whether the engine has listed its images since the start.
        self._listed = False
        self._failed = False
        self._wakeup = Wakeup()
        #: One list is read and taken over at a time, so that the newest is the last.
        self._turn = asyncio.Lock()

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

    async def send_now(self) -> None:
        """Read the list at once and wait a moment until it is sent, after a change."""
        await self._outbox.send_now(self._read_now())

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
            fitting = [each for image in listed if (each := fit(image)) is not None]
            if len(fitting) > MAX_ITEMS:
                fitting.sort(key=lambda image: image.created_at, reverse=True)
            self.apply_list({image.id: image for image in fitting[:MAX_ITEMS]})

    def apply_list(self, listed: dict[str, EngineImage]) -> None:
        """Take a list over, as far as the manager takes it."""
        listed = {image.id: image for image in _lighten(listed.values())}
        for image_id in [each for each in self._outbox.items if each not in listed]:
            self._outbox.drop(image_id)
        for image_id, image in listed.items():
            if self._outbox.items.get(image_id) != image:
                self._outbox.put(image_id, image)
        if not self._listed:
            self._listed = True
            self._outbox.announce()

    def begin_session(self, notify: Notify = no_session) -> None:
        """Start with a full list."""
        self._outbox.begin_session(notify)

    def end_session(self) -> None:
        """Keep what changes for the next session."""
        self._outbox.end_session()

    def take(self) -> Images | None:
        """Return the next frame; none when the manager knows everything, or nothing is known here."""
        batch = self._outbox.take() if self._listed else None
        if batch is None:
            return None
        return Images(full=batch.full, items=batch.items, gone=batch.gone)


def _lighten(images: Iterable[EngineImage]) -> Iterable[EngineImage]:
    """Leave out what the manager would not take beside the rest."""
    room = MAX_LISTED_BYTES - MAX_ITEMS * _BARE_BYTES
    for image in images:
        weight = weigh_image(image)
        if weight > room:
            yield msgspec.structs.replace(image, labels={}, names=image.names[:1], digests=())
        else:
            room -= weight
            yield image
