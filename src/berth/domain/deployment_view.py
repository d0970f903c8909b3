"""A deployment as its users see it: its state, its containers, its health in numbers."""

import msgspec

from berth.domain.endpoints import endpoints_told
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, ServiceKey
from berth.domain.observed import ContainerReport, EngineContainer
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import (
    container_name,
    find_result,
    has_container,
    is_gone,
    is_lost,
    is_satisfied,
    wanted_slots,
)
from berth.domain.spec import ServiceSpec
from berth.domain.states import Attempt, Health, HostState

STOPPED, RUNNING, PARTIAL = 0, 1, 2


class Fill(msgspec.Struct, frozen=True):
    """The slots of a deployment, counted once for all that is asked about them."""

    wanted: frozenset[tuple[ServiceKey, int]]
    #: Those of the wanted slots that an up-to-date container satisfies, which others can find:
    #: who sees that all is there looks its keys up at once.
    satisfied: frozenset[tuple[ServiceKey, int]]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment in numbers; containers are counted by wanted slot."""

    current_state: int
    services_total: int
    services_healthy: int
    containers_total: int
    containers_running: int


#: The API's words for the state of a container.
STATES = ("Pending", "Running", "Paused", "Stopping", "Stopped", "Unknown")


class ContainerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A slot and what fills it, or a container that has not gone yet."""

    service: ServiceKey
    slot: int
    phase: int
    container_name: str
    container_hostname: str
    assignment_id: str = ""
    container_id: str = ""
    host_id: str = ""
    hostname: str = ""
    #: One of ``STATES``.
    state: str = "Pending"
    started_at: float | None = None
    message: str = ""
    checks_total: int = 0
    checks_passed: int = 0
    #: Whether the row stands for a wanted slot that is satisfied.
    satisfied: bool = False
    #: False for a container that is to go.
    wanted: bool = True
    #: What fills the slot, and what is known of its container.
    assignment: Assignment | None = None
    report: ContainerReport | None = None
    #: As its engine lists it; none before the host's list has it.
    listed: EngineContainer | None = None


def current_state(fleet: Fleet, deployment: Deployment, *, fill: Fill | None = None) -> int:
    """Return 0, 1 or 2: nothing exists, all is as wanted, anything between.

    Who has counted the slots already hands them in as ``fill``. It is computed from the same
    records that a command changes, so no stale 1 can be read.
    """
    assignments = [
        a
        for a in fleet.assignments_of(deployment.id)
        if not is_lost(fleet, a) and not is_gone(fleet, a)
    ]
    if deployment.desired_state == 0:
        return PARTIAL if assignments else STOPPED
    fill = fill or count_fill(fleet, deployment)
    if len(fill.satisfied) == len(fill.wanted) == len(assignments):
        return RUNNING
    if any(has_container(fleet, a) for a in assignments):
        return PARTIAL
    return STOPPED


def pending_state(deployment: Deployment, current: int) -> int:
    """Return 0 settled, 1 starting, 2 stopping, 3 changing, by what ``current_state`` said."""
    if current == deployment.desired_state:
        return 0
    if deployment.desired_state == 0:
        return 2
    return 3 if deployment.changed_at > deployment.desired_changed_at else 1


def count_fill(fleet: Fleet, deployment: Deployment) -> Fill:
    """Find the wanted slots of every service, and those that are satisfied."""
    wanted = frozenset(
        (service.key, wanted.slot)
        for service in deployment.services
        for wanted in wanted_slots(fleet, deployment, service=service)
    )
    hashes = {service.key: deployment.hash_of(service) for service in deployment.services}
    satisfied = frozenset(
        (a.service, a.slot)
        for a in fleet.assignments_of(deployment.id)
        if (a.service, a.slot) in wanted
        and a.spec_hash == hashes[a.service]
        and is_satisfied(fleet, a)
        and endpoints_told(fleet, a)
        and _in_pool(fleet, deployment, assignment=a)
    )
    return Fill(wanted, satisfied)


def _in_pool(fleet: Fleet, deployment: Deployment, *, assignment: Assignment) -> bool:
    host = fleet.hosts.get(assignment.host_id)
    if host is None:
        return find_result(fleet, assignment) is not None
    return host.pool_id == deployment.pool_id


def summarize(fleet: Fleet, deployment: Deployment) -> Summary:
    """Count services and containers, wanted and satisfied."""
    fill = count_fill(fleet, deployment)
    missing = {service for service, _ in fill.wanted - fill.satisfied}
    running = deployment.desired_state == 1
    return Summary(
        current_state=current_state(fleet, deployment, fill=fill),
        services_total=len(deployment.services),
        services_healthy=sum(running and s.key not in missing for s in deployment.services),
        containers_total=len(fill.wanted),
        containers_running=len(fill.satisfied),
    )


