"""The order of a deployment's services: phases ascending, then what depends on what."""

from collections.abc import Iterator, Sequence

import msgspec

from berth.domain.fleet import Fleet
from berth.domain.ids import ServiceKey
from berth.domain.records import Assignment
from berth.domain.slots import find_result
from berth.domain.spec import Dependency, ServiceSpec
from berth.domain.states import Attempt
from berth.scheduler.slots import SlotView


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a service has come, as those that wait for it see it."""

    wanted: int
    #: Wanted slots whose container runs, whatever its health.
    started: int
    satisfied: int
    completed: int
    #: Wanted slots that have a container, running or not.
    made: int
    #: Whether a slot is outdated or not satisfied.
    waits: bool
    #: Whether its containers have probes.
    probed: bool

    @property
    def holds_back(self) -> bool:
        """Whether later services are not let through to their first fill."""
        return self.satisfied < self.wanted


def measure_standing(fleet: Fleet, service: ServiceSpec, *, views: Sequence[SlotView]) -> Standing:
    """Count how far the wanted slots of a service have come."""
    wanted = [view for view in views if view.wanted is not None]
    filled = [view.current[0] for view in wanted if view.current]
    return Standing(
        wanted=len(wanted),
        started=sum(_has_started(fleet, assignment) for assignment in filled),
        satisfied=sum(view.satisfied for view in wanted),
        completed=sum(find_result(fleet, assignment) == 0 for assignment in filled),
        made=sum(_has_container(fleet, assignment) for assignment in filled),
        waits=any(view.waits for view in wanted),
        probed=bool(service.container.probes),
    )


def _has_started(fleet: Fleet, assignment: Assignment) -> bool:
    report = fleet.report_of(assignment.id)
    runs = report is not None and report.state is Attempt.RUNNING
    return runs or find_result(fleet, assignment) is not None


def _has_container(fleet: Fleet, assignment: Assignment) -> bool:
    report = fleet.report_of(assignment.id)
    known = report is not None and bool(report.container_id)
    return known or find_result(fleet, assignment) is not None


class Order:
    """The services of a text in the order in which they start.

    A service starts after those whose volumes it takes and those it has links to, too. A dependency
    on a later phase, on the service itself or along a cycle orders nothing.
    """

    def __init__(self, services: Sequence[ServiceSpec]) -> None:
        self.services = list(_sequence(services))
        position = {service.key: index for index, service in enumerate(self.services)}
        self._dependencies = {
            service.key: tuple(
                each for each in service.depends_on if position.get(each.service, index) < index
            )
            for index, service in enumerate(self.services)
        }
        self._before = {
            service.key: frozenset(
                key
                for key in (*service.starts_after, *service.linked)
                if position.get(key, index) < index
            )
            for index, service in enumerate(self.services)
        }
        self._phases = {service.key: service.phase for service in services}

        #: Whether any service starts after another one.
        self.matters = len(set(self._phases.values())) > 1 or any(self._before.values())

    def find_gate(self, service: ServiceSpec, standings: dict[ServiceKey, Standing]) -> str:
        """Return what a first fill waits for; "" for nothing.

        ``standings`` are those of all services before it.
        """
        for key, standing in standings.items():
            if self._phases[key] < service.phase and standing.holds_back:
                return f"waits for phase {self._phases[key]}: {_describe_standing(key, standing)}"
        for dependency in self._dependencies[service.key]:
            standing = standings[dependency.service]
            if _met(dependency, standing) < standing.wanted:
                met = _describe_standing(dependency.service, standing, dependency=dependency)
                return f"waits for a dependency: {met}"
        for key in service.container.volume_sources:
            source = standings.get(key)
            if source is not None and source.made < source.wanted:
                made = f"{source.made} of {source.wanted} containers of {key} have been created"
                return f"waits for volumes: {made}"
        for key in service.linked:
            other = standings.get(key)
            if other is not None and other.started < other.wanted:
                started = f"{other.started} of {other.wanted} containers of {key} are running"
                return f"waits for a link: {started}"
        return ""

    def comes_after_one_that_waits(
        self, service: ServiceSpec, standings: dict[ServiceKey, Standing]
    ) -> bool:
        """Return whether an update of the service comes later, since an earlier one is not done."""
        return any(
            standing.waits
            and (self._phases[key] < service.phase or key in self._before[service.key])
            for key, standing in standings.items()
        )

    def stops_after(self, service: ServiceSpec, left: set[ServiceKey]) -> bool:
        """Return whether a service stops later, since one that builds on it has containers left."""
        return any(
            self._phases[key] > service.phase or service.key in self._before[key] for key in left
        )


def _sequence(services: Sequence[ServiceSpec]) -> Iterator[ServiceSpec]:
    """Yield services by phase, each after what it depends on, then after what it has links to.

    A cycle is entered at its first.
    """
    by_phase = sorted(services, key=lambda service: service.phase)
    while by_phase:
        phase = by_phase[0].phase
        open_keys = {service.key for service in by_phase if service.phase == phase}
        ready = [
            service
            for service in by_phase
            if service.phase == phase
            and not any(key in open_keys and key != service.key for key in service.starts_after)
        ]
        unlinked = (one for one in ready if open_keys.isdisjoint({*one.linked} - {one.key}))
        chosen = next(unlinked, ready[0] if ready else by_phase[0])
        by_phase.remove(chosen)
        yield chosen


def _met(dependency: Dependency, standing: Standing) -> int:
    match dependency.condition:
        case "started":
            return standing.started
        case "healthy":
            return standing.satisfied
        case "completed":
            return standing.completed


def _describe_standing(
    key: ServiceKey, standing: Standing, *, dependency: Dependency | None = None
) -> str:
    """Return how many containers of a service are where they must be."""
    if dependency is not None and dependency.condition == "completed":
        completed = f"{standing.completed} of {standing.wanted} containers of {key}"
        return f"{completed} have finished successfully"
    if dependency is not None and dependency.condition == "started":
        return f"{standing.started} of {standing.wanted} containers of {key} are running"
    word = "are healthy" if standing.probed else "are running"
    return f"{standing.satisfied} of {standing.wanted} containers of {key} {word}"
