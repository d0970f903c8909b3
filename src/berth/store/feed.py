"""The change feed: listeners get every change, in commit order."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from berth.domain.errors import ResyncRequired

log = logging.getLogger(__name__)

#: How many of the last changes can be read again by revision.
HISTORY = 10_000


class Change(msgspec.Struct, frozen=True):
    """One record that changed; ``before`` or ``after`` is none when it was made or dropped."""

    revision: int
    #: Name of a durable table, ``settings``, or, for what is observed, ``reports``,
    #: ``host_status``, ``inventory`` (by host: ids of containers that went, and that came or
    #: changed), ``images``, ``volumes``.
    table: str
    key: str
    before: Any
    after: Any


Listener = Callable[[list[Change]], None]


class Feed:
    """Hands changes to listeners, at once and in order; a listener only notes what to read."""

    def __init__(self, *, newest: int = 0) -> None:
        self._listeners: list[Listener] = []
        self._history: deque[Change] = deque(maxlen=HISTORY)
        #: Changes after this revision are all in the history.
        self._known_from = newest
        self._newest = newest

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every later batch; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, changes: list[Change]) -> None:
        """Hand a batch to all listeners; one that fails is logged and does not stop the others."""
        self._note(changes)
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("a listener of the change feed failed")

    def check_known(self, revision: int) -> None:
        """Raise ``ResyncRequired`` when the history does not reach back so far, or never was so far."""
        if not self._known_from <= revision <= self._newest:
            raise ResyncRequired(
                f"Changes since revision {revision} are not known here; read everything again."
            )

    def changes_since(self, revision: int) -> list[Change]:
        """Return every change after that revision, oldest first; raises ``ResyncRequired``."""
        self.check_known(revision)
        found: list[Change] = []
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            found.append(change)
        found.reverse()
        return found

    def _note(self, changes: list[Change]) -> None:
        if not changes:
            return
        too_many = len(self._history) + len(changes) - HISTORY
        if too_many > 0:
            gone = (
                self._history[too_many - 1]
                if too_many <= len(self._history)
                else (changes[too_many - len(self._history) - 1])
            )
            self._known_from = gone.revision
        self._history.extend(changes)
        self._newest = changes[-1].revision
