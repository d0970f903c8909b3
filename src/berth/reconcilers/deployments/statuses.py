"""Events and statuses that follow from a plan: what waits, what is stuck, what is well again."""

from collections.abc import Iterable, Iterator

import msgspec

from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan, Stuck, Unplaced
from berth.domain.records import Actor, Deployment, fingerprint
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent


class _Status(msgspec.Struct, frozen=True):
    """What is to say about one matter of a service; ``severity`` CLEARED says that it is well."""

    key: str
    severity: Severity
    summary: str


#: Statuses of a service that a stop of its deployment clears.
_MATTERS = ("slot_unfilled", "deployment_phase", "slot_held", "rollout_paused", "run_once_failed")


def raise_statuses(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    """Raise a status for each matter of a service, once per text; clear those that are well."""
    for service in (service.key for service in deployment.services):
        for word in _find_words(deployment, service, plan=plan):
            _tell(draft, deployment, word=word, service=service)
    _tell_renewals(draft, deployment, plan=plan)


def clear_statuses(draft: Draft, deployment: Deployment) -> None:
    """Clear what was raised: nothing is wanted any more."""
    for service in deployment.services:
        for key in _MATTERS:
            word = _Status(key, Severity.CLEARED, "the deployment is stopped")
            _tell(draft, deployment, word=word, service=service.key)


def _find_words(deployment: Deployment, service: ServiceKey, *, plan: Plan) -> Iterator[_Status]:
    of_service = [each for each in plan.unplaced if each.service == service]
    phased = [each for each in of_service if each.reasons[0].code == "phase"]
    unplaced = [each for each in of_service if each.reasons[0].code != "phase"]
    held = [each for each in plan.held if each.service == service]
    where = f"of {service} in {deployment.id}"
    yield _of_slots("slot_unfilled", unplaced, severity=Severity.ERROR, doing=f"{where} wait")
    yield _of_slots("deployment_phase", phased, severity=Severity.INFO, doing=f"{where} wait")
    yield _of_slots("slot_held", held, severity=Severity.WARNING, doing=f"{where} stay")
    yield _of_bad_end(_find(plan.ended_badly, service), where=where)
    stuck = _find(plan.stuck, service)
    placed = any(placement.service == service for placement in plan.placements)
    if stuck is not None:
        state = "went on with the other slots" if stuck.passed_by else "is paused"
        summary = (
            f"the update {where} {state}: its new container in slot {stuck.slot} fails "
            f"({stuck.message}); the old ones are kept"
        )
        yield _Status("rollout_paused", Severity.ERROR, summary)
    elif not placed and service not in plan.unproven:
        yield _Status("rollout_paused", Severity.CLEARED, f"the update of {service} goes on")


def _of_slots(key: str, slots: list[Unplaced], *, severity: Severity, doing: str) -> _Status:
    if not slots:
        return _Status(key, Severity.CLEARED, f"every slot {doing.rpartition(' ')[0]} is well")
    count = "1 slot" if len(slots) == 1 else f"{len(slots)} slots"
    return _Status(key, severity, f"{count} {doing}: {slots[0].summary}")


def _of_bad_end(bad: Stuck | None, *, where: str) -> _Status:
    if bad is None:
        return _Status("run_once_failed", Severity.CLEARED, f"what ran once {where} ended well")
    summary = f"the container {where} in slot {bad.slot} {bad.message}; it is not run again"
    return _Status("run_once_failed", Severity.ERROR, summary)


def _find(matters: Iterable[Stuck], service: ServiceKey) -> Stuck | None:
    return next((each for each in matters if each.service == service), None)


def _tell(draft: Draft, deployment: Deployment, *, word: _Status, service: ServiceKey) -> None:
    """Raise the status of a service, unless it says the same already, or clear it."""
    actor = Actor("deployment", deployment.id, deployment.name)
    sub_actor = Actor("service", service, service)
    status = draft.statuses.get(fingerprint(actor, sub_actor, key=word.key))
    if status is None or status.clear_event_id:
        known = word.severity is Severity.CLEARED
    else:
        known = status.event.summary == word.summary
    if known:
        return
    new = NewEvent(
        key=word.key,
        severity=word.severity,
        summary=word.summary,
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


def _tell_renewals(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    for renewal in plan.renewals:
        assignment = draft.assignments.get(renewal.assignment_id)
        if assignment is None:
            continue
        name = f"{assignment.slot}.{assignment.service}.{deployment.id}"
        draft.record_event(
            NewEvent(
                key="container_renewed",
                severity=Severity.WARNING,
                summary=f"the container {name} is unhealthy and is replaced",
                actor=Actor("deployment", deployment.id, deployment.name),
                sub_actor=Actor("container", name, name),
                details={"deployment_id": deployment.id, "service_id": assignment.service},
            )
        )
