"""What a change of the feed means to those who watch: objects of the API, put or dropped."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from berth.api.http.responses import encode
from berth.api.presenters.containers import HostContainer, SlotLookup
from berth.api.presenters.deployments import show_task, show_watched_deployment
from berth.api.schemas.catalog import render_entry
from berth.api.schemas.definitions import render_definition
from berth.api.schemas.events import render_event, render_status
from berth.api.schemas.generations import render_generation
from berth.api.schemas.hosts import render_host
from berth.api.schemas.pools import render_pool
from berth.api.schemas.registries import render_registry
from berth.api.schemas.settings import SettingsAnswer
from berth.api.schemas.slots import render_slot
from berth.api.schemas.users import render_user
from berth.api.schemas.webhooks import render_watched
from berth.api.services import Services
from berth.domain.discovery_records import Key
from berth.domain.ids import DeploymentId, HostId
from berth.domain.records import Assignment, Status, Task
from berth.store.feed import Change

#: Kind and id of an object.
Name = tuple[str, str]


class ChangedObject(msgspec.Struct, frozen=True):
    """An object as it is now; none when it is gone."""

    kind: str
    id: str
    object: Any = None


class WatchedKey(msgspec.Struct, frozen=True, rename="pascal"):
    """A key without its value, which may be large or secret: who needs it reads it."""

    key: str
    create_index: int
    modify_index: int
    flags: int


class WatchedImages(msgspec.Struct, frozen=True):
    """Images of a host changed: they are read from the list of images."""

    host_id: str


class WatchMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A change as a stream sends it."""

    revision: int
    kind: str
    id: str
    type: Literal["put", "drop"]
    object: Any


def encode_object(changed: ChangedObject, *, revision: int) -> bytes:
    """Encode a change."""
    return encode(
        WatchMessage(
            revision=revision,
            kind=changed.kind,
            id=changed.id,
            type="drop" if changed.object is None else "put",
            object=changed.object,
        )
    )


def objects_of(services: Services, change: Change) -> list[ChangedObject]:
    """Return the objects that a change is about; none for what the API does not show."""
    describe = _DESCRIBE.get(change.table)
    return list(describe(services, change)) if describe else []


def dependents_of(services: Services, change: Change) -> list[Name]:
    """Return the objects that are computed from what changed, besides those that it is about."""
    touch = _TOUCH.get(change.table)
    return list(touch(services, change)) if touch else []


def current_object(services: Services, name: Name) -> ChangedObject | None:
    """Return an object that was touched as it is now; none when it is gone, which was sent already."""
    kind, key = name
    table, render = _COMPUTED[kind]
    record = services.store.memory.tables[table].get(key)
    return None if record is None else ChangedObject(kind, key, render(services, record))


def _deployment(services: Services, record: Any) -> Any:
    return show_watched_deployment(services, record)


def _host(services: Services, record: Any) -> Any:
    return render_host(services.store.memory.fleet, record)


def _pool(services: Services, record: Any) -> Any:
    return render_pool(services.store.memory.fleet, record)


def _task(services: Services, record: Any) -> Any:
    return show_task(services, record)


def _container(services: Services, assignment: Assignment) -> Any:
    memory = services.store.memory
    deployment = memory.deployments.get(assignment.deployment_id)
    if deployment is None:
        return None
    return services.rows.render(memory.fleet, deployment, assignment=assignment)


def _key(_: Services, key: Key) -> Any:
    return WatchedKey(key.id, key.create_index, key.modify_index, key.flags)


#: Objects with members that other records decide: their table, and how they are shown.
_COMPUTED: dict[str, tuple[str, Callable[[Services, Any], Any]]] = {
    "deployment": ("deployments", _deployment),
    "host": ("hosts", _host),
    "pool": ("pools", _pool),
    "task": ("tasks", _task),
    "container": ("assignments", _container),
}


def _describe_record(
    kind: str, render: Callable[[Services, Any], Any]
) -> Callable[[Services, Change], Iterator[ChangedObject]]:
    def describe(services: Services, change: Change) -> Iterator[ChangedObject]:
        shown = None if change.after is None else render(services, change.after)
        yield ChangedObject(kind, change.key, shown)

    return describe


def _describe_definition(_: Services, change: Change) -> Iterator[ChangedObject]:
    record = change.after or change.before
    shown = None if change.after is None else render_definition(change.after)
    yield ChangedObject(record.subtype.value, record.definition_id, shown)


def _describe_report(services: Services, change: Change) -> Iterator[ChangedObject]:
    assignment = services.store.memory.assignments.get(change.key)
    if assignment is not None:
        yield ChangedObject("container", assignment.id, _container(services, assignment))


def _describe_inventory(services: Services, change: Change) -> Iterator[ChangedObject]:
    """Yield containers that no slot has: those of slots follow from their reports."""
    memory = services.store.memory
    host = memory.hosts.get(change.key)
    for container_id in change.before or ():
        yield ChangedObject("container", container_id)
    if host is None:
        return
    owners, items = (
        SlotLookup(memory.fleet, services.rows),
        memory.observed.inventory.get(host.id, {}),
    )
    for container_id in change.after or ():
        item = items.get(container_id)
        shown = owners.describe(HostContainer(host, item)) if item else None
        if shown is None or not shown.deployment_id:
            yield ChangedObject("container", container_id, shown)


def _describe_images(services: Services, change: Change) -> Iterator[ChangedObject]:
    gone = change.key not in services.store.memory.hosts
    yield ChangedObject("images", change.key, None if gone else WatchedImages(change.key))


