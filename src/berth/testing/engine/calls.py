"""How every call of the simulated engine begins: counted, in time, and with planted failures."""

import asyncio
from collections.abc import Mapping
from typing import Any

from berth.domain.errors import EngineTimeout, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.runtime.aio import run_until_first
from berth.runtime.clock import Clock, SystemClock
from berth.testing.engine.container import SimulatedContainer
from berth.testing.engine.hands import EngineHands
from berth.testing.engine.registry import SimulatedRegistry

_READS = frozenset(
    {
        "ping", "info", "list_containers", "inspect", "events", "logs",
        "follow_logs", "read_counters",
        "find_image", "list_images", "inspect_image", "read_history", "list_networks",
        "list_volumes",
    }
)  # fmt: skip


class SimulatedCalls(EngineHands):
    """The ground of the simulated engine's calls."""

    def __init__(
        self,
        name: str = "engine",
        *,
        clock: Clock | None = None,
        registry: SimulatedRegistry | None = None,
        latencies: Mapping[str, float] | None = None,
    ) -> None:
        """Take seconds per method name as ``latencies``; an own registry has every image.

        The clock sets the times in lists and documents, and waits for latencies, stop graces and
        the deadlines of calls to a frozen engine.
        """
        self._clock = clock or SystemClock()
        super().__init__(name, clock=self._clock, registry=registry or SimulatedRegistry())
        self.latencies = dict(latencies or {})
        #: Programs that were started in containers, oldest first.
        self.programs: list[Any] = []

    async def _enter(self, operation: str, what: str, *, deadline_s: float | None = None) -> None:
        self.calls[operation] += 1
        if not self._answers.is_set():
            usual_s = self.read_s if operation in _READS else self.change_s
            await self._wait_for_thaw(usual_s if deadline_s is None else deadline_s, what)
        # A pull or push passes its time bit by bit.
        at_once = operation in ("pull", "push")
        await self._pass_time(0.0 if at_once else self.latencies.get(operation, 0.0))
        self._check_reachable(what)
        if planted := self._planted.get(operation):
            raise planted.pop(0)

    async def _enter_at(self, operation: str, container_id: ContainerId) -> SimulatedContainer:
        what = f"{operation} container {container_id[:12]}"
        await self._enter(operation, what)
        return self._model.get(container_id, what)

    def _check_reachable(self, what: str) -> None:
        if self._is_down:
            raise EngineUnreachable(
                f"cannot {what}: the engine {self.name} does not answer (Connection refused)"
            )

    async def _pass_time(self, seconds: float) -> None:
        await (self._clock.sleep(seconds) if seconds > 0 else asyncio.sleep(0))

    async def _wait_for_thaw(self, deadline_s: float, what: str) -> None:
        await run_until_first(self._answers.wait(), self._clock.sleep(deadline_s))
        if not self._answers.is_set():
            raise EngineTimeout(
                f"cannot {what}: the engine {self.name} gave no answer within {deadline_s:g} s"
            )
