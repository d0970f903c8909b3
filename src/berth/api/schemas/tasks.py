"""Tasks."""

import msgspec

from berth.api.http.timestamps import Stamp, render_stamp
from berth.domain.fleet import Fleet
from berth.domain.ids import HostId
from berth.domain.records import Task, TaskKind


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A task, with its members' old spelling."""

    id: str = msgspec.field(name="ID")
    name: str = msgspec.field(name="Name")
    user: str = msgspec.field(name="User")
    subsystem: str = msgspec.field(name="Subsystem")
    created_at: Stamp = msgspec.field(name="CreatedAt")
    closed_at: Stamp = msgspec.field(name="ClosedAt")
    percent: int = msgspec.field(name="Percent")
    status: int = msgspec.field(name="Status")
    host_id: str = msgspec.field(name="HostID")
    host_started_at: Stamp = msgspec.field(name="HostStartedAt")
    status_description: str = msgspec.field(name="StatusDescription")
    message: str = msgspec.field(name="Message")
    #: What it does: deploy, update, start, stop, restart, rollback, container, image, move, drain.
    kind: TaskKind = msgspec.field(name="Kind")
    #: What it is about: the id of a deployment, host or container, or the name of an image.
    subject: str = msgspec.field(name="Subject")
    #: The generation of the deployment that it brings about, 0 for other tasks.
    generation: int = msgspec.field(name="Generation")


class OneTask(msgspec.Struct, frozen=True):
    """Envelope of a task."""

    task: TaskAnswer = msgspec.field(name="Task")


class ManyTasks(msgspec.Struct, frozen=True):
    """Envelope of tasks."""

    tasks: list[TaskAnswer]


class TaskStarted(msgspec.Struct, frozen=True):
    """Answer of a long action: follow that task."""

    task_id: str
    #: As it was at the end of the wait; left out where none was asked for.
    task: TaskAnswer | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def make(cls, task_id: str, task: TaskAnswer | None) -> "TaskStarted":
        """Make the answer; without the task where nobody waited."""
        return cls(task_id, msgspec.UNSET if task is None else task)


class Machine(msgspec.Struct, frozen=True):
    """The manager's machine, which runs what no host runs."""

    name: str
    started_at: float


def render_task(fleet: Fleet, task: Task, *, manager: Machine) -> TaskAnswer:
    """Render a task."""
    if task.host_id:
        facts = fleet.status_of(HostId(task.host_id)).facts
        runner, started_at = task.host_id, facts.started_at if facts else 0.0
    else:
        runner, started_at = manager.name, manager.started_at
    reached = fleet.planned.progress.get(task.id)
    return TaskAnswer(
        id=task.id,
        name=task.name,
        user=task.user,
        subsystem=task.subsystem,
        created_at=render_stamp(task.created_at),
        closed_at=render_stamp(task.closed_at),
        percent=reached.percent if reached else task.percent,
        status=task.status.value,
        host_id=runner,
        host_started_at=render_stamp(started_at or None),
        status_description=task.status.name.capitalize(),
        message=reached.message if reached else task.message,
        kind=task.kind,
        subject=task.subject,
        generation=task.generation,
    )
