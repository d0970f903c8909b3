"""The change feed: who wants to know is told what changed, in commit order."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

log = logging.getLogger(__name__)

#: So many of the last changes can be read again by revision.
HISTORY = 10_000


class Change(msgspec.Struct, frozen=True):
    """One record that changed; ``before`` or ``after`` is none when it was made or dropped."""

    revision: int
    #: Name of a durable table, or ``reports``, ``host_status``, ``inventory`` for what is observed.
    table: str
    key: str
    before: Any
    after: Any


Listener = Callable[[list[Change]], None]


class Feed:
    """Hands changes to listeners, at once and in order; a listener only notes what to look at."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._history: deque[Change] = deque(maxlen=HISTORY)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every later batch; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, changes: list[Change]) -> None:
        """Hand a batch to all listeners; one that fails is logged and does not stop the others."""
        self._history.extend(changes)
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("a listener of the change feed failed")
