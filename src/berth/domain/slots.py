"""Which slots a deployment wants, and what fills them."""

import msgspec

from berth.domain.fleet import Fleet
from berth.domain.ids import DeploymentId, HostId, ServiceKey
from berth.domain.observed import describe_end
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.spec import ServiceSpec
from berth.domain.states import Attempt, Availability, Duty, Health, HostState

#: Result of a run-once container that disappeared before anyone saw how it ended.
UNSEEN_END = -1


class WantedSlot(msgspec.Struct, frozen=True):
    """A slot that shall be filled; ``host_id`` pins it to a host (per-host)."""

    slot: int
    host_id: HostId | None = None


def container_name(
    deployment_id: DeploymentId, service: ServiceKey, *, slot: int, chosen: str = ""
) -> str:
    """Return the name of a slot's container; ``chosen`` is the one that its service sets."""
    return chosen or f"{slot}.{service}.{deployment_id}"


def find_result(fleet: Fleet, assignment: Assignment) -> int | None:
    """Return the exit code with which a run-once container ended for good; none while it did not."""
    if assignment.spec.restart:
        return None
    report = fleet.report_of(assignment.id)
    if report is None:
        return assignment.exit_code
    if report.state is Attempt.REMOVED:
        seen = assignment.exit_code if report.exit_code is None else report.exit_code
        return UNSEEN_END if seen is None else seen
    # A code names why there is another attempt, which may follow at once.
    if report.state is Attempt.ENDED and report.retry_at is None and not report.code:
        return report.exit_code
    return None


def describe_result(fleet: Fleet, assignment: Assignment, *, code: int) -> str:
    """Return how a run-once container ended, as the rest of a sentence; ``code`` is its result."""
    if code == UNSEEN_END:
        return "disappeared before it ended"
    report = fleet.report_of(assignment.id)
    return describe_end(
        code,
        out_of_memory=report is not None and report.out_of_memory,
        memory_bytes=assignment.spec.memory_bytes,
    )


def is_job(deployment: Deployment, assignment: Assignment) -> bool:
    """Whether its run is not broken off, nor another one begun before its end.

    So it is with what no end is followed by, and with what another service waits for the end of.
    """
    if assignment.spec.restart:
        return False
    return assignment.spec.is_job or any(
        each.service == assignment.service and each.condition == "completed"
        for service in deployment.services
        for each in service.depends_on
    )


def find_running_jobs(fleet: Fleet, deployment: Deployment) -> list[ServiceKey]:
    """Return the services whose job has a slot that has not ended yet."""
    return [
        assignment.service
        for assignment in fleet.assignments_of(deployment.id)
        if assignment.wanted
        and is_job(deployment, assignment)
        and find_result(fleet, assignment) is None
    ]


def is_lost(fleet: Fleet, assignment: Assignment) -> bool:
    """Whether its host is past its time to live, or no host of Berth any more.

    What ran once and ended has nothing to lose.
    """
    once = assignment.wanted and not assignment.spec.restart
    if once and find_result(fleet, assignment) is not None:
        return False
    host = fleet.hosts.get(assignment.host_id)
    return host is None or fleet.status_of(host.id).state is HostState.INACTIVE


def is_gone(fleet: Fleet, assignment: Assignment) -> bool:
    """Whether there is evidence that an ending assignment left no container behind."""
    if assignment.wanted:
        return False
    if assignment.host_id not in fleet.hosts:
        return True
    report = fleet.report_of(assignment.id)
    return report is not None and report.state is Attempt.REMOVED


def is_satisfied(fleet: Fleet, assignment: Assignment) -> bool:
    """Whether it does what its service wants: runs and is not unhealthy, or ran once and ended well.

    A container with probes counts once they have passed.
    """
    if not assignment.wanted:
        return False
    if not assignment.spec.restart:
        result = find_result(fleet, assignment)
        if result is not None:
            return result == 0
    if fleet.status_of(assignment.host_id).state is not HostState.ACTIVE:
        return False
    report = fleet.report_of(assignment.id)
    if report is None:
        return False
    if report.state is not Attempt.RUNNING or report.paused:
        return False
    # No verdict at all means that the first check of a container with probes is still to come.
    return report.health is Health.HEALTHY or (
        report.health is Health.NONE and not assignment.spec.agent_probes
    )


