"""Tasks as they are opened and closed, with their events and statuses."""

import msgspec

from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.records import Actor, Deployment, Task, TaskKind
from berth.domain.spec import ContainerSpec
from berth.domain.states import Severity, TaskStatus
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


def follow_change(
    draft: Draft, deployment: Deployment, *, kind: TaskKind, origin: Origin
) -> Deployment:
    """Open the task that follows a change, close the former one, and end a pause."""
    supersede_tasks(draft, deployment.id, successor=f"task {origin.task_id}")
    about = TaskSubject(
        name=f"{kind.value} deployment: {deployment.id}",
        subject=deployment.id,
        generation=deployment.generation,
    )
    task = open_task(draft, kind, about=about, origin=origin)
    return msgspec.structs.replace(deployment, task_id=task.id, paused=False, restart_again=False)


def close_task(draft: Draft, task: Task, *, status: TaskStatus, message: str) -> None:
    """Close a task with its outcome, and keep a status of it; a failed one raises an error."""
    reached = draft.planned.progress.get(task.id)
    percent = 100 if status is TaskStatus.DONE else reached.percent if reached else task.percent
    draft.tasks.put(
        msgspec.structs.replace(
            task, status=status, message=message, closed_at=draft.now, percent=percent
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


def begin_task(draft: Draft, task_id: TaskId) -> None:
    """Note that a task runs now; safe to repeat."""
    task = draft.tasks.get(task_id)
    if task is not None and task.status is TaskStatus.PENDING:
        draft.tasks.put(msgspec.structs.replace(task, status=TaskStatus.RUNNING))


def close_open_task(draft: Draft, task_id: TaskId, *, status: TaskStatus, message: str) -> None:
    """Close a task unless it is closed or gone; safe to repeat."""
    task = draft.tasks.get(task_id)
    if task is not None and not task.status.closed:
        close_task(draft, task, status=status, message=message)


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
