"""The renewal of unhealthy containers: one of a service at a time."""

from berth.domain.plan import Renewal
from berth.domain.views import is_unhealthy
from berth.domain.wanted import is_job, starting_left_s
from berth.scheduler.making import PlanInMaking
from berth.scheduler.slots import SlotView


def plan_renewal(making: PlanInMaking, views: list[SlotView]) -> None:
    """Ask for another container in place of an unhealthy one; the next only when that is well.

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
            making.look_again(left_s)
            if renewed:
                return
            continue
        in_vain = 0 if report.was_healthy else assignment.renewed_in_vain + 1
        renewal = Renewal(assignment.id, report.attempt, in_vain)
        unhealthy.append((not renewed, view.slot, renewal))
    if unhealthy:
        making.renewals.append(min(unhealthy, key=lambda each: each[:2])[2])
