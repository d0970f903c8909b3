"""Events and statuses that follow from a plan: what waits, what is stuck, what is well again."""

from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan
from berth.domain.records import Actor, Deployment, Event, fingerprint
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent


def tell_plan(draft: Draft, deployment: Deployment, plan: Plan) -> None:
    """Raise a status for each service that waits or is stuck, once per text; clear the others."""
    waiting: dict[ServiceKey, list[str]] = {}
    for unplaced in plan.unplaced:
        waiting.setdefault(unplaced.service, []).append(unplaced.summary)
    stuck = {s.service: s for s in plan.stuck}
    for service in deployment.services:
        key = service.key
        if key in waiting:
            texts = waiting[key]
            message = f"{_slots(len(texts))} of {key} in {deployment.id} wait: {texts[0]}"
            _raise(draft, deployment, key, "slot_unfilled", Severity.ERROR, message)
        else:
            _clear(draft, deployment, key, "slot_unfilled", f"every slot of {key} has a host")
        if key in stuck:
            message = (
                f"the update of {key} in {deployment.id} is paused: its new container in slot "
                f"{stuck[key].slot} fails ({stuck[key].message}); the old ones are kept"
            )
            _raise(draft, deployment, key, "rollout_paused", Severity.ERROR, message)
        elif not any(p.service == key for p in plan.placements):
            _clear(draft, deployment, key, "rollout_paused", f"the update of {key} goes on")


def clear_all(draft: Draft, deployment: Deployment) -> None:
    """Clear what was raised: nothing is wanted any more."""
    for service in deployment.services:
        for event_key in ("slot_unfilled", "rollout_paused"):
            _clear(draft, deployment, service.key, event_key, "the deployment is stopped")


def _slots(count: int) -> str:
    return "1 slot" if count == 1 else f"{count} slots"


def _event(
    deployment: Deployment, service: ServiceKey, key: str, severity: Severity, summary: str
) -> NewEvent:
    return NewEvent(
        key=key,
        severity=severity,
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


def _raise(
    draft: Draft,
    deployment: Deployment,
    service: ServiceKey,
    key: str,
    severity: Severity,
    summary: str,
) -> None:
    new = _event(deployment, service, key, severity, summary)
    status = draft.statuses.get(_fingerprint(new))
    if status is None or status.clear_event_id or status.event.summary != summary:
        draft.record_event(new)


def _clear(
    draft: Draft, deployment: Deployment, service: ServiceKey, key: str, summary: str
) -> None:
    draft.clear_status(_event(deployment, service, key, Severity.CLEARED, summary))


def _fingerprint(new: NewEvent) -> str:
    return fingerprint(
        Event(
            id=0,
            at=0.0,
            key=new.key,
            severity=new.severity,
            summary="",
            message="",
            actor=new.actor,
            sub_actor=new.sub_actor,
        )
    )
