"""Revisions: handed out from a durably reserved block, so that they grow over a crash too."""

from collections.abc import Iterable
from typing import Any

from berth.store.feed import Change, Feed
from berth.store.memory import Memory
from berth.store.sql.database import BLOCK

#: Table, key, record before, record after.
Changed = tuple[str, str, Any, Any]


class Revisions:
    """Numbers changes and publishes them; waits with observed ones when the block is used up."""

    def __init__(self, memory: Memory, feed: Feed) -> None:
        self._memory = memory
        self._feed = feed
        #: Revisions below this one may be used.
        self.reserved = memory.revision + BLOCK
        #: Observed changes that wait for revisions, folded so that each record waits once.
        self._held: dict[tuple[str, str], tuple[Any, Any]] = {}

    @property
    def room(self) -> int:
        """How many revisions may be used before more must be reserved."""
        return self.reserved - 1 - self._memory.revision

    @property
    def low(self) -> bool:
        """Whether it is time to reserve more."""
        return bool(self._held) or self.room < BLOCK // 2

    def plan_reserve(self, changes: int) -> int:
        """Return the ``reserved`` that a transaction of this many changes must write.

        Each transaction reserves what it needs on top, so observed changes that come while it
        runs cannot take its revisions.
        """
        more = len(self._held) + BLOCK if self.low else 0
        return self.reserved + changes + more

    def publish_commit(self, changes: list[Changed], reserved: int) -> None:
        """Publish what a transaction wrote, after it made ``reserved`` durable."""
        self.reserved = reserved
        if self._held and self.room - len(changes) >= len(self._held):
            held, self._held = self._held, {}
            self._publish((table, key, *pair) for (table, key), pair in held.items())
        self._publish(changes)

    def publish_observed(self, changes: list[Changed]) -> None:
        """Publish observed changes at once, or, without revisions for them, after the next commit."""
        if not self._held and len(changes) <= self.room:
            self._publish(changes)
            return
        for table, key, before, after in changes:
            first, _ = self._held.get((table, key), (before, None))
            self._held[table, key] = (first, after)

    def _publish(self, changes: Iterable[Changed]) -> None:
        published = []
        revision = self._memory.revision
        for revision, (table, key, before, after) in enumerate(changes, start=revision + 1):  # noqa: B020
            published.append(Change(revision, table, key, before, after))
        self._memory.revision = revision
        if published:
            self._feed.publish(published)