def unsettled_s(
    fleet: Fleet, assignment: Assignment, *, now: float, monitor_s: float = 0.0
) -> float:
    """Return how long a running container must go on until an update relies on it; 0 or less then.

    Many broken containers run for a moment. One that has failed must run longer, twice as
    long for each failure in a row; ``monitor_s`` is what the service itself asks for.
    """
    report = fleet.report_of(assignment.id)
    since = fleet.observed.running_since.get(assignment.id)
    if report is None or since is None:
        return 0.0
    if report.health is Health.HEALTHY and not report.failures:
        return since + monitor_s - now
    settings = fleet.settings
    longest_s = max(settings.rollout_settle_s, settings.backoff_reset_s)
    needed_s = min(settings.rollout_settle_s * 2.0 ** min(report.failures, 30), longest_s)
    return since + max(needed_s, monitor_s) - now


def starting_left_s(fleet: Fleet, assignment: Assignment, *, now: float) -> float:
    """Return how long an unhealthy container that was never healthy may go on starting.

    Many services need longer than their checks allow. Where an engine carries them out, only the
    time may be too short; Berth's own, of old texts, never ended a container that was starting.
    """
    report = fleet.report_of(assignment.id)
    since = fleet.observed.running_since.get(assignment.id)
    if report is None or since is None or report.was_healthy:
        return 0.0
    patience = _OWN_CHECKS_PATIENCE if assignment.spec.agent_probes else 1
    doubled = 2.0 ** min(assignment.renewed_in_vain, _MOST_DOUBLED)
    return since + fleet.settings.first_health_s * patience * doubled - now


#: How many times longer a container with checks of Berth's own may take to start.
_OWN_CHECKS_PATIENCE = 5
#: The time to start doubles at most this often: with the defaults to about an hour, or five.
_MOST_DOUBLED = 6


def has_container(fleet: Fleet, assignment: Assignment) -> bool:
    """Whether a container of it exists, or may exist as far as is known."""
    report = fleet.report_of(assignment.id)
    if report is None:
        return fleet.status_of(assignment.host_id).state is HostState.UNKNOWN
    return bool(report.container_id) and report.state < Attempt.REMOVED


def suits_host(service: ServiceSpec, host: Host) -> bool:
    """Whether the service's own rules allow the host, whatever its state and load."""
    rules = service.placement
    if rules.hostname and rules.hostname not in (host.name, host.id):
        return False
    if host.name in rules.not_hostnames:
        return False
    tags = set(rules.required_tags)
    if rules.availability is Availability.PER_TAG:
        tags.add(rules.tag)
    return tags <= set(host.tags)


def wanted_slots(fleet: Fleet, deployment: Deployment, *, service: ServiceSpec) -> list[WantedSlot]:
    """Return the slots that shall be filled now, lowest number first."""
    quantity = deployment.quantities.get(service.key, 1)
    if deployment.desired_state == 0 or quantity == 0:
        return []
    if service.placement.availability is not Availability.PER_HOST:
        return [WantedSlot(slot) for slot in range(quantity)]
    return _per_host_slots(fleet, deployment, service=service, quantity=quantity)


def _per_host_slots(
    fleet: Fleet, deployment: Deployment, *, service: ServiceSpec, quantity: int
) -> list[WantedSlot]:
    """Number the slots of each host: what is there keeps its number, new ones take free numbers."""
    held: dict[HostId, set[int]] = {}
    for assignment in fleet.assignments_of(deployment.id):
        if assignment.service == service.key and assignment.wanted:
            held.setdefault(assignment.host_id, set()).add(assignment.slot)
    used = {slot for slots in held.values() for slot in slots}
    wanted: list[WantedSlot] = []
    next_free = 0
    for host in fleet.hosts_in(deployment.pool_id):
        state = fleet.status_of(host.id).state
        if state is HostState.INACTIVE or not suits_host(service, host):
            continue
        if host.duty is Duty.DRAINED:
            continue
        slots = sorted(held.get(host.id, ()))[:quantity]
        # One not heard of since the manager's start may run what it has: nothing says otherwise.
        if host.duty is Duty.PAUSED or state is HostState.UNKNOWN:
            wanted.extend(WantedSlot(slot, host.id) for slot in slots)
            continue
        while len(slots) < quantity:
            while next_free in used:
                next_free += 1
            used.add(next_free)
            slots.append(next_free)
        wanted.extend(WantedSlot(slot, host.id) for slot in slots)
    return sorted(wanted, key=lambda w: w.slot)
