"""How far the task of a deployment is: progress, and its end."""

import msgspec

from berth.domain.plan import Plan
from berth.domain.records import Actor, Deployment, Task, TaskKind
from berth.domain.states import Attempt, Severity, TaskStatus
from berth.domain.views import current_state, satisfied_slots, wanted_slot_ids
from berth.store.draft import Draft, NewEvent


def follow_task(draft: Draft, deployment: Deployment, *, plan: Plan) -> None:
    """Bring the deployment's open task up to date; close it when all is done or it is stuck."""
    task = draft.tasks.get(deployment.task_id) if deployment.task_id else None
    if task is None or task.status.closed:
        return
    if task.status is TaskStatus.CANCELLING:
        close_task(
            draft, task, status=TaskStatus.CANCELLED, message="cancelled; nothing more is replaced"
        )
    elif current_state(draft.fleet, deployment) == deployment.desired_state:
        close_task(draft, task, status=TaskStatus.DONE, message="done")
    elif plan.stuck and task.kind is TaskKind.UPDATE:
        stuck = plan.stuck[0]
        message = f"paused: {stuck.service} in slot {stuck.slot} fails: {stuck.message}"
        close_task(draft, task, status=TaskStatus.FAILED, message=message)
    else:
        percent, message = _progress(draft, deployment, plan=plan)
        if (percent, message) != (task.percent, task.message):
            draft.tasks.put(
                msgspec.structs.replace(
                    task, status=TaskStatus.RUNNING, percent=percent, message=message
                )
            )


def _progress(draft: Draft, deployment: Deployment, *, plan: Plan) -> tuple[int, str]:
    fleet = draft.fleet
    if deployment.desired_state == 0:
        left = len(fleet.assignments_of(deployment.id))
        total = max(sum(deployment.quantities.values()), left, 1)
        return min(99, 100 * (total - left) // total), f"{left} containers are still to go"
    wanted = len(wanted_slot_ids(fleet, deployment))
    satisfied = len(satisfied_slots(fleet, deployment))
    message = f"{satisfied} of {wanted} containers run"
    pulling = next(
        (
            report.message
            for a in fleet.assignments_of(deployment.id)
            if (report := fleet.report_of(a.id)) is not None
            and report.state is Attempt.PULLING
            and report.message
        ),
        "",
    )
    if pulling:
        message += f"; {pulling}"
    elif plan.unplaced:
        message += f"; {plan.unplaced[0].service} waits: {plan.unplaced[0].summary}"
    return min(99, 100 * satisfied // max(wanted, 1)), message


def close_task(draft: Draft, task: Task, *, status: TaskStatus, message: str) -> None:
    """Close a task with its outcome, and keep a status of it; a failed one raises an error."""
    draft.tasks.put(
        msgspec.structs.replace(
            task,
            status=status,
            message=message,
            closed_at=draft.now,
            percent=100 if status is TaskStatus.DONE else task.percent,
        )
    )
    failed = status is TaskStatus.FAILED
    draft.record_event(
        NewEvent(
            key="task",
            severity=Severity.ERROR if failed else Severity.CLEARED,
            summary=f"{task.name}: {message}",
            actor=Actor("task", task.id, task.name),
            details={"caller": task.user, "action": task.action or task.kind.value},
            makes_status=True,
        )
    )
