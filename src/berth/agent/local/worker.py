"""The worker of one assignment: carries out one operation after the other until all is as wanted."""

import asyncio
import logging
from collections import deque

import msgspec

from berth.agent.containers.observed_container import ObservedContainer
from berth.agent.health.prober import Subject
from berth.agent.health.verdict import Verdict
from berth.agent.limits.limiter import CREATION, REMOVAL
from berth.agent.limits.pulls import ImageNeed, PullOutcome
from berth.agent.local import attempt as to
from berth.agent.local.attempt import AttemptState
from berth.agent.local.context import AgentContext, WorkerOwner
from berth.agent.local.executor import Executor
from berth.agent.local.operations import (
    Adopt,
    Begin,
    Conclude,
    Create,
    Fail,
    Gone,
    Inspect,
    Nothing,
    Operation,
    Pull,
    Remove,
    Start,
    Wait,
)
from berth.agent.local.step import Neighbours, is_renewed, step
from berth.agent.local.user_actions import UserAction
from berth.domain.calls import ContainerAction
from berth.domain.errors import EngineConflict, EngineError
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.images import pin_image
from berth.domain.states import Attempt, Intent
from berth.protocol.messages import AgentAssignment

log = logging.getLogger(__name__)

#: More actions than these at once on one container are refused.
ACTIONS_AT_MOST = 16

#: Operations that take one of the engine's places, by rank.
RANKS: dict[type[Operation], int] = {Remove: REMOVAL, Create: CREATION, Start: CREATION}

_NO_NEIGHBOURS = Neighbours()


