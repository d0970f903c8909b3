"""Watches the engine: its events as they come, and its full list every now and then."""

import asyncio
import logging
from collections.abc import Sequence

from berth.agent.containers.observed_container import ContainerState, seen_in_inspect, seen_in_list
from berth.agent.local.context import AgentContext
from berth.agent.local.supervisor import Supervisor
from berth.agent.reports.containers import ContainerList
from berth.agent.reports.facts import HostFactsReader
from berth.domain.errors import EngineError, EngineNotFound
from berth.domain.observed import EngineContainer
from berth.runtime.complaint import Complaint
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: First and longest wait for an engine that does not answer.
RETRY_S = (0.2, 5.0)


class EngineWatch:
    """Keeps the workers and the inventory informed about the engine."""

    def __init__(
        self,
        shared: AgentContext,
        *,
        supervisor: Supervisor,
        inventory: ContainerList,
        host: HostFactsReader,
    ) -> None:
        self._shared = shared
        self._supervisor = supervisor
        self._inventory = inventory
        self._host = host
        self._wakeup = Wakeup()
        self._lock = asyncio.Lock()
        self._asked = 0
        self._served = 0
        self._retry_s = 0.0
        self._complaint = Complaint(log, shared.clock)
        self.first = asyncio.Event()

    def lost(self) -> None:
        """Note that a request had no answer; a list decides whether the engine is back."""
        self._supervisor.engine_lost()
        self._wakeup.set()

    async def run(self) -> None:
        """Follow the engine for ever, through its restarts."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_lists())
            group.create_task(self._run_events())

    async def refresh(self) -> None:
        """List the containers; asked for by many at once, one list serves them all."""
        self._asked += 1
        turn = self._asked
        async with self._lock:
            if self._served >= turn:
                return
            began = self._asked
            await self._list()
            self._served = began

    async def _run_lists(self) -> None:
        await run_loop(
            "listing containers",
            self._list_pass,
            wakeup=self._wakeup,
            resync_s=lambda: self._retry_s or self._shared.settings.engine_resync_s,
            clock=self._shared.clock,
        )

    async def _list_pass(self) -> str:
        try:
            self._host.engine_answered(await self._shared.engine.info())
            await self.refresh()
        except EngineError as exc:
            self._failed(exc)
        return ""

    def _failed(self, failure: EngineError) -> None:
        self._supervisor.engine_lost()
        self._host.engine_failed(str(failure))
        self._retry_s = min(max(self._retry_s * 2, RETRY_S[0]), RETRY_S[1])
        self._complaint.log_once(
            f"the container engine does not answer; it is tried again and again: {failure}"
        )

    async def _list(self) -> None:
        mark = self._shared.view.mark()
        containers = await self._shared.engine.list_containers()
        if not self.first.is_set():
            await self._look_at_ended(containers)
        self._retry_s = 0.0
        self._host.engine_answered()
        self._complaint.log_end("the container engine answers again")
        self._inventory.apply_list(containers)
        self._supervisor.apply_list(containers, mark)
        self.first.set()

    async def _look_at_ended(self, containers: Sequence[EngineContainer]) -> None:
        """Learn how ours ended while no agent was there, before anything is reported."""
        for container in containers:
            if not self._shared.owner.owns(container.labels):
                continue
            if seen_in_list(container).life is ContainerState.ENDED:
                try:
                    document = await self._shared.engine.inspect(container.id)
                except EngineNotFound:
                    continue
                self._shared.view.put(seen_in_inspect(document))

    async def _run_events(self) -> None:
        await run_loop(
            "following the engine's events",
            self._follow,
            wakeup=Wakeup(),
            resync_s=lambda: max(self._retry_s, RETRY_S[0]),
            clock=self._shared.clock,
        )

    async def _follow(self) -> str:
        """Follow until the stream ends; a list catches what happened before it began."""
        try:
            async with self._shared.engine.events() as events:
                self._wakeup.set()
                self._shared.images.mark_old()
                async for event in events:
                    self._shared.images.apply_event(event)
                    self._inventory.apply_event(event)
                    self._supervisor.apply_event(event)
        except EngineError:
            self.lost()
        return ""
