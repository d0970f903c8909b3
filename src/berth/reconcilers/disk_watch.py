"""The pass that watches the free space of the manager's data."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from berth.domain.disks import CRITICAL_SHARE, LOW_SHARE, DiskSpace, describe_space
from berth.domain.errors import StoreFailed
from berth.domain.records import Actor
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

log = logging.getLogger(__name__)

INTERVAL_S = 10.0
KEY = "manager_disk_low"


def read_space(folder: Path) -> DiskSpace:
    """Return the space of a folder's disk; blocks. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return DiskSpace(str(folder), total_bytes=usage.total, free_bytes=usage.free)


class DiskWatch:
    """Raises a status while the disk of the manager's data has little space left."""

    def __init__(
        self, store: Store, folder: Path, *, read: Callable[[Path], DiskSpace] = read_space
    ) -> None:
        self._store = store
        self._folder = folder
        self._read = read
        self._severity: Severity | None = None

    async def check(self) -> str:
        """Look once; a status that cannot be written now is tried again."""
        try:
            space = await asyncio.to_thread(self._read, self._folder)
        except OSError as failure:
            log.debug("the free space of %s is not known: %s", self._folder, failure)
            return ""
        severity = self._judge(space)
        # While the last transaction failed for want of space, each look is a try whether it is over.
        if severity is self._severity and not self._store.disk_trouble:
            return ""
        try:
            await self._store.run(lambda draft: self._record(draft, severity, space=space))
        except StoreFailed:
            return ""
        self._severity = severity
        return ""

    def _judge(self, space: DiskSpace) -> Severity:
        if space.free_share < CRITICAL_SHARE or self._store.disk_trouble:
            return Severity.CRITICAL
        return Severity.WARNING if space.free_share < LOW_SHARE else Severity.CLEARED

    def _record(self, draft: Draft, severity: Severity, *, space: DiskSpace) -> None:
        what = f"the disk of the manager's data has {describe_space(space)}"
        advice = "" if severity is Severity.CLEARED else (
            "; when it is full, no change can be saved: free some space or move the data"
        )  # fmt: skip
        event = NewEvent(
            key=KEY,
            severity=severity,
            summary=what + advice,
            actor=Actor("system", draft.instance.id, "manager"),
            makes_status=True,
        )
        if severity is Severity.CLEARED:
            draft.clear_status(event)
        else:
            draft.record_event(event)
