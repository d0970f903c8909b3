"""Alarms: one wake-up per assignment at a time, on any clock."""

import asyncio
from collections.abc import Callable

from berth.domain.ids import AssignmentId
from berth.runtime.clock import Clock


class Timers:
    """Rings for assignments whose time has come, with one sleeping task for all."""

    def __init__(self, clock: Clock, ring: Callable[[AssignmentId], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due: dict[AssignmentId, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._armed_for = float("inf")

    def set(self, assignment_id: AssignmentId, due: float) -> None:
        """Ring at a monotonic time; a new time takes the place of the old one."""
        if self._due.get(assignment_id) == due:
            return
        self._due[assignment_id] = due
        if due < self._armed_for:
            self._arm()

    def clear(self, assignment_id: AssignmentId) -> None:
        """Do not ring for the assignment."""
        self._due.pop(assignment_id, None)

    async def close(self) -> None:
        """End the sleeping task."""
        self._due.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _arm(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._armed_for = min(self._due.values())
        self._task = asyncio.create_task(self._sleep())

    async def _sleep(self) -> None:
        try:
            while self._due:
                self._armed_for = min(self._due.values())
                await self._clock.sleep(self._armed_for - self._clock.monotonic())
                self._ring_ready()
        finally:
            if self._task is asyncio.current_task():
                self._armed_for = float("inf")

    def _ring_ready(self) -> None:
        now = self._clock.monotonic()
        ready = [one for one, due in self._due.items() if due <= now]
        for assignment_id in ready:
            del self._due[assignment_id]
        # What the rings set is seen by the next turn of the loop; it need not arm again.
        self._armed_for = float("-inf")
        for assignment_id in ready:
            self._ring(assignment_id)
