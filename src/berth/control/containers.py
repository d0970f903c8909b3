"""Actions of users on containers: each is a task for the host that has the container."""

from berth.domain.calls import ContainerAction
from berth.domain.errors import NotFound
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, HostId
from berth.domain.origin import Origin
from berth.domain.records import Task, TaskKind
from berth.domain.states import Attempt
from berth.store.draft import Draft
from berth.store.task_log import TaskSubject, open_task

#: Shortest prefix of an id that is looked up.
MIN_PREFIX = 12


def request_action(
    draft: Draft, id_or_prefix: str, *, action: ContainerAction, origin: Origin
) -> Task:
    """Open the task that carries an action out; what state fits is judged on the host."""
    host_id, container_id = find_container(draft.fleet, id_or_prefix)
    about = TaskSubject(
        name=f"{action.value} container: {container_id}",
        subject=container_id,
        action=action.value,
        host_id=host_id,
    )
    return open_task(draft, TaskKind.CONTAINER, about=about, origin=origin)


def find_container(fleet: Fleet, id_or_prefix: str) -> tuple[HostId, ContainerId]:
    """Return host and full id of the one container meant; raises NotFound for none or several."""
    exact = ContainerId(id_or_prefix)
    for host_id, items in fleet.observed.inventory.items():
        if exact in items:
            return host_id, exact
    found = _find_by_prefix(fleet, id_or_prefix) if len(id_or_prefix) >= MIN_PREFIX else set()
    if len(found) == 1:
        return found.pop()
    if found:
        raise NotFound(
            f"{len(found)} containers begin with {id_or_prefix!r}: write more of the id",
            code="ambiguous_id",
        )
    raise NotFound(f"container {id_or_prefix!r} does not exist", code="unknown_container")


def _find_by_prefix(fleet: Fleet, prefix: str) -> set[tuple[HostId, ContainerId]]:
    """Go through what engines list, and what agents reported before the list came."""
    found = {
        (host_id, container_id)
        for host_id, items in fleet.observed.inventory.items()
        for container_id in items
        if container_id.startswith(prefix)
    }
    for report in fleet.observed.reports.values():
        if report.container_id.startswith(prefix) and report.state < Attempt.REMOVED:
            assignment = fleet.assignments.get(report.assignment_id)
            if assignment is not None:
                found.add((assignment.host_id, ContainerId(report.container_id)))
    return found
