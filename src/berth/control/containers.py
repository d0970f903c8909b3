"""Actions of users on containers: each is a task for the host that has the container."""

from berth.domain.calls import ContainerAction
from berth.domain.container_owners import claimed_ids, find_owner
from berth.domain.errors import NotFound
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, HostId
from berth.domain.origin import Origin
from berth.domain.records import Task, TaskKind
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
    """Return host and full id of the one container meant.

    Raises NotFound for none or several, Conflict or HostAway where it cannot be told whose it is.
    """
    exact = ContainerId(id_or_prefix)
    owner = find_owner(fleet, exact)
    if owner is not None:
        return owner, exact
    found: set[ContainerId] = set()
    if len(id_or_prefix) >= MIN_PREFIX:
        found = {each for each, _ in claimed_ids(fleet) if each.startswith(id_or_prefix)}
    if len(found) > 1:
        raise NotFound(
            f"{len(found)} containers begin with {id_or_prefix!r}: write more of the id",
            code="ambiguous_id",
        )
    for container_id in found:
        owner = find_owner(fleet, container_id)
        if owner is not None:
            return owner, container_id
    raise NotFound(f"container {id_or_prefix!r} does not exist", code="unknown_container")
