"""Follows tasks about whole hosts until the last container that shall go is gone."""

import msgspec

from berth.domain.fleet import Fleet
from berth.domain.ids import TaskId
from berth.domain.observed import TaskProgress
from berth.domain.records import Assignment, Host, Task, TaskKind
from berth.domain.slots import find_result, is_gone
from berth.domain.states import Duty, HostState, TaskStatus
from berth.domain.volume_homes import find_home
from berth.reconcilers.tasks.progress import record_progress
from berth.store.draft import Draft
from berth.store.store import Store
from berth.store.task_log import begin_task, close_open_task, close_task

HOST_KINDS = frozenset({TaskKind.MOVE, TaskKind.DRAIN})


class Leaving(msgspec.Struct, frozen=True):
    """The containers of a host, by whether they go or must stay."""

    going: tuple[Assignment, ...]
    staying: tuple[Assignment, ...]


class HostTasks:
    """Moves and drains: carried out by the planner, followed here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: The most containers that each task has had before it.
        self._totals: dict[TaskId, int] = {}

    async def follow(self, task: Task) -> None:
        """Close the task when its end has come; else record how far it is. Safe to repeat."""
        host = self._store.memory.hosts.get(task.subject)
        if host is None:
            await self._close(task, TaskStatus.FAILED, message="the host no longer exists")
        elif task.status is TaskStatus.CANCELLING:
            await self._store.run(lambda draft: _cancel(draft, task.id))
        else:
            await self._reconcile_host(task, host)

    async def _reconcile_host(self, task: Task, host: Host) -> None:
        fleet = self._store.memory.fleet
        leaving = sort_out_drain(fleet, host) if _is_drain(task) else sort_out_move(fleet, host)
        if not leaving.going:
            message = describe_end(leaving) if _is_drain(task) else _MOVED
            await self._close(task, TaskStatus.DONE, message=message)
            return
        if task.status is TaskStatus.PENDING:
            await self._store.run(lambda draft: begin_task(draft, task.id))
        left = len(leaving.going)
        total = self._totals[task.id] = max(self._totals.get(task.id, 0), left)
        percent = min(99, 100 * (total - left) // total)
        message = describe_rest(fleet, host, leaving=leaving)
        record_progress(self._store, task.id, progress=TaskProgress(percent, message))

    async def _close(self, task: Task, status: TaskStatus, *, message: str) -> None:
        self._totals.pop(task.id, None)
        await self._store.run(
            lambda draft: close_open_task(draft, task.id, status=status, message=message)
        )


_MOVED = "no containers of other pools are left on it"


def sort_out_drain(fleet: Fleet, host: Host) -> Leaving:
    """Return what still has to leave a drained host, and what its volume keeps there."""
    going: list[Assignment] = []
    staying: list[Assignment] = []
    for assignment in fleet.assignments_on(host.id):
        if is_gone(fleet, assignment):
            continue
        if assignment.wanted and find_result(fleet, assignment) is not None:
            continue  # it ran, and runs nowhere any more
        (staying if _is_at_home(fleet, assignment, host=host) else going).append(assignment)
    return Leaving(tuple(going), tuple(staying))


def sort_out_move(fleet: Fleet, host: Host) -> Leaving:
    """Return what other pools still have on a host that was moved out of them."""
    foreign = []
    for assignment in fleet.assignments_on(host.id):
        deployment = fleet.deployments.get(assignment.deployment_id)
        if deployment is None or deployment.pool_id != host.pool_id:
            foreign.append(assignment)
    return Leaving(tuple(foreign), ())


def describe_rest(fleet: Fleet, host: Host, *, leaving: Leaving) -> str:
    """Return a sentence: how many containers are left, and what the first one waits for."""
    left = len(leaving.going)
    text = "1 container is left" if left == 1 else f"{left} containers are left"
    if fleet.status_of(host.id).state is HostState.INACTIVE:
        return f"{text}; the host is inactive, so it is not known what is left on it"
    for assignment in leaving.going:
        for waiting in fleet.planned.unplaced.get(assignment.deployment_id, ()):
            if (waiting.service, waiting.slot) == (assignment.service, assignment.slot):
                return f"{text}; {_name_of(assignment)} is waiting: {waiting.summary}"
    return text


def describe_end(leaving: Leaving) -> str:
    """Return a sentence: all is gone, or what stays and why."""
    if not leaving.staying:
        return "no containers are left on it"
    names = sorted({_name_of(assignment) for assignment in leaving.staying})
    shown = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    return f"all containers have left but those whose volumes are on this host: {shown}"


def _is_drain(task: Task) -> bool:
    return task.kind is TaskKind.DRAIN


def _name_of(assignment: Assignment) -> str:
    return f"{assignment.service} of {assignment.deployment_id}"


def _is_at_home(fleet: Fleet, assignment: Assignment, *, host: Host) -> bool:
    deployment = fleet.deployments.get(assignment.deployment_id)
    service = deployment.service(assignment.service) if deployment is not None else None
    if deployment is None or service is None or not assignment.wanted:
        return False
    return find_home(fleet, deployment, service=service, slot=assignment.slot) == host


def _cancel(draft: Draft, task_id: TaskId) -> None:
    """Close a cancelled task; a drain returns its host to the duty that it had before."""
    task = draft.tasks.get(task_id)
    if task is None or task.status is not TaskStatus.CANCELLING:
        return
    message = "cancelled; the host stays in its new pool"
    host = draft.hosts.get(task.subject)
    if task.kind is TaskKind.DRAIN and host is not None:
        draft.hosts.put(msgspec.structs.replace(host, duty=Duty(task.action)))
        message = f"cancelled; the host is {task.action} again"
    close_task(draft, task, status=TaskStatus.CANCELLED, message=message)