def _describe_waiting(_: Services, change: Change) -> Iterator[ChangedObject]:
    """Describe slots that wait, and those that no longer do."""
    deployment_id = DeploymentId(change.key)
    before, after = (
        {each.id: each for each in (render_slot(deployment_id, slot) for slot in slots or ())}
        for slots in (change.before, change.after)
    )
    for key in before.keys() - after.keys():
        yield ChangedObject("slot", key)
    for key, slot in after.items():
        if before.get(key) != slot:
            yield ChangedObject("slot", key, slot)


def _describe_settings(_: Services, change: Change) -> Iterator[ChangedObject]:
    yield ChangedObject("settings", "settings", SettingsAnswer(change.after).settings)


_DESCRIBE: dict[str, Callable[[Services, Change], Iterable[ChangedObject]]] = {
    "deployments": _describe_record("deployment", _deployment),
    "hosts": _describe_record("host", _host),
    "pools": _describe_record("pool", _pool),
    "tasks": _describe_record("task", _task),
    "assignments": _describe_record("container", _container),
    "reports": _describe_report,
    "inventory": _describe_inventory,
    "definitions": _describe_definition,
    "events": _describe_record("event", lambda _, event: render_event(event)),
    "statuses": _describe_record("status", lambda _, status: render_status(status)),
    "registries": _describe_record("registry", lambda _, registry: render_registry(registry)),
    "tags": _describe_record("tag", lambda _, tag: tag.id),
    "users": _describe_record("user", lambda _, user: render_user(user)),
    "settings": _describe_settings,
    "images": _describe_images,
    "waiting": _describe_waiting,
    "keys": _describe_record("key", _key),
    "catalog": _describe_record("catalog", lambda _, entry: render_entry(entry)),
    "webhooks": _describe_record("webhook", lambda _, webhook: render_watched(webhook)),
    "generations": _describe_record("generation", lambda _, each: render_generation(each)),
}

#: What can be watched.
KINDS = frozenset(
    {"deployment", "host", "pool", "task", "container", "service", "stack", "event", "status"}
    | {"registry", "tag", "user", "settings", "images", "key", "catalog", "webhook", "generation"}
    | {"slot"}
)


def _touch_deployment(services: Services, change: Change) -> Iterator[Name]:
    """A slot that changes may change the state of its deployment, and how far its task is."""
    assignment = change.after or change.before
    if change.table == "reports":
        assignment = services.store.memory.assignments.get(change.key)
    if assignment is not None:
        yield from _deployment_and_task(services, assignment.deployment_id)


def _touch_by_key(services: Services, change: Change) -> Iterator[Name]:
    """A deployment is as wanted only when the keys of its containers are there."""
    key: Key = change.after or change.before
    assignment = services.store.memory.assignments.get(key.assignment_id)
    if assignment is not None:
        yield from _deployment_and_task(services, assignment.deployment_id)


def _touch_host(services: Services, change: Change) -> Iterator[Name]:
    """A host that comes or goes changes its pool, and the state of what it runs."""
    if change.table == "host_status":
        yield "host", change.key
    memory = services.store.memory
    before, host = change.before, memory.hosts.get(change.key)
    if host is not None:
        yield "pool", host.pool_id
    if change.table == "hosts" and before is not None:
        yield "pool", before.pool_id
    if host is None or change.table == "hosts":
        return
    if before is not None and before.state is change.after.state:
        return
    for assignment in memory.fleet.assignments_on(host.id):
        yield "container", assignment.id
        yield from _deployment_and_task(services, assignment.deployment_id)


def _touch_listed(services: Services, change: Change) -> Iterator[Name]:
    """What an engine lists shows the image of a slot's container, and its command."""
    memory, listed = services.store.memory, frozenset(change.after or ())
    for assignment in memory.fleet.assignments_on(HostId(change.key)) if listed else ():
        report = memory.fleet.report_of(assignment.id)
        if report is not None and report.container_id in listed:
            yield "container", assignment.id


def _deployment_and_task(services: Services, deployment_id: str) -> Iterator[Name]:
    yield "deployment", deployment_id
    deployment = services.store.memory.deployments.get(deployment_id)
    if deployment is not None and deployment.task_id:
        yield "task", deployment.task_id


def _touch_progress(_: Services, change: Change) -> Iterator[Name]:
    """How far a task is, is only remembered; the task itself does not change with it."""
    yield "task", change.key


def _touch_by_task(services: Services, change: Change) -> Iterator[Name]:
    """A deployment shows the task that follows its change, for as long as it is open."""
    task: Task = change.after or change.before
    deployment = services.store.memory.deployments.get(task.subject)
    if deployment is not None and deployment.task_id == task.id:
        yield "deployment", deployment.id


def _touch_by_status(_: Services, change: Change) -> Iterator[Name]:
    """An error that is not cleared makes a deployment unhealthy."""
    status: Status = change.after or change.before
    if status.event.actor.type == "deployment":
        yield "deployment", status.event.actor.id


_TOUCH: dict[str, Callable[[Services, Change], Iterable[Name]]] = {
    "assignments": _touch_deployment,
    "reports": _touch_deployment,
    "hosts": _touch_host,
    "host_status": _touch_host,
    "inventory": _touch_listed,
    "progress": _touch_progress,
    "tasks": _touch_by_task,
    "statuses": _touch_by_status,
    "keys": _touch_by_key,
}
