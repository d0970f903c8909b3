"""The host's containers as the manager shows them, managed or not, read when the engine is quiet."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from berth.agent.engine.protocol import Engine
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.reports.outbox import FRAME_BYTES, Outbox
from berth.agent.source import Notify, no_session
from berth.domain.errors import EngineError, EngineNotFound, EngineTimeout, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, InventoryItem
from berth.protocol.fitter import fit
from berth.protocol.messages import MAX_FRAME_BYTES, MAX_ITEMS, Inventory
from berth.protocol.rules import MAX_LISTED_BYTES, weigh_item
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Documents read at once.
READS_AT_ONCE = 2

#: Things that happen within this time are read together.
GATHER_S = 0.5

#: A longer document fits into no frame beside the rest, and is left out.
DOCUMENT_BYTES = MAX_FRAME_BYTES // 2

#: Kept free for each container that may still come, whose labels and document are left out then.
_BARE_BYTES = 3 * 1024

#: Events that change nothing in what is shown.
_SILENT = ("exec_", "top", "attach", "detach", "resize", "copy", "export", "archive-path")

_VERDICT = re.compile(r"\(.*\)\s*$")


class ContainerList:
    """Keeps the list with its inspect documents, and what of it the manager does not know yet."""

    def __init__(
        self,
        engine: Engine,
        limiter: EngineLimiter,
        *,
        clock: Clock,
        refresh: Callable[[], Awaitable[None]],
        frame_bytes: int = FRAME_BYTES,
    ) -> None:
        self._engine = engine
        self._limiter = limiter
        self._clock = clock
        self._refresh = refresh
        self._outbox: Outbox[ContainerId, InventoryItem] = Outbox(frame_bytes=frame_bytes)
        #: Of all items, as the manager weighs them.
        self._weight = 0
        self._unread: dict[ContainerId, None] = {}
        self._list_is_old = False
        self._wakeup = Wakeup()

    def apply_list(self, containers: Iterable[EngineContainer]) -> None:
        """Take a list over; what changed is sent, and inspected again when there is time."""
        listed = {container.id: container for container in _newest(containers)}
        for container_id in [one for one in self._outbox.items if one not in listed]:
            self._drop(container_id)
        for container_id, container in listed.items():
            item = self._outbox.items.get(container_id)
            if item is None or not self._is_told(item, container):
                document = item.inspect if item else b""
                self._put(InventoryItem(container, document))
                self._unread[container_id] = None
        if self._unread:
            self._wakeup.set()

    def _is_told(self, item: InventoryItem, container: EngineContainer) -> bool:
        """Whether an item says what is listed, or as much of it as there is room for."""
        known = _shown(item.container)
        return known == _shown(container) or known == _shown(
            self._lighten(InventoryItem(container)).container
        )

    def apply_event(self, event: EngineEvent) -> None:
        """Take an event as a hint that the list is old."""
        if event.kind != "container" or event.action.startswith(_SILENT):
            return
        self._list_is_old = True
        if event.action != "destroy":
            self._unread[ContainerId(event.subject)] = None
        self._wakeup.set()

    def inspected(self, container_id: ContainerId, document: bytes) -> None:
        """Keep a document that was read anyway."""
        item = self._outbox.items.get(container_id)
        if len(document) > DOCUMENT_BYTES:
            log.warning("the inspect document of container %s is left out: it has %d bytes",
                        container_id[:12], len(document))  # fmt: skip
            document = b""
        if item is not None and item.inspect != document:
            self._put(InventoryItem(item.container, document))

    def running(self) -> list[ContainerId]:
        """Return the containers that run on the host, managed or not."""
        return [one for one, item in self._outbox.items.items() if item.container.running]

    async def run(self) -> None:
        """Read for ever, whenever something was heard and the engine is quiet."""
        await run_loop(
            "inventory",
            self.read,
            wakeup=self._wakeup,
            resync_s=lambda: 3600.0,
            clock=self._clock,
        )

    async def read(self) -> str:
        """Read what is old: the list first, then documents, as long as nobody waits."""
        if not self._list_is_old and not self._unread:
            return ""
        await self._clock.sleep(GATHER_S)
        await self._limiter.wait_quiet()
        try:
            if self._list_is_old:
                self._list_is_old = False
                await self._refresh()
            while self._unread:
                await self._limiter.wait_quiet()
                batch = list(self._unread)[:READS_AT_ONCE]
                await asyncio.gather(*(self._inspect(container_id) for container_id in batch))
        except EngineError:
            # The list that brings the engine back starts this again.
            return ""
        return ""

    async def send_now(self) -> None:
        """Read the list at once and wait a moment until it is sent, after a run."""
        await self._outbox.send_now(self._refresh())

    async def _inspect(self, container_id: ContainerId) -> None:
        self._unread.pop(container_id, None)
        if container_id not in self._outbox.items:
            return
        try:
            self.inspected(container_id, await self._engine.inspect(container_id))
        except EngineNotFound:
            self._drop(container_id)
        except (EngineUnreachable, EngineTimeout):
            self._unread[container_id] = None
            raise
        except EngineError as exc:
            log.info("container %s could not be inspected: %s", container_id[:12], exc)

    def begin_session(self, notify: Notify = no_session) -> None:
        """Start with a full list."""
        self._outbox.begin_session(notify)

    def end_session(self) -> None:
        """Keep what changes for the next session."""
        self._outbox.end_session()

    def take(self) -> Inventory | None:
        """Return the next frame; none when the manager knows everything."""
        batch = self._outbox.take()
        if batch is None:
            return None
        return Inventory(full=batch.full, items=batch.items, gone=batch.gone)

    def _put(self, item: InventoryItem) -> None:
        before, item = self._weigh_kept(item.container.id), self._lighten(item)
        self._weight += weigh_item(item) - before
        self._outbox.put(item.container.id, item)

    def _weigh_kept(self, container_id: ContainerId) -> int:
        kept = self._outbox.items.get(container_id)
        return weigh_item(kept) if kept is not None else 0

    def _lighten(self, item: InventoryItem) -> InventoryItem:
        """Leave out what the manager would not take beside the rest: the document, then labels."""
        others = self._weight - self._weigh_kept(item.container.id)
        room = MAX_LISTED_BYTES - MAX_ITEMS * _BARE_BYTES - others
        if weigh_item(item) > room:
            item = InventoryItem(item.container)
        if weigh_item(item) > room:
            bare = msgspec.structs.replace(item.container, labels={}, command="", ports=())
            item = InventoryItem(bare)
        return item

    def _drop(self, container_id: ContainerId) -> None:
        self._weight -= self._weigh_kept(container_id)
        self._outbox.drop(container_id)
        self._unread.pop(container_id, None)


def _newest(containers: Iterable[EngineContainer]) -> list[EngineContainer]:
    """Return what the manager may be told of the containers; the oldest are left out."""
    listed = [fitting for each in containers if (fitting := fit(each)) is not None]
    if len(listed) <= MAX_ITEMS:
        return listed
    log.warning("the engine lists %d containers: the manager is told of the newest %d",
                len(listed), MAX_ITEMS)  # fmt: skip
    listed.sort(key=lambda container: (container.running, container.created_at), reverse=True)
    return listed[:MAX_ITEMS]


def _shown(container: EngineContainer) -> EngineContainer:
    """Return the container without what changes by the clock, such as ``Up 3 minutes``."""
    verdict = _VERDICT.search(container.status)
    return msgspec.structs.replace(container, status=verdict.group() if verdict else "")