def container_rows(fleet: Fleet, deployment: Deployment) -> list[ContainerRow]:
    """Return a row for each wanted slot and for each container not yet gone, in order of the text."""
    by_service: dict[ServiceKey, dict[int, list[Assignment]]] = {}
    for assignment in fleet.assignments_of(deployment.id):
        slots = by_service.setdefault(assignment.service, {})
        slots.setdefault(assignment.slot, []).append(assignment)
    unplaced = {(u.service, u.slot): u for u in fleet.planned.unplaced.get(deployment.id, ())}
    rows: list[ContainerRow] = []
    for service in deployment.services:
        slots = by_service.pop(service.key, {})
        wanted = {w.slot for w in wanted_slots(fleet, deployment, service=service)}
        for slot in sorted(wanted | slots.keys()):
            reason = unplaced.get((service.key, slot))
            empty = _empty_row(deployment, service, slot=slot)
            if reason is not None:
                empty = msgspec.structs.replace(empty, message=reason.summary)
            rows.extend(
                _slot_rows(fleet, empty, assignments=slots.get(slot, []), wanted=slot in wanted)
            )
    for key, slots in by_service.items():  # services that the text no longer has
        for slot, assignments in sorted(slots.items()):
            empty = _surplus_row(deployment, key, slot=slot)
            rows.extend(_slot_rows(fleet, empty, assignments=assignments, wanted=False))
    return rows


def row_of_assignment(
    fleet: Fleet, deployment: Deployment, *, assignment: Assignment
) -> ContainerRow:
    """Return the row of one assignment, whatever else its slot has."""
    service = deployment.service(assignment.service)
    if service is None:
        empty = _surplus_row(deployment, assignment.service, slot=assignment.slot)
    else:
        empty = _empty_row(deployment, service, slot=assignment.slot)
    return _row(fleet, empty, assignment=assignment)


def _empty_row(deployment: Deployment, service: ServiceSpec, *, slot: int) -> ContainerRow:
    chosen = service.container.container_name
    name = container_name(deployment.id, service.key, slot=slot, chosen=chosen)
    return ContainerRow(
        service=service.key,
        slot=slot,
        phase=service.phase,
        container_name=name,
        container_hostname=service.container.hostname or name[:63],
    )


def _surplus_row(deployment: Deployment, key: ServiceKey, *, slot: int) -> ContainerRow:
    """Return the row of a slot whose service the text no longer has."""
    name = container_name(deployment.id, key, slot=slot)
    return ContainerRow(
        service=key, slot=slot, phase=0, container_name=name, container_hostname=name[:63]
    )


def _slot_rows(
    fleet: Fleet, empty: ContainerRow, *, assignments: list[Assignment], wanted: bool
) -> list[ContainerRow]:
    """Rows of one slot: what fills it first, then what is still to go; lost ones if alone."""
    present = [a for a in assignments if not is_gone(fleet, a) and not is_lost(fleet, a)]
    if not present:
        lost = [a for a in assignments if a.wanted and is_lost(fleet, a)]
        if wanted and lost:
            return [_row(fleet, empty, assignment=lost[-1])]
        return [empty] if wanted else []
    present.sort(key=lambda a: (not a.wanted, -a.created_at, a.id))
    rows = [
        _row(fleet, empty, assignment=a) for a in present if a.wanted or has_container(fleet, a)
    ]
    if wanted and not any(a.wanted for a in present):
        rows.insert(0, empty)
    return rows


def _row(fleet: Fleet, empty: ContainerRow, *, assignment: Assignment) -> ContainerRow:
    host = fleet.hosts.get(assignment.host_id)
    report = fleet.report_of(assignment.id)
    row = msgspec.structs.replace(
        empty,
        assignment_id=assignment.id,
        host_id=assignment.host_id,
        hostname=host.name if host else "",
        state=state_word(fleet, assignment, report=report),
        satisfied=is_satisfied(fleet, assignment),
        wanted=assignment.wanted,
        assignment=assignment,
        report=report,
        listed=find_listed(fleet, assignment, report=report),
        message=assignment.end_reason or (empty.message if assignment.wanted else ""),
    )
    if report is None:
        return row
    return msgspec.structs.replace(
        row,
        container_id=report.container_id if report.state < Attempt.REMOVED else "",
        container_name=report.name or row.container_name,
        started_at=report.started_at,
        message=report.message or row.message,
        checks_total=report.checks_total,
        checks_passed=report.checks_passed,
    )


def find_listed(
    fleet: Fleet, assignment: Assignment, *, report: ContainerReport | None
) -> EngineContainer | None:
    """Return an assignment's container as its engine lists it, or none."""
    if report is None or not report.container_id:
        return None
    listed = fleet.observed.inventory.get(assignment.host_id, {})
    item = listed.get(ContainerId(report.container_id))
    return item.container if item is not None else None


def state_word(fleet: Fleet, assignment: Assignment, *, report: ContainerReport | None) -> str:
    """Return the API's word for the state of an assignment's container."""
    if assignment.wanted and find_result(fleet, assignment) is not None:
        return "Stopped"
    if fleet.status_of(assignment.host_id).state is not HostState.ACTIVE:
        return "Unknown"
    if not assignment.wanted:
        return "Stopping"
    if report is None or report.state < Attempt.RUNNING:
        return "Pending"
    if report.state is Attempt.RUNNING:
        return "Paused" if report.paused else "Running"
    if report.state is Attempt.STOPPING:
        return "Stopping"
    return "Pending"


def is_unhealthy(report: ContainerReport) -> bool:
    """Whether the container runs but its probes fail."""
    return report.state is Attempt.RUNNING and report.health is Health.UNHEALTHY
