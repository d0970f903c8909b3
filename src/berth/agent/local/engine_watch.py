"""Watches the engine: its pulse, its events as they come, and its full list every now and then."""

import asyncio
import logging
from collections.abc import Sequence

from berth.agent.containers.observed_container import ContainerState, seen_in_inspect, seen_in_list
from berth.agent.engine.pulse import INTERVAL_S
from berth.agent.local.context import AgentContext
from berth.agent.local.supervisor import Supervisor
from berth.domain.errors import EngineError, EngineNotFound
from berth.domain.observed import EngineContainer
from berth.runtime.complaint import Complaint
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: First and longest wait for an engine that does not answer.
RETRY_S = (0.2, 5.0)

#: The engine is asked about itself this often; sooner after a failure.
INFO_S, INFO_RETRY_S = 60.0, 5.0


class EngineWatch:
    """Keeps the workers and the inventory informed about the engine."""

    def __init__(self, shared: AgentContext, supervisor: Supervisor) -> None:
        shared.refresh, shared.engine_lost = self.refresh, self.lost
        self._shared = shared
        self._supervisor = supervisor
        self._wakeup = Wakeup()
        self._lock = asyncio.Lock()
        self._asked = 0
        self._served = 0
        self._retry_s = 0.0
        self._info_failed = False
        self._complaint = Complaint(log, shared.clock)
        #: Set once the engine listed its containers, and once it described itself.
        self.first, self._described = asyncio.Event(), asyncio.Event()

    def lost(self) -> None:
        """Note that a request had no answer; a list decides whether the engine is back."""
        self._supervisor.engine_lost()
        self._wakeup.set()

    async def wait_first(self, longest_s: float) -> None:
        """Wait until the engine was listed and described, at most for this time."""
        try:
            async with asyncio.timeout(longest_s):
                await self.first.wait()
                await self._described.wait()
        except TimeoutError:
            pass

    async def run(self) -> None:
        """Follow the engine for ever, through its restarts."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_pulse())
            group.create_task(self._run_lists())
            group.create_task(self._run_events())
            group.create_task(self._run_info())

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

    async def _run_pulse(self) -> None:
        await run_loop(
            "feeling the engine's pulse",
            self._beat,
            wakeup=Wakeup(),
            resync_s=lambda: min(INTERVAL_S, self._shared.settings.host_ttl_s / 2),
            clock=self._shared.clock,
        )

    async def _beat(self) -> str:
        if not await self._shared.pulse.beat():
            self._supervisor.engine_lost()
            self._complain()
        elif not self._supervisor.ready:
            self._wakeup.set()
        return ""

    async def _run_info(self) -> None:
        await run_loop(
            "asking the engine about itself",
            self._ask_about_itself,
            wakeup=Wakeup(),
            resync_s=lambda: INFO_RETRY_S if self._info_failed else INFO_S,
            clock=self._shared.clock,
        )

    async def _ask_about_itself(self) -> str:
        """Information alone: an engine that is slow to answer this is alive all the same."""
        try:
            self._shared.host.note_engine(await self._shared.engine.info())
        except EngineError as exc:
            log.debug("the engine did not describe itself: %s", exc)
            self._info_failed = True
        else:
            self._info_failed = False
            self._described.set()
        return ""

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
            self._shared.pulse.list_began()
            await self.refresh()
        except EngineError as exc:
            self._shared.pulse.list_failed(exc)
            self._supervisor.engine_lost()
            self._retry_s = min(max(self._retry_s * 2, RETRY_S[0]), RETRY_S[1])
            self._complain()
        return ""

    def _complain(self) -> None:
        self._complaint.log_once(
            "the container engine does not answer; it is tried again and again: "
            f"{self._shared.pulse.message}"
        )

    async def _list(self) -> None:
        mark = self._shared.view.mark()
        containers = await self._shared.engine.list_containers()
        if not self.first.is_set():
            await self._inspect_idle(containers)
        self._retry_s = 0.0
        self._shared.pulse.listed()
        self._complaint.log_end("the container engine answers again")
        self._shared.inventory.apply_list(containers)
        self._supervisor.apply_list(containers, mark)
        self.first.set()

    async def _inspect_idle(self, containers: Sequence[EngineContainer]) -> None:
        """Learn whether and how ours ended while no agent was there, before anything is reported."""
        for container in containers:
            if not self._shared.owner.owns(container.labels):
                continue
            if seen_in_list(container).life in (ContainerState.ENDED, ContainerState.CREATED):
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
                    self._shared.inventory.apply_event(event)
                    self._supervisor.apply_event(event)
        except EngineError:
            self.lost()
        return ""
