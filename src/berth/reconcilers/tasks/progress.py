"""How far the task of a deployment is: progress, which is only remembered, and its end."""

import msgspec

from berth.domain.deployment_view import Fill, count_fill, current_state
from berth.domain.ids import TaskId
from berth.domain.observed import TaskProgress
from berth.domain.plan import Plan
from berth.domain.records import Deployment, TaskKind
from berth.domain.slots import find_running_jobs
from berth.domain.states import Attempt, TaskStatus
from berth.store.draft import Draft
from berth.store.generations import record_outcome
from berth.store.store import Store
from berth.store.task_log import close_task

#: Tasks of rolling changes: a container that fails ends them.
_ROLLING = frozenset({TaskKind.UPDATE, TaskKind.RESTART, TaskKind.ROLLBACK})
#: Tasks of first rollouts: a container that fails over and over ends them.
_FIRST = frozenset({TaskKind.DEPLOY, TaskKind.START})


def follow_task(draft: Draft, deployment: Deployment, *, plan: Plan) -> TaskProgress | None:
    """Close the deployment's open task when all is done or it is stuck; else return how far it is."""
    task = draft.tasks.get(deployment.task_id) if deployment.task_id else None
    if task is None or task.status.closed:
        return None
    fill = count_fill(draft.fleet, deployment)
    if task.status is TaskStatus.CANCELLING:
        close_task(
            draft, task, status=TaskStatus.CANCELLED, message="cancelled; nothing more is replaced"
        )
    elif _is_done(draft, deployment, fill=fill):
        close_task(draft, task, status=TaskStatus.DONE, message="done")
    elif plan.ended_badly:
        bad = plan.ended_badly[0]
        message = f"slot {bad.slot} of {bad.service} {bad.message}"
        record_outcome(draft, deployment, outcome="failed")
        close_task(draft, task, status=TaskStatus.FAILED, message=message)
    elif plan.stuck and task.kind in _ROLLING:
        stuck = plan.stuck[0]
        record_outcome(draft, deployment, outcome="failed")
        word = "updated, but" if stuck.passed_by else "paused:"
        message = f"{word} slot {stuck.slot} of {stuck.service} keeps failing: {stuck.message}"
        close_task(draft, task, status=TaskStatus.FAILED, message=message)
    elif plan.looping and task.kind in _FIRST:
        looping = plan.looping[0]
        record_outcome(draft, deployment, outcome="failed")
        message = f"slot {looping.slot} of {looping.service} keeps failing: {looping.message}"
        message += "; its host goes on trying, with growing waits"
        close_task(draft, task, status=TaskStatus.FAILED, message=message)
    else:
        if task.status is TaskStatus.PENDING:
            draft.tasks.put(msgspec.structs.replace(task, status=TaskStatus.RUNNING))
        return _progress(draft, deployment, plan=plan, fill=fill)
    return None


def _is_done(draft: Draft, deployment: Deployment, *, fill: Fill) -> bool:
    """Return whether all is as wanted, a rolling change has settled, and every job has ended."""
    if deployment.desired_state == 1 and (
        deployment.rollout or find_running_jobs(draft.fleet, deployment)
    ):
        return False
    return current_state(draft.fleet, deployment, fill=fill) == deployment.desired_state


def _progress(draft: Draft, deployment: Deployment, *, plan: Plan, fill: Fill) -> TaskProgress:
    fleet = draft.fleet
    if deployment.desired_state == 0:
        left = len(fleet.assignments_of(deployment.id))
        total = max(sum(deployment.quantities.values()), left, 1)
        percent = min(99, 100 * (total - left) // total)
        return TaskProgress(percent, f"{left} containers are left")
    wanted, satisfied = len(fill.wanted), len(fill.satisfied)
    message = f"{satisfied} of {wanted} containers are running"
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
    elif jobs := find_running_jobs(fleet, deployment):
        message += f"; waiting for the job {jobs[0]} to end"
    elif deployment.rollout and satisfied == wanted:
        message += "; they are watched for a moment"
    elif plan.unplaced:
        message += f"; {plan.unplaced[0].service} is waiting: {plan.unplaced[0].summary}"
    return TaskProgress(min(99, 100 * satisfied // max(wanted, 1)), message)


def record_progress(store: Store, task_id: TaskId, *, progress: TaskProgress) -> None:
    """Remember how far a task is; it is not written, since it follows from what is known."""
    known = store.memory.planned.progress
    task, before = store.memory.tasks.get(task_id), known.get(task_id)
    if task is not None and not task.status.closed and before != progress:
        known[task_id] = progress
        store.observe([("progress", task_id, before, progress)])
