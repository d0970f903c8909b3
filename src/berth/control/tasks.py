"""Tasks: opened with the change they follow, cancelled on request."""

import msgspec

from berth.control.origin import Origin
from berth.domain.errors import NotFound
from berth.domain.records import Actor, Task, TaskKind
from berth.domain.spec import ContainerSpec
from berth.domain.states import Severity, TaskStatus
from berth.domain.table import TableView
from berth.store.draft import Draft, NewEvent

DEPLOYMENT_KINDS = frozenset(
    {
        TaskKind.DEPLOY,
        TaskKind.UPDATE,
        TaskKind.START,
        TaskKind.STOP,
        TaskKind.RESTART,
        TaskKind.ROLLBACK,
    },
)


class TaskSubject(msgspec.Struct, frozen=True, kw_only=True):
    """What a new task is about."""

    name: str
    subject: str
    action: str = ""
    host_id: str = ""
    target: str = ""
    spec: ContainerSpec | None = None
    generation: int = 0


def open_task(draft: Draft, kind: TaskKind, *, about: TaskSubject, origin: Origin) -> Task:
    """Begin a task; its executor takes it from here."""
    task = Task(
        id=origin.task_id,
        kind=kind,
        name=about.name,
        user=origin.user,
        subsystem=origin.subsystem,
        created_at=draft.now,
        host_id=about.host_id,
        subject=about.subject,
        action=about.action,
        target=about.target,
        spec=about.spec,
        generation=about.generation,
        epoch=draft.instance.epoch,
    )
    draft.tasks.put(task)
    _record(draft, task, severity=Severity.INFO, verb="begun")
    return task


def supersede_tasks(
    draft: Draft, subject: str, *, successor: str, kinds: frozenset[TaskKind] = DEPLOYMENT_KINDS
) -> None:
    """Close the open tasks of a deployment or host, because a newer change took their place."""
    for task in draft.tasks.find("subject", subject):
        if task.kind in kinds and not task.status.closed:
            closed = msgspec.structs.replace(
                task,
                status=TaskStatus.CANCELLED,
                closed_at=draft.now,
                message=f"superseded by {successor}",
            )
            draft.tasks.put(closed)
            _record(draft, closed, severity=Severity.CLEARED, verb="cancelled")


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


def _record(draft: Draft, task: Task, *, severity: Severity, verb: str) -> None:
    draft.record_event(
        NewEvent(
            key="task",
            severity=severity,
            summary=f"Task {verb}: {task.name}",
            message=task.message,
            actor=Actor("task", task.id, task.name),
            details={"caller": task.user, "action": task.kind.value},
            makes_status=True,
        )
    )
