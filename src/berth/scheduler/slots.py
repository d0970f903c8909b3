"""Sorts the assignments of one slot into what they are for it."""

from collections.abc import Callable, Sequence

import msgspec

from berth.domain.fleet import Fleet
from berth.domain.ids import HostId
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.slots import (
    WantedSlot,
    find_result,
    is_gone,
    is_job,
    is_lost,
    is_satisfied,
    suits_host,
)
from berth.domain.spec import ServiceSpec
from berth.domain.states import Attempt, Duty, HostState
from berth.domain.volume_homes import find_home


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """One slot: what fills it now, and what shall."""

    service: ServiceSpec
    slot: int
    #: None when the slot shall be empty.
    wanted: WantedSlot | None
    #: Up to date and where it may be, best first: satisfied, then the newest.
    current: tuple[Assignment, ...] = ()
    #: Outdated or on a host where it may not be, best first.
    stale: tuple[Assignment, ...] = ()
    #: On hosts past their time to live.
    lost: tuple[Assignment, ...] = ()
    #: Asked to end, container still there as far as is known.
    ending: tuple[Assignment, ...] = ()
    #: Ended, and there is evidence that nothing is left.
    gone: tuple[Assignment, ...] = ()
    #: Whether the best current one satisfies the slot.
    satisfied: bool = False
    #: Whether its volumes are those of another service, whose containers are on other hosts now.
    strays: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing fills the slot or is about to."""
        return not self.current and not self.stale

    @property
    def waits(self) -> bool:
        """Whether it is wanted and not yet as wanted."""
        return self.wanted is not None and (bool(self.stale) or not self.satisfied)

    @property
    def last_host(self) -> HostId | None:
        """The host that it was on before, where what is exclusive to a host starts again."""
        return self.gone[-1].host_id if self.gone else None


def view_slot(
    fleet: Fleet,
    deployment: Deployment,
    *,
    service: ServiceSpec,
    slot: int,
    wanted: WantedSlot | None,
    assignments: list[Assignment],
) -> SlotView:
    """Sort a slot's assignments; each falls under the first rule that fits."""
    sorted_out: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        name = _first_rule(fleet, deployment, service=service, wanted=wanted, assignment=assignment)
        sorted_out.setdefault(name, []).append(assignment)
    current = _sort(fleet, sorted_out.get("current", ()))
    stale = _sort(fleet, sorted_out.get("stale", ()))
    return SlotView(
        service=service,
        slot=slot,
        wanted=wanted,
        current=current,
        stale=stale,
        lost=tuple(sorted_out.get("lost", ())),
        ending=tuple(sorted_out.get("ending", ())),
        gone=tuple(sorted_out.get("gone", ())),
        satisfied=bool(current) and is_satisfied(fleet, current[0]),
    )


def _sort(fleet: Fleet, assignments: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Put the best first; most slots have one assignment alone."""
    if len(assignments) < 2:
        return tuple(assignments)
    return tuple(sorted(assignments, key=_best_first(fleet)))


def _first_rule(
    fleet: Fleet,
    deployment: Deployment,
    *,
    service: ServiceSpec,
    wanted: WantedSlot | None,
    assignment: Assignment,
) -> str:
    if is_gone(fleet, assignment):
        return "gone"
    if not assignment.wanted:
        return "ending"
    if is_lost(fleet, assignment):
        return "lost"
    if assignment.spec_hash != deployment.hash_of(service):
        return "stale"
    host = fleet.hosts.get(assignment.host_id)
    once = not assignment.spec.restart
    if once and find_result(fleet, assignment) is not None:  # ran, and runs nowhere any more
        return "current" if host is None or host.pool_id == deployment.pool_id else "stale"
    if host is None or host.pool_id != deployment.pool_id or not suits_host(service, host):
        return "stale"
    if host.duty is Duty.DRAINED and not _stays(
        fleet, deployment, service=service, assignment=assignment, host=host
    ):
        return "stale"
    if wanted is not None and wanted.host_id not in (None, host.id):
        return "stale"
    return "current"


def _stays(
    fleet: Fleet,
    deployment: Deployment,
    *,
    service: ServiceSpec,
    assignment: Assignment,
    host: Host,
) -> bool:
    """Whether it stays on a drained host: its volume ties it, or it is a job that has a run to end."""
    if is_job(deployment, assignment):
        return True
    return find_home(fleet, deployment, service=service, slot=assignment.slot) == host


def _best_first(fleet: Fleet) -> Callable[[Assignment], tuple[bool, bool, bool, float, str]]:
    """Rank assignments: satisfied, running, on a host in contact, then the newest."""

    def key(assignment: Assignment) -> tuple[bool, bool, bool, float, str]:
        report = fleet.report_of(assignment.id)
        running = report is not None and report.state is Attempt.RUNNING
        in_contact = fleet.status_of(assignment.host_id).state is HostState.ACTIVE
        satisfied = is_satisfied(fleet, assignment)
        return not satisfied, not running, not in_contact, -assignment.created_at, assignment.id

    return key
