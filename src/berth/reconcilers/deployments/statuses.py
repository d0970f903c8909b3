"""Events and statuses that follow from a plan: what waits, what is stuck, what runs again."""

from collections.abc import Iterable, Iterator

import msgspec

from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan, Stuck, Unplaced
from berth.domain.records import Actor, Deployment, fingerprint
from berth.domain.slots import container_name
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent


class _Status(msgspec.Struct, frozen=True):
    """A status of a service; ``severity`` CLEARED ends it."""

    key: str
    severity: Severity
    summary: str


#: Keys of the statuses of a service; a stop of its deployment clears them.
_STATUS_KEYS = (
    "slot_unfilled",
    "deployment_phase",
    "slot_held",
    "rollout_paused",
    "run_once_failed",
)


def raise_statuses(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    """Raise the statuses that a plan calls for, once per text, and clear the others."""
    for service in (service.key for service in deployment.services):
        for status in _statuses_of(deployment, service, plan=plan):
            _record(draft, deployment, status=status, service=service)
    _record_renewals(draft, deployment, plan=plan)
    images = {assignment.spec.image for assignment in draft.fleet.assignments_of(deployment.id)}
    _clear_pulls(draft, deployment, used=images)


def clear_statuses(draft: Draft, deployment: Deployment) -> None:
    """Clear every status of a deployment that was stopped."""
    for service in deployment.services:
        for key in _STATUS_KEYS:
            status = _Status(key, Severity.CLEARED, "the deployment is stopped")
            _record(draft, deployment, status=status, service=service.key)
    _clear_pulls(draft, deployment, used=set())


def _clear_pulls(draft: Draft, deployment: Deployment, *, used: set[str]) -> None:
    """Clear the statuses of pulls whose image no slot has any more."""
    for status in draft.statuses.find("subject", ("deployment", deployment.id)):
        event = status.event
        if event.key != "image_pulled" or status.clear_event_id or event.sub_actor is None:
            continue
        if event.sub_actor.id not in used:
            cleared = NewEvent(
                key=event.key,
                severity=Severity.CLEARED,
                summary=f"deployment {deployment.id} does not use {event.sub_actor.label} any more",
                actor=event.actor,
                sub_actor=event.sub_actor,
                details={"deployment_id": deployment.id},
            )
            draft.clear_status(cleared)


def _statuses_of(deployment: Deployment, service: ServiceKey, *, plan: Plan) -> Iterator[_Status]:
    of_service = [each for each in plan.unplaced if each.service == service]
    phased = [each for each in of_service if each.reasons[0].code == "phase"]
    unplaced = [each for each in of_service if each.reasons[0].code != "phase"]
    held = [each for each in plan.held if each.service == service]
    where = f"of {service} (deployment {deployment.id})"
    yield _of_slots(
        "slot_unfilled", unplaced, severity=Severity.ERROR, what=(where, "waiting for a host")
    )
    yield _of_slots(
        "deployment_phase", phased, severity=Severity.INFO, what=(where, "waiting to start")
    )
    yield _of_slots("slot_held", held, severity=Severity.WARNING, what=(where, "kept where it is"))
    yield _of_bad_end(_find(plan.ended_badly, service), where=where)
    stuck = _find(plan.stuck, service)
    placed = any(placement.service == service for placement in plan.placements)
    if stuck is not None:
        state = "went on with the other slots" if stuck.passed_by else "is paused"
        summary = (
            f"the update {where} {state}: its new container in slot {stuck.slot} keeps failing "
            f"({stuck.message}); the old containers keep running"
        )
        yield _Status("rollout_paused", Severity.ERROR, summary)
    elif not placed and service not in plan.unproven:
        yield _Status("rollout_paused", Severity.CLEARED, f"the update {where} goes on")


def _of_slots(
    key: str, slots: list[Unplaced], *, severity: Severity, what: tuple[str, str]
) -> _Status:
    where, state = what
    if not slots:
        return _Status(key, Severity.CLEARED, f"no slot {where} is {state} any more")
    count = "1 slot" if len(slots) == 1 else f"{len(slots)} slots"
    verb = "is" if len(slots) == 1 else "are"
    return _Status(key, severity, f"{count} {where} {verb} {state}: {slots[0].summary}")


def _of_bad_end(bad: Stuck | None, *, where: str) -> _Status:
    if bad is None:
        return _Status(
            "run_once_failed", Severity.CLEARED, f"the run-once container {where} succeeded"
        )
    summary = f"slot {bad.slot} {where} {bad.message}; it runs once and is not started again"
    return _Status("run_once_failed", Severity.ERROR, summary)


def _find(matters: Iterable[Stuck], service: ServiceKey) -> Stuck | None:
    return next((each for each in matters if each.service == service), None)


def _record(draft: Draft, deployment: Deployment, *, status: _Status, service: ServiceKey) -> None:
    """Raise the status of a service, unless the same one is raised already, or clear it."""
    actor = Actor("deployment", deployment.id, deployment.name)
    sub_actor = Actor("service", service, service)
    old = draft.statuses.get(fingerprint(actor, sub_actor, key=status.key))
    if old is None or old.clear_event_id:
        known = status.severity is Severity.CLEARED
    else:
        known = old.event.summary == status.summary
    if known:
        return
    new = NewEvent(
        key=status.key,
        severity=status.severity,
        summary=status.summary,
        actor=actor,
        sub_actor=sub_actor,
        details={
            "deployment_id": deployment.id,
            "deployment_name": deployment.name,
            "service_id": service,
        },
        makes_status=True,
    )
    draft.record_event(new)


def _record_renewals(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    for renewal in plan.renewals:
        assignment = draft.assignments.get(renewal.assignment_id)
        if assignment is None:
            continue
        name = container_name(deployment.id, assignment.service, slot=assignment.slot)
        draft.record_event(
            NewEvent(
                key="container_renewed",
                severity=Severity.WARNING,
                summary=f"the container {name} is unhealthy and is being replaced",
                actor=Actor("deployment", deployment.id, deployment.name),
                sub_actor=Actor("container", name, name),
                details={"deployment_id": deployment.id, "service_id": assignment.service},
            )
        )
