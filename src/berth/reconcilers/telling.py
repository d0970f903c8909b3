"""Events and statuses that follow from a plan: what waits, what is stuck, what is well again."""

from functools import partial

from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan
from berth.domain.records import Actor, Deployment
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent


def tell_plan(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    """Raise a status for each service that waits or is stuck, once per text; clear the others."""
    waiting: dict[ServiceKey, list[str]] = {}
    for unplaced in plan.unplaced:
        waiting.setdefault(unplaced.service, []).append(unplaced.summary)
    stuck = {one.service: one for one in plan.stuck}
    placed = {placement.service for placement in plan.placements}
    for service in (service.key for service in deployment.services):
        tell = partial(_tell, draft, deployment, service=service)
        if service in waiting:
            slots = _slots(len(waiting[service]))
            reason = waiting[service][0]
            tell(
                key="slot_unfilled",
                summary=f"{slots} of {service} in {deployment.id} wait: {reason}",
            )
        else:
            tell(key="slot_unfilled", summary=f"every slot of {service} has a host", well=True)
        if service in stuck:
            one = stuck[service]
            tell(
                key="rollout_paused",
                summary=f"the update of {service} in {deployment.id} is paused: its new container in "
                f"slot {one.slot} fails ({one.message}); the old ones are kept",
            )
        elif service not in placed and service not in plan.unproven:
            tell(key="rollout_paused", summary=f"the update of {service} goes on", well=True)


def clear_all(draft: Draft, deployment: Deployment) -> None:
    """Clear what was raised: nothing is wanted any more."""
    for service in deployment.services:
        clear = partial(_tell, draft, deployment, service=service.key, well=True)
        clear(key="slot_unfilled", summary="the deployment is stopped")
        clear(key="rollout_paused", summary="the deployment is stopped")


def _slots(count: int) -> str:
    return "1 slot" if count == 1 else f"{count} slots"


def _tell(
    draft: Draft,
    deployment: Deployment,
    *,
    key: str,
    summary: str,
    service: ServiceKey,
    well: bool = False,
) -> None:
    """Raise the status of a service, unless it says the same already; ``well`` clears it."""
    new = NewEvent(
        key=key,
        severity=Severity.CLEARED if well else Severity.ERROR,
        summary=summary,
        actor=Actor("deployment", deployment.id, deployment.name),
        sub_actor=Actor("service", service, service),
        details={
            "deployment_id": deployment.id,
            "deployment_name": deployment.name,
            "service_id": service,
        },
        makes_status=True,
    )
    if well:
        draft.clear_status(new)
        return
    status = draft.find_status(new)
    if status is None or status.clear_event_id or status.event.summary != summary:
        draft.record_event(new)
