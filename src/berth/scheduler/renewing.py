"""The renewal of unhealthy containers: one of a service at a time."""

from berth.domain.deployment_view import is_unhealthy
from berth.domain.plan import Renewal
from berth.domain.slots import is_job
from berth.scheduler.plan_builder import PlanInMaking
from berth.scheduler.slots import SlotView


def plan_renewal(making: PlanInMaking, views: list[SlotView]) -> None:
    """Ask for another container in place of an unhealthy one; the next only when that is well.

    A slot whose update is under way is left to the update; a job is never renewed.
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
        if is_unhealthy(report):
            renewal = Renewal(assignment.id, report.attempt)
            unhealthy.append((not renewed, view.slot, renewal))
    if unhealthy:
        making.renewals.append(min(unhealthy, key=lambda each: each[:2])[2])
