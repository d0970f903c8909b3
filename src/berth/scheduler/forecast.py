"""What a deployment comes to, plan after plan, if every container becomes healthy."""

import copy
from collections.abc import Iterable
from typing import TypeVar, cast

import msgspec

from berth.domain.fleet import Fleet, FleetTables, Observed
from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.observed import ContainerReport
from berth.domain.plan import Plan, Unplaced
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import find_result, is_gone, is_job
from berth.domain.states import Attempt, Health, HostState, Intent
from berth.domain.table import Layer, Overlay, TableView
from berth.domain.volume_homes import new_homes
from berth.scheduler.planner import plan_deployment

V = TypeVar("V")

#: A slot of the deployment.
_Slot = tuple[ServiceKey, int]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A slot on a host, and the step in which it gets there or leaves; 0 for what stays."""

    service: ServiceKey
    slot: int
    host_id: HostId
    step: int = 0
    #: Why it ends; "" for what does not.
    reason: str = ""


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A slot whose container is replaced by a new one."""

    service: ServiceKey
    slot: int
    from_host_id: HostId
    to_host_id: HostId
    step: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is different when nothing changes any more."""

    kept: tuple[Place, ...] = ()
    placed: tuple[Place, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    ended: tuple[Place, ...] = ()
    #: Slots without a host, and slots that stay where they should not.
    unplaced: tuple[Unplaced, ...] = ()
    held: tuple[Unplaced, ...] = ()
    steps: int = 0
    #: Whether it goes on after the last step that was taken.
    more: bool = False


class Forecast:
    """A copy of the fleet, laid over it, in which deployments are brought to their end.

    Take steps until ``is_over``. What others change in the fleet meanwhile shows through, so
    a caller may let them have their turn between two steps.
    """

    def __init__(
        self, tables: FleetTables, deployment_ids: Iterable[DeploymentId], *, now: float
    ) -> None:
        self._world = _World(tables)
        self._now = now
        self._courses = [_Course(self._world, each) for each in deployment_ids]
        self._next = 0
        #: Courses in a row that changed nothing.
        self._quiet = 0
        for course in self._courses:
            course.obey()

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self._quiet >= len(self._courses)

    @property
    def steps(self) -> int:
        """How many rounds were begun."""
        return max((course.steps for course in self._courses), default=0)

    def take_step(self) -> None:
        """Plan the next deployment once, apply that, and let the agents do it."""
        course = self._courses[self._next]
        self._next = (self._next + 1) % len(self._courses)
        self._quiet = 0 if course.take_step(now=self._now) else self._quiet + 1

    def describe(self) -> dict[DeploymentId, Outcome]:
        """Return what has become of every slot so far."""
        return {each.deployment_id: each.describe(more=not self.is_over) for each in self._courses}


class _Course:
    """One deployment on its way."""

    def __init__(self, world: "_World", deployment_id: DeploymentId) -> None:
        self._world = world
        self.deployment_id = deployment_id
        self._before = [a for a in self._assignments() if a.wanted]
        #: Assignments whose agents have something to do.
        self._open = [a.id for a in self._assignments()]
        self._steps: dict[AssignmentId, int] = {}
        self._reasons: dict[AssignmentId, str] = {}
        self._plan = Plan()
        self.steps = 0

    def take_step(self, *, now: float) -> bool:
        """Plan, apply and obey once; return whether that changed anything."""
        deployment = self._deployment()
        self._plan = plan = plan_deployment(Fleet(self._world), deployment, now=now)
        self.steps += 1
        self._apply(deployment, plan, now=now)
        self.obey()
        return bool(plan.changes or plan.begun or plan.more)

    def describe(self, *, more: bool) -> Outcome:
        """Return what has become of every slot so far."""
        after = {_slot_of(a): a for a in self._assignments() if a.wanted}
        before: dict[_Slot, list[Assignment]] = {}
        for assignment in self._before:
            before.setdefault(_slot_of(assignment), []).append(assignment)
        kept, placed, ended, replaced = [], [], [], []
        for slot in sorted(before.keys() | after.keys()):
            old, new = before.get(slot, []), after.get(slot)
            same = next((a for a in old if new is not None and a.id == new.id), None)
            if same is not None:
                kept.append(self._place(same))
            elif new is not None and old:
                replaced.append(self._replacement(old.pop(0), new))
            elif new is not None:
                placed.append(self._place(new))
            ended += [self._place(a) for a in old if a is not same]
        return Outcome(
            kept=tuple(kept),
            placed=tuple(placed),
            replaced=tuple(replaced),
            ended=tuple(ended),
            unplaced=self._plan.unplaced,
            held=self._plan.held,
            steps=self.steps,
            more=more,
        )

    def _place(self, assignment: Assignment) -> Place:
        return Place(
            service=assignment.service,
            slot=assignment.slot,
            host_id=assignment.host_id,
            step=self._steps.get(assignment.id, 0),
            reason=self._reasons.get(assignment.id, ""),
        )

    def _replacement(self, old: Assignment, new: Assignment) -> Replacement:
        return Replacement(
            service=new.service,
            slot=new.slot,
            from_host_id=old.host_id,
            to_host_id=new.host_id,
            step=self._steps.get(new.id, 0),
        )

    def _apply(self, deployment: Deployment, plan: Plan, *, now: float) -> None:
        world = self._world
        for assignment_id in plan.forget:
            world.assignments.drop(assignment_id)
        for ending in plan.endings:
            assignment = world.assignments.get(ending.assignment_id)
            if assignment is not None and assignment.wanted:
                world.assignments.put(msgspec.structs.replace(assignment, intent=Intent.END))
                self._note(assignment.id, reason=ending.reason)
        if plan.begun:
            begun = (*deployment.begun, *plan.begun)
            world.deployments.put(msgspec.structs.replace(deployment, begun=begun))
        services = {service.key: service for service in deployment.services}
        for number, placement in enumerate(plan.placements):
            assignment = Assignment(
                id=AssignmentId(f"{deployment.id}, step {self.steps}, {number}"),
                deployment_id=deployment.id,
                service=placement.service,
                slot=placement.slot,
                host_id=placement.host_id,
                spec=services[placement.service].container,
                spec_hash=placement.spec_hash,
                created_at=now + self.steps,
            )
            world.assignments.put(assignment)
            self._note(assignment.id)
        for new in plan.exclusions:
            others = world.planned.exclusions.get(new.slot_id, ())
            world.planned.exclusions[new.slot_id] = (*others, new.exclusion)

    def _note(self, assignment_id: AssignmentId, *, reason: str = "") -> None:
        self._steps[assignment_id] = self.steps
        self._reasons[assignment_id] = reason
        self._open.append(assignment_id)

    def obey(self) -> None:
        """Let the agents that can be heard do what is wanted; everything they start is healthy."""
        world, fleet, deployment = self._world, Fleet(self._world), self._deployment()
        hashes = {service.key: deployment.hash_of(service) for service in deployment.services}
        for assignment in filter(None, map(world.assignments.get, self._open)):
            status = fleet.status_of(assignment.host_id)
            if status.state is not HostState.ACTIVE or not status.metrics.engine_reachable:
                continue
            if not assignment.wanted:
                if not is_gone(fleet, assignment):
                    world.report(assignment, Attempt.REMOVED)
            elif assignment.spec_hash != hashes.get(assignment.service):
                continue
            elif find_result(fleet, assignment) is None:
                if is_job(deployment, assignment):
                    world.report(assignment, Attempt.ENDED, exit_code=0)
                else:
                    world.report(assignment, Attempt.RUNNING, health=Health.HEALTHY)
        self._open = []
        for home in list(new_homes(fleet, deployment)):
            world.volume_homes.put(home)

    def _assignments(self) -> Iterable[Assignment]:
        return self._world.assignments.find("deployment", self.deployment_id)

    def _deployment(self) -> Deployment:
        deployment = self._world.deployments.get(self.deployment_id)
        if deployment is None:  # who asks has it in the tables
            raise KeyError(self.deployment_id)
        return deployment


class _World:
    """The tables of a fleet, with room for what never happens."""

    def __init__(self, tables: FleetTables) -> None:
        self.pools = tables.pools
        self.hosts = tables.hosts
        self.keys = tables.keys
        self.settings = tables.settings
        self.deployments = _overlay(tables.deployments)
        self.assignments = _overlay(tables.assignments)
        self.volume_homes = _overlay(tables.volume_homes)
        self.observed = _copy(tables.observed)
        self.planned = copy.copy(tables.planned)
        self.planned.exclusions = dict(tables.planned.exclusions)

    def report(
        self,
        assignment: Assignment,
        state: Attempt,
        *,
        exit_code: int | None = None,
        health: Health = Health.NONE,
    ) -> None:
        """Let an agent report."""
        self.observed.reports[assignment.id] = ContainerReport(
            assignment_id=assignment.id,
            attempt=1,
            state=state,
            agent_epoch=0,
            sequence=0,
            container_id=assignment.id,
            exit_code=exit_code,
            health=health,
        )
        if state is Attempt.RUNNING:  # since long enough to be relied on
            self.observed.running_since[assignment.id] = 0.0


def _overlay(table: TableView[V]) -> Overlay[V]:
    """Lay an overlay over a table; that of a fleet is a table or an overlay itself."""
    return Overlay(cast(Layer[V], table))


def _copy(observed: Observed) -> Observed:
    """Copy what changes here; the rest is shared."""
    copied = copy.copy(observed)
    copied.reports = dict(observed.reports)
    copied.running_since = dict(observed.running_since)
    return copied


def _slot_of(assignment: Assignment) -> _Slot:
    return assignment.service, assignment.slot