class Worker:
    """One assignment: what is known of it, what is reported of it, what waits to be done.

    A task exists only while the engine is being asked for something; it ends when there is
    nothing to do before the next wake-up.
    """

    def __init__(
        self,
        assignment_id: AssignmentId,
        shared: AgentContext,
        *,
        keeper: WorkerOwner,
        known: bool,
        state: AttemptState | None = None,
    ) -> None:
        self.id = assignment_id
        self.assignment: AgentAssignment | None = None
        #: False until a set that this agent obeyed says whether the assignment is wanted: its
        #: containers are reported and otherwise left alone.
        self.known = known
        self.state = state or AttemptState()
        self.grace_s: float | None = None
        self._shared = shared
        self._keeper = keeper
        self._executor = Executor(shared, self)
        self._actions: deque[UserAction] = deque()
        self._task: asyncio.Task[None] | None = None
        self._need: ImageNeed | None = None
        #: Monotonic seconds.
        self._paused_until = 0.0

    def assign(self, assignment: AgentAssignment | None) -> None:
        """Take what the manager wants; none means that the assignment is not wanted."""
        self.known = True
        self.assignment = assignment
        # What was refused may not be asked for any more.
        self._paused_until = 0.0
        if assignment is not None:
            self.grace_s = assignment.spec.stop_grace_s
        self.wake()

    def release(self) -> None:
        """Leave what there is alone, and make nothing."""
        self.known, self.assignment = False, None
        self._drop_need()
        self.wake()

    def wake(self) -> None:
        """Decide again; safe at any time and as often as one likes."""
        if self._task is None:
            work = self._decide()
            if work is not None:
                self._task = asyncio.create_task(self._run(work))
                self._task.add_done_callback(self._ended)

    async def act(self, container_id: ContainerId, action: ContainerAction) -> None:
        """Carry out an action of a user after what is under way. Raises EngineError."""
        if len(self._actions) >= ACTIONS_AT_MOST:
            raise EngineConflict("too many actions wait for this container already; try again")
        queued = UserAction(container_id, action)
        self._actions.append(queued)
        self.wake()
        await queued.done

    async def close(self) -> None:
        """End the task; containers are not touched."""
        self._drop_need()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while self._actions:
            self._actions.popleft().done.cancel()

    def pause(self, wait_s: float, message: str) -> None:
        """Do nothing for a while but what users ask for; the engine refused an operation."""
        self._paused_until = self._shared.clock.monotonic() + wait_s
        self.become(msgspec.structs.replace(self.state, message=message))

    def made_room(self) -> None:
        """Note that a container of the assignment came or went."""
        self._keeper.made_room()

    @property
    def leaving(self) -> bool:
        """Whether what is left of the assignment is on its way out."""
        wanted = self.assignment is not None and self.assignment.intent is Intent.RUN
        return self.known and not wanted

    @property
    def stop_grace_s(self) -> float:
        """Return the seconds between the request to stop and the kill."""
        return self._shared.settings.stop_grace_s if self.grace_s is None else self.grace_s

    def _decide(self) -> Operation | UserAction | None:
        """Apply what needs no engine; return what does, or none when there is nothing to do now."""
        while self._keeper.ready:
            if self._actions:
                return self._actions.popleft()
            if self._shared.clock.monotonic() < self._paused_until:
                self._keeper.wake_at(self.id, self._paused_until)
                return None
            stale = self._shared.view.take_stale(self.id)
            if stale:
                return Inspect(stale)
            operation = self._step()
            if not self._apply(operation):
                return None if isinstance(operation, Nothing | Wait) else operation
        return None

    def _step(self) -> Operation:
        seen = self._shared.view.of(self.id)
        if not self.known:
            return self._observe(seen)
        neighbours = _NO_NEIGHBOURS
        if self.assignment is not None and not self.leaving:
            neighbours = self._keeper.neighbours(self.assignment)
        return step(
            self.assignment,
            self.state,
            seen=self._shared.stuck.without(seen),
            neighbours=neighbours,
            now=self._shared.clock.monotonic(),
        )

    def _observe(self, seen: list[ObservedContainer]) -> Operation:
        """Report what runs while nobody said whether it is wanted."""
        newest = max(seen, key=lambda one: (one.alive, one.age), default=None)
        if newest is None:
            return Nothing() if self.state.attempt == 0 or self.state.over else Conclude(None)
        if newest.alive:
            current = newest.id == self.state.container_id and newest.ports == self.state.ports
            return Nothing() if current and not self.state.over else Adopt(newest)
        return Nothing() if self.state.over else Conclude(newest)

    def _apply(self, operation: Operation) -> bool:
        """Carry out an operation that needs no engine; false when it was none."""
        match operation:
            case Nothing():
                self._follow_checks()
                self._keeper.wake_at(self.id, self._next_removal())
                self._forget_if_gone()
                return False
            case Wait(until, why, reported):
                if reported:
                    self.become(to.remarked(self.state, why))
                times = [time for time in (until, self._next_removal()) if time is not None]
                self._keeper.wake_at(self.id, min(times, default=None))
                return False
            case Begin(number):
                earlier = self.assignment.failures if self.assignment else 0
                self.become(to.begun(self.state, number, earlier_failures=earlier))
                self._shared.remember()
            case Adopt(container):
                self.become(self._adopted(container))
            case Conclude(container):
                self._conclude(container)
            case Fail(code, message):
                self.fail(code, message)
            case Pull():
                self._pull()
            case Gone():
                self._gone()
            case _:
                return False
        return True

    def _adopted(self, container: ObservedContainer) -> AttemptState:
        self._drop_need()
        floor = self.assignment.attempt_floor if self.assignment else 0
        return to.adopted(self.state, container, floor=floor, moment=self._shared.moment())

    def _conclude(self, container: ObservedContainer | None) -> None:
        if self.state.attempt == 0 and container is not None:
            self.state = msgspec.structs.replace(self.state, attempt=container.attempt)
        how = self._how(container)
        state = to.ended(
            self.state,
            container,
            how=how,
            settings=self._shared.settings,
            moment=self._shared.moment(),
            memory_bytes=self.assignment.spec.memory_bytes if self.assignment else 0,
        )
        log.info("%s: attempt %d is over: %s", self.title, state.attempt, state.message)
        if how in (to.AttemptEnd.FINAL, to.AttemptEnd.RETRIED):
            state = msgspec.structs.replace(state, bad_ends=self._bad_ends(container))
        self.become(state)
        if how in (to.AttemptEnd.FINAL, to.AttemptEnd.RETRIED):
            self._shared.remember()

    def _how(self, container: ObservedContainer | None) -> to.AttemptEnd:
        """Return what follows the end of the attempt's container."""
        assignment = self.assignment
        if not self.known:
            return to.AttemptEnd.FINAL
        if assignment is None:
            return to.AttemptEnd.REPLACED
        spec = assignment.spec
        if container is not None and is_renewed(assignment, container) and not self.leaving:
            return to.AttemptEnd.RENEWED
        if spec.restart:
            return to.AttemptEnd.REPLACED
        badly = container is not None and container.exit_code not in (None, 0)
        again = spec.retries < 0 or self._bad_ends(container) <= spec.retries
        return (
            to.AttemptEnd.RETRIED if badly and again and not self.leaving else to.AttemptEnd.FINAL
        )

    def _bad_ends(self, container: ObservedContainer | None) -> int:
        """Count the bad ends with this one, which may have been counted before a restart."""
        state = self.state
        if container is None or not container.exit_code:
            return state.bad_ends
        end = (container.attempt, container.exit_code)
        counted = state.over and (state.attempt, state.exit_code) == end
        return state.bad_ends + (0 if counted else 1)

    def fail(self, code: str, message: str) -> None:
        """Conclude an attempt that did not come to run."""
        log.warning("%s: attempt %d failed: %s", self.title, self.state.attempt, message)
        self.become(
            to.failed(
                self.state,
                code,
                message=message,
                settings=self._shared.settings,
                moment=self._shared.moment(),
            )
        )

    def _gone(self) -> None:
        self._drop_need()
        never_told = self.state.attempt == 0 and self.assignment is None
        floor = self.assignment.attempt_floor if self.assignment else 0
        state = to.removed(self.state, floor)
        if never_told:
            self.state = state
        else:
            self.become(state)

    def _forget_if_gone(self) -> None:
        if (
            self.known
            and self.assignment is None
            and self.state.state is Attempt.REMOVED
            and self._shared.reporter.settled(self.id)
        ):
            self._shared.reporter.forget(self.id)
            if not self._shared.view.of(self.id):
                self._keeper.forget(self.id)

    def _next_removal(self) -> float | None:
        """Return when to try again to remove what could not be removed, in monotonic seconds."""
        return self._shared.stuck.next_due(self._shared.view.of(self.id))

    def _verdict_of(self, state: AttemptState) -> Verdict:
        """Let the container of a state be checked, or not any more; return what is known."""
        prober = self._shared.prober
        seen = self._shared.view.get(ContainerId(state.container_id))
        if state.state is not Attempt.RUNNING or seen is None or state.running_since is None:
            prober.forget(self.id)
            return state.verdict if state.state is Attempt.STOPPING else Verdict()
        probes = self.assignment.spec.agent_probes if self.assignment is not None else ()
        subject = Subject(
            container_id=seen.id,
            running_since=state.running_since,
            probes=probes,
            image=seen.check,
            ports=seen.ports,
            address=seen.address or "",
            paused=state.paused,
        )
        return prober.follow(self.id, subject, notify=self._checked)

    def _follow_checks(self) -> None:
        """Take over what the engine says of its own check, and a container's new address."""
        if self.state.state is Attempt.RUNNING:
            self.become(self.state)

    def _checked(self, verdict: Verdict) -> None:
        self.state = msgspec.structs.replace(self.state, verdict=verdict)
        self._shared.reporter.put(self.id, self.state)

    def _pull(self) -> None:
        assert self.assignment is not None
        spec = self.assignment.spec
        self.become(to.pulling(self.state, f"pulling image {spec.image}"))
        hasty = self.state.attempt > 1 or self.state.failures > 0
        self._need = ImageNeed(self._pulled, self._pull_progress, hasty=hasty)
        digest = self._kept_digest()
        image = pin_image(spec.image, digest) if digest else spec.image
        self._shared.pulls.need(image, self._need, always=spec.pull and not digest)

    def _kept_digest(self) -> str:
        """Return the digest that its tag was resolved to once; "" when the tag is to be looked up."""
        assignment = self.assignment
        if assignment is None or not self._shared.pins_image(assignment.spec):
            return ""
        return assignment.image_digest or self.state.image_digest

    def _pulled(self, outcome: PullOutcome) -> None:
        self._need = None
        if self.state.state is not Attempt.PULLING:
            return
        if outcome.engine_away:
            self.state = msgspec.structs.replace(self.state, image=to.Image.NEEDED)
            self._shared.engine_lost()
        elif outcome.code:
            self.fail(outcome.code, outcome.message)
        else:
            self.state = to.pulled(
                self.state,
                outcome.message,
                pulled_at=outcome.pulled_at,
                has_check=outcome.facts.has_check,
                digest=outcome.facts.digest,
                reference=outcome.reference if self._kept_digest() else "",
            )
        self.wake()

    def _pull_progress(self, message: str) -> None:
        if self.state.state is Attempt.PULLING:
            self.become(msgspec.structs.replace(self.state, message=message))

    def _drop_need(self) -> None:
        if self._need is not None:
            self._shared.pulls.take_back(self._need)
            self._need = None

    async def _run(self, work: Operation | UserAction | None) -> None:
        while work is not None:
            rank = RANKS.get(type(work)) if isinstance(work, Operation) else None
            if rank is None:
                await self._executor.perform(work)
                work = self._decide()
            else:
                work = await self._run_in_place(rank)

    async def _run_in_place(self, rank: int) -> Operation | UserAction | None:
        """Carry out what is right once the place is there; a start follows its create at once."""
        async with self._shared.limiter.hold(rank):
            work = self._decide()
            while isinstance(work, Operation) and RANKS.get(type(work)) == rank:
                await self._executor.perform(work)
                work = self._decide()
                if not isinstance(work, Start):
                    break
        return work

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled():
            return
        failure = task.exception()
        if failure is not None and not isinstance(failure, EngineError):
            log.error("%s: an operation broke off; it is tried again in 10 s", self.title,
                      exc_info=failure)  # fmt: skip
            self._keeper.wake_at(self.id, self._shared.clock.monotonic() + 10.0)
        else:
            self.wake()

    def become(self, state: AttemptState) -> None:
        """Take a new state and report it."""
        first_run = state.ran and not self.state.ran
        state = msgspec.structs.replace(state, verdict=self._verdict_of(state))
        self.state = state
        if first_run and self.assignment is not None and not self.assignment.spec.restart:
            self._shared.remember()
        self._shared.reporter.put(self.id, state)

    @property
    def title(self) -> str:
        """Return what the log calls the assignment."""
        return self.assignment.name if self.assignment else f"assignment {self.id}"
