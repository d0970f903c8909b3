"""The end of a rollout: its outcome is recorded, and an update that fails is rolled back."""

from collections.abc import Callable

import msgspec

from berth.domain.deployment_view import RUNNING, current_state
from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.plan import Plan, Stuck
from berth.domain.records import Actor, Deployment, TaskKind
from berth.domain.rollback import returned_to, says_the_same
from berth.domain.states import Severity, TaskStatus
from berth.store.draft import Draft, NewEvent
from berth.store.generations import find_generations, find_good, record_generation, record_outcome
from berth.store.task_log import close_task, follow_change

#: The user that is named for what the manager does by itself.
SYSTEM = "system"


def finish_rollout(draft: Draft, deployment: Deployment, *, plan: Plan) -> Deployment:
    """Record that a rollout is over once every slot has settled; return the deployment as it is then."""
    if not plan.settled or plan.changes or deployment.desired_state == 0:
        return deployment
    if deployment.restart_again:
        deployment = deployment.restarted()
        draft.deployments.put(deployment)
        return deployment
    if current_state(draft.fleet, deployment) == RUNNING:
        record_outcome(draft, deployment, outcome="done")
    elif deployment.rollout == "start":
        return deployment
    if deployment.rollout == "update":
        _record_end(draft, deployment, severity=Severity.CLEARED, summary="the update is done")
    if deployment.rollout:
        deployment = msgspec.structs.replace(deployment, rollout="")
        draft.deployments.put(deployment)
    return deployment


def revert_update(
    draft: Draft, deployment: Deployment, *, failed: Stuck, new_id: Callable[[], str]
) -> bool:
    """Return a deployment to the last generation that was good, if there is one to return to.

    It is a rolling change like any other, with a task of the system's own; the update's task fails.
    """
    good = find_good(find_generations(draft, deployment.id))
    if good is None:
        return False
    changed_text = not says_the_same(deployment, good)
    if not changed_text and good.nonce == deployment.nonce:
        return False
    failure = f"slot {failed.slot} of {failed.service} keeps failing: {failed.message}"
    message = f"{failure}; returned to generation {good.generation}"
    update = draft.tasks.get(deployment.task_id) if deployment.task_id else None
    if update is not None and not update.status.closed:
        close_task(draft, update, status=TaskStatus.FAILED, message=message)
    if changed_text:
        record_outcome(draft, deployment, outcome="failed")
    returned = returned_to(deployment, good, nonce=good.nonce, now=draft.now)
    returned = msgspec.structs.replace(returned, rollout="rollback")
    origin = Origin(user=SYSTEM, task_id=TaskId(new_id()), subsystem="System")
    returned = follow_change(draft, returned, kind=TaskKind.ROLLBACK, origin=origin)
    draft.deployments.put(returned)
    if changed_text:
        record_generation(draft, returned, by=SYSTEM)
    summary = f"the update of deployment {deployment.id} was rolled back: {message}"
    _record_end(draft, deployment, severity=Severity.ERROR, summary=summary)
    return True


def _record_end(draft: Draft, deployment: Deployment, *, severity: Severity, summary: str) -> None:
    new = NewEvent(
        key="rollout_failed",
        severity=severity,
        summary=summary,
        actor=Actor("deployment", deployment.id, deployment.name),
        details={"deployment_id": deployment.id, "deployment_name": deployment.name},
        makes_status=True,
    )
    if severity is Severity.CLEARED:
        draft.clear_status(new)
    else:
        draft.record_event(new)
