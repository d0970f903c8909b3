"""Tasks as users ask for them: found, and cancelled on request."""

import msgspec

from berth.domain.errors import NotFound
from berth.domain.records import Task
from berth.domain.states import TaskStatus
from berth.domain.table import TableView
from berth.store.draft import Draft
from berth.store.task_log import DEPLOYMENT_KINDS


def cancel_task(draft: Draft, task_id: str) -> Task:
    """Ask a task to end; its executor closes it. A closed one stays as it is.

    Cancelling what a deployment waits for pauses that deployment until its next change.
    """
    task = get_task(draft.tasks, task_id)
    if task.status.closed or task.status is TaskStatus.CANCELLING:
        return task
    cancelling = msgspec.structs.replace(task, status=TaskStatus.CANCELLING)
    draft.tasks.put(cancelling)
    deployment = draft.deployments.get(task.subject) if task.kind in DEPLOYMENT_KINDS else None
    if deployment is not None:
        draft.deployments.put(msgspec.structs.replace(deployment, paused=True))
    return cancelling


def get_task(tasks: TableView[Task], task_id: str) -> Task:
    """Return the task named in a path; raises NotFound."""
    task = tasks.get(task_id)
    if task is None:
        raise NotFound(f"task {task_id!r} does not exist", code="unknown_task")
    return task
