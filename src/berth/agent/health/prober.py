"""All checks of an agent: one loop that begins each when its time has come."""

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from berth.agent.engine.protocol import Engine
from berth.agent.health.checks import check_network, check_script
from berth.agent.health.verdict import CheckState, Verdict, checked, fold_checks, pause_s
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.observed import SAME_START_S, PortBinding
from berth.domain.probes import probe_target
from berth.domain.spec import ENGINE_CHECK, Probe
from berth.domain.states import Health
from berth.runtime.aio import Side, run_until_first
from berth.runtime.clock import Clock
from berth.runtime.ids import jitter
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Checks over the network at once; each holds a connection.
AT_ONCE = 256

#: Scripts at once; each is a process that the engine starts.
SCRIPTS_AT_ONCE = 4

#: Checks that are due within this time begin together, the later ones early.
SLICE_S = 0.1

#: A container that has run for less has just started.
FRESH_S = 1.0


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A running container and how it is checked."""

    container_id: ContainerId
    #: Monotonic seconds.
    running_since: float
    #: Without those that the engine carries out.
    probes: tuple[Probe, ...] = ()
    #: What the engine says from its own check; none without one.
    image: CheckState | None = None
    ports: tuple[PortBinding, ...] = ()
    address: str = ""
    paused: bool = False


class _Check:
    """One probe of one container on its way from check to check."""

    __slots__ = ("begun_at", "followed", "probe", "state", "under_way")

    def __init__(self, probe: Probe, followed: "_Followed") -> None:
        self.probe = probe
        self.followed = followed
        self.state = CheckState()
        #: Whether it waits for its time or is being carried out.
        self.under_way = False
        #: Monotonic seconds.
        self.begun_at = 0.0


class _Followed:
    """A container and its checks."""

    __slots__ = ("_was_healthy", "checks", "dropped", "notify", "subject", "verdict")

    def __init__(self, subject: Subject, notify: Callable[[Verdict], None]) -> None:
        self.subject = subject
        self.notify = notify
        #: Whether the container is not checked any more.
        self.dropped = False
        self._was_healthy = False
        self.checks = [_Check(probe, self) for probe in subject.probes]
        self.verdict = self.fold()

    def fold(self) -> Verdict:
        states = {check.probe.label: check.state for check in self.checks}
        if self.subject.image is not None:
            states[ENGINE_CHECK] = self.subject.image
        verdict = fold_checks(states)
        self._was_healthy = self._was_healthy or verdict.health is Health.HEALTHY
        return msgspec.structs.replace(verdict, was_healthy=self._was_healthy)


class Prober:
    """The checks of all containers of the host; an idle one is no more than an entry in a heap."""

    def __init__(
        self, engine: Engine, clock: Clock, *, host_address: Callable[[], str] = str
    ) -> None:
        """``host_address`` returns the address under which published ports are reached."""
        self._engine = engine
        self._clock = clock
        self._host_address = host_address
        self._followed: dict[AssignmentId, _Followed] = {}
        self._heap: list[tuple[float, int, _Check]] = []
        self._count = itertools.count()
        self._scripts: deque[_Check] = deque()
        self._scripts_busy = 0
        self._tasks: set[asyncio.Task[str | None]] = set()
        self._changed = asyncio.Event()

    def follow(
        self, assignment_id: AssignmentId, subject: Subject, *, notify: Callable[[Verdict], None]
    ) -> Verdict:
        """Check a container from now on, or go on with what changed; return what is known.

        ``notify`` is called with each new verdict. Another container or another start of it begins
        again; a paused one keeps its verdict and is not checked.
        """
        known = self._followed.get(assignment_id)
        if known is None or _begins_afresh(known.subject, subject):
            self.forget(assignment_id)
            known = _Followed(subject, notify)
            self._followed[assignment_id] = known
            self._begin(known)
        else:
            resumed = known.subject.paused and not subject.paused
            known.subject = subject
            if resumed:
                self._begin(known)
        known.verdict = known.fold()
        return known.verdict

    def forget(self, assignment_id: AssignmentId) -> None:
        """Check the container of an assignment no more."""
        known = self._followed.pop(assignment_id, None)
        if known is not None:
            known.dropped = True

    def _begin(self, followed: _Followed) -> None:
        """Check at once what has just started, and the many that an agent finds one by one."""
        if followed.subject.paused:
            return
        now = self._clock.monotonic()
        fresh = now - followed.subject.running_since < FRESH_S
        for check in followed.checks:
            if not check.under_way:
                spread_s = 0.0 if fresh else pause_s(check.state, check.probe)
                self._schedule(check, now + jitter(0.0, spread_s))

    def _schedule(self, check: _Check, due: float) -> None:
        first = not self._heap or due < self._heap[0][0]
        check.under_way = True
        heapq.heappush(self._heap, (due, next(self._count), check))
        if first:
            self._changed.set()

    async def run(self) -> None:
        """Check for ever."""
        try:
            await run_loop(
                "probing",
                self._pass,
                wakeup=Wakeup(),
                resync_s=lambda: 0.0,
                clock=self._clock,
            )
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self) -> str:
        await self._wait()
        horizon = self._clock.monotonic() + SLICE_S
        while self._heap and self._heap[0][0] <= horizon and len(self._tasks) < AT_ONCE:
            self._carry_out(heapq.heappop(self._heap)[2])
        return ""

    async def _wait(self) -> None:
        """Wait until the next check is due and there is room for it."""
        self._changed.clear()
        waits: list[Side] = [self._changed.wait()]
        if self._heap and len(self._tasks) < AT_ONCE:
            wait_s = self._heap[0][0] - self._clock.monotonic()
            waits.append(self._clock.sleep(max(0.0, wait_s)))
        await run_until_first(*waits)

    def _carry_out(self, check: _Check) -> None:
        """Begin a check, unless its container is not followed any more or is paused."""
        if check.followed.dropped or check.followed.subject.paused:
            check.under_way = False
            return
        if check.probe.kind == "script":
            if self._scripts_busy >= SCRIPTS_AT_ONCE:
                self._scripts.append(check)
                return
            self._scripts_busy += 1
        check.begun_at = self._clock.monotonic()
        task = asyncio.create_task(self._ask(check))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(check, done))

    async def _ask(self, check: _Check) -> str | None:
        """Return the failure, "" for a success, none when nothing can be said."""
        subject, probe = check.followed.subject, check.probe
        if probe.kind == "script":
            return await check_script(probe, self._engine, container_id=subject.container_id)
        host_address = self._host_address() or "127.0.0.1"
        target = probe_target(
            probe,
            bindings=subject.ports,
            host_address=host_address,
            container_address=subject.address,
        )
        return await check_network(probe, target)

    def _ended(self, check: _Check, task: asyncio.Task[str | None]) -> None:
        if len(self._tasks) >= AT_ONCE:
            self._changed.set()
        self._tasks.discard(task)
        if task.cancelled():
            # The agent ends: nothing follows.
            return
        if check.probe.kind == "script":
            self._scripts_busy -= 1
            while self._scripts and self._scripts_busy < SCRIPTS_AT_ONCE:
                self._carry_out(self._scripts.popleft())
        check.under_way = False
        if check.followed.dropped:
            return
        broken = task.exception()
        if broken is not None:
            log.error("check %s broke off", check.probe.label, exc_info=broken)
            self._take_result(check, f"the agent failed to check: {broken}")
        else:
            self._take_result(check, task.result())

    def _take_result(self, check: _Check, failure: str | None) -> None:
        followed, before = check.followed, check.state
        now = self._clock.monotonic()
        if failure is not None:
            running_for_s = now - followed.subject.running_since
            check.state = checked(before, check.probe, failure=failure, running_for_s=running_for_s)
        wait_s = pause_s(check.state, check.probe)
        if before.health is not Health.HEALTHY and check.state.health is Health.HEALTHY:
            # Containers that started together shall not be checked together for ever.
            wait_s = jitter(0.1 * wait_s, wait_s)
        self._schedule(check, max(now, check.begun_at + wait_s))
        verdict = followed.fold()
        if verdict != followed.verdict:
            followed.verdict = verdict
            followed.notify(verdict)


def _begins_afresh(known: Subject, subject: Subject) -> bool:
    """Return whether it is another container, or another start of the same one."""
    restarted = abs(known.running_since - subject.running_since) > SAME_START_S
    return known.container_id != subject.container_id or restarted or known.probes != subject.probes
