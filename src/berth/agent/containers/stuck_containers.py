"""Containers that do not run and that the engine cannot remove: nothing waits for them."""

import logging
from collections.abc import Callable, Iterable

from berth.agent.containers.container_view import ContainerView
from berth.agent.containers.observed_container import ObservedContainer
from berth.domain.errors import EngineError
from berth.domain.ids import ContainerId
from berth.domain.observed import StuckContainer
from berth.domain.settings import Settings
from berth.runtime.backoff import backoff_s
from berth.runtime.clock import Clock

log = logging.getLogger(__name__)

#: At most this many are reported to the manager, each with at most this much of the engine's words.
REPORTED_AT_MOST = 16
WORDS_AT_MOST = 500


class _Stuck:
    """One container, and what became of the attempts to remove it."""

    def __init__(self) -> None:
        self.failures = 0
        #: Monotonic seconds before which it is not tried again.
        self.due = 0.0
        self.message = ""


class StuckContainers:
    """Which containers could not be removed, and when the next try is due; waits grow."""

    def __init__(
        self, view: ContainerView, *, clock: Clock, settings: Callable[[], Settings]
    ) -> None:
        self._view = view
        self._clock = clock
        self._settings = settings
        self._stuck: dict[ContainerId, _Stuck] = {}

    def note(self, container_id: ContainerId, failure: EngineError) -> None:
        """Note that a removal failed."""
        stuck = self._stuck.setdefault(container_id, _Stuck())
        stuck.failures += 1
        settings = self._settings()
        wait_s = backoff_s(
            stuck.failures + 1, first_s=settings.backoff_first_s, longest_s=settings.backoff_max_s
        )
        stuck.due = self._clock.monotonic() + wait_s
        stuck.message = str(failure)[:WORDS_AT_MOST]
        log.warning("container %s stays, its removal is tried again in %.0f s: %s",
                    container_id[:12], wait_s, failure)  # fmt: skip

    def holds(self, container_id: ContainerId) -> bool:
        """Whether a container could not be removed."""
        return container_id in self._stuck

    def without(self, seen: Iterable[ObservedContainer]) -> list[ObservedContainer]:
        """Leave out those that do not run and whose removal is not due."""
        now = self._clock.monotonic()
        return [
            one for one in seen if one.alive or one.id not in self._stuck
            or self._stuck[one.id].due <= now
        ]  # fmt: skip

    def next_due(self, seen: Iterable[ObservedContainer]) -> float | None:
        """Return when the next removal of one of these is due, in monotonic seconds."""
        dues = [self._stuck[one.id].due for one in seen if one.id in self._stuck]
        return min(dues, default=None)

    def describe(self) -> tuple[StuckContainer, ...]:
        """Return what is reported to the manager; what is gone is forgotten."""
        for container_id in [each for each in self._stuck if self._view.get(each) is None]:
            del self._stuck[container_id]
        reported = list(self._stuck.items())[:REPORTED_AT_MOST]
        return tuple(
            StuckContainer(container_id, self._name_of(container_id), stuck.message)
            for container_id, stuck in reported
        )

    def _name_of(self, container_id: ContainerId) -> str:
        seen = self._view.get(container_id)
        return seen.name if seen is not None else container_id[:12]
