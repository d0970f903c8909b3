"""Rules for single slots: filled when empty, emptied when unwanted, moved or renewed if failing."""

from berth.domain.deployment_view import is_unhealthy
from berth.domain.ids import HostId
from berth.domain.plan import Exclusion, Renewal, SlotExclusion
from berth.domain.records import Assignment
from berth.domain.slots import find_result, is_job, is_lost, starting_left_s
from berth.domain.states import Availability, Duty
from berth.domain.volume_homes import name_tie
from berth.scheduler.plan_builder import PlanBuilder
from berth.scheduler.slots import SlotView

#: Failures that another host may not have; one is enough to try it.
_OF_THE_HOST = ("port_taken", "name_taken")


def plan_empty_slot(making: PlanBuilder, view: SlotView) -> None:
    """End what is in a slot that shall be empty."""
    reason = "stopped" if making.deployment.desired_state == 0 else "no longer wanted"
    making.end_all([*view.current, *view.stale], reason)
    making.end_all([a for a in view.lost if not _dormant(making, view, assignment=a)], reason)


def _dormant(making: PlanBuilder, view: SlotView, *, assignment: Assignment) -> bool:
    """Whether a per-host container only waits for its inactive host to return."""
    host = making.fleet.hosts.get(assignment.host_id)
    return (
        making.deployment.desired_state == 1
        and view.service.placement.availability is Availability.PER_HOST
        and making.deployment.quantities.get(view.service.key, 1) > 0
        and host is not None
        and host.pool_id == making.deployment.pool_id
        and host.duty is not Duty.DRAINED
    )


def plan_wanted_slot(making: PlanBuilder, view: SlotView, *, settled: bool, gate: str) -> None:
    """Fill an empty slot, end what is too much, move what fails.

    ``settled`` means that its container is relied on; ``gate`` is what a first fill waits for.
    """
    making.end_all(list(view.current[1:]), "the slot is filled elsewhere")
    making.end_all(list(view.stale[1:]), "replaced")
    if view.satisfied:
        making.end_all([*(view.stale if settled else ()), *view.lost], "replaced")
        _hold_on_drained(making, view)
    elif view.current:
        _move_if_failing(making, view)
    elif view.empty and gate:
        making.wait(view, "phase", message=gate, host_id=HostId(""))
    elif view.empty:
        _fill(making, view)


def _hold_on_drained(making: PlanBuilder, view: SlotView) -> None:
    """Keep a slot on a drained host when its volume is there, with that reason."""
    host = making.fleet.hosts.get(view.current[0].host_id)
    if host is None or host.duty is not Duty.DRAINED or making.find_home(view) != host:
        return
    if find_result(making.fleet, view.current[0]) is None:
        tie = name_tie(view.service)
        message = f"{tie} is on host {host.name}, which is drained: it stays there"
        making.hold(view, "volume_home", message=message, host_id=host.id)


def _fill(making: PlanBuilder, view: SlotView) -> None:
    if any(blocks(making, view, ending=assignment) for assignment in view.ending):
        return  # the old one goes first: its port, name or volume is free then
    if view.lost and (waiting := _why_not_replaced(making, view)):
        code, message = waiting
        making.wait(view, code, message=message, host_id=view.lost[-1].host_id)
        return
    making.place(view)


def blocks(making: PlanBuilder, view: SlotView, *, ending: Assignment) -> bool:
    """Return whether a slot waits for a container that is asked to end.

    One on a host that is lost, or whose engine does not answer, may take for ever: it is
    waited for only when two of them could not be side by side.
    """
    if is_lost(making.fleet, ending):
        return False
    reachable = making.fleet.status_of(ending.host_id).metrics.engine_reachable
    return reachable or view.service.container.exclusive


def _why_not_replaced(making: PlanBuilder, view: SlotView) -> tuple[str, str] | None:
    """Return why a slot whose host is lost is not placed elsewhere, now or at all."""
    home = making.find_home(view)
    if home is not None and home.id == view.lost[-1].host_id:
        tie = name_tie(view.service)
        return "volume_home", f"{tie} is on host {home.name}, which is inactive"
    waits_s = making.fleet.observed.replacing_waits_until - making.now
    if waits_s > 0:
        making.plan_again_in(waits_s)
        message = (
            "too many hosts fell silent at once: the slot waits for them to return before it is "
            "placed elsewhere"
        )
        return "mass_silence", message
    return None


def _move_if_failing(making: PlanBuilder, view: SlotView) -> None:
    """Try another host for a container that fails where it is."""
    failing, fleet = view.current[0], making.fleet
    report = fleet.report_of(failing.id)
    if report is None or not report.code or report.failures == 0:
        return
    patience = 1 if report.code in _OF_THE_HOST else fleet.settings.attempts_before_move
    if report.failures < patience or find_result(fleet, failing) is not None:
        return
    exclusion = Exclusion(
        failing.host_id,
        report.code,
        report.message or "its container failed there",
        making.now + fleet.settings.backoff_max_s,
    )
    if making.place(view, avoid=exclusion):
        slot_id = (making.deployment.id, view.service.key, view.slot)
        making.exclusions.append(SlotExclusion(slot_id, exclusion))
        making.end_all([failing], f"moved: {exclusion.message}")


def plan_renewal(making: PlanBuilder, views: list[SlotView]) -> None:
    """Ask for another container in place of an unhealthy one; the next only when that one is healthy.

    One that was never healthy has time to start, longer with each that was replaced in vain. A
    slot whose update is under way is left to the update; a job is never renewed.
    """
    unhealthy: list[tuple[bool, int, Renewal]] = []
    for view in views:
        if view.wanted is None or view.satisfied or not view.current or view.stale:
            continue
        assignment = view.current[0]
        report = making.fleet.report_of(assignment.id)
        if report is None or assignment.id in making.endings:
            continue
        if is_job(making.deployment, assignment):
            continue
        renewed = assignment.renewals > 0
        if renewed and (report.attempt <= assignment.renewed_attempt or not is_unhealthy(report)):
            return
        if not is_unhealthy(report):
            continue
        left_s = starting_left_s(making.fleet, assignment, now=making.now)
        if left_s > 0:
            making.plan_again_in(left_s)
            if renewed:
                return
            continue
        in_vain = 0 if report.was_healthy else assignment.renewed_in_vain + 1
        renewal = Renewal(assignment.id, report.attempt, in_vain)
        unhealthy.append((not renewed, view.slot, renewal))
    if unhealthy:
        making.renewals.append(min(unhealthy, key=lambda each: each[:2])[2])
