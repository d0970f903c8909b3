"""The duty of a host, as an operator wants it: to take containers, to keep them, to give them up."""

from typing import Literal

import msgspec

from berth.control.hosts.membership import get_host, record_host_event
from berth.domain.origin import Origin
from berth.domain.records import Host, Task, TaskKind
from berth.domain.states import Duty, TaskStatus
from berth.store.draft import Draft
from berth.store.task_log import TaskSubject, open_task, supersede_tasks

_DRAINS = frozenset({TaskKind.DRAIN})

_EVENTS = {
    Duty.ACTIVE: ("host_activated", "takes containers again"),
    Duty.PAUSED: ("host_paused", "keeps its containers and takes no new ones"),
    Duty.DRAINED: ("host_drained", "gives its containers up"),
}


def set_duty(
    draft: Draft,
    host_id: str,
    *,
    duty: Literal[Duty.ACTIVE, Duty.PAUSED],
    origin: Origin,
) -> Host:
    """Let a host take containers, or only keep what it has; a drain under way ends."""
    host = get_host(draft.hosts, host_id)
    supersede_tasks(draft, host.id, successor=f"the host is {duty.value}", kinds=_DRAINS)
    return _put(draft, host, duty=duty, origin=origin)


def drain_host(draft: Draft, host_id: str, *, origin: Origin) -> Task:
    """Let the containers of a host go elsewhere, followed by a task; one under way answers."""
    host = get_host(draft.hosts, host_id)
    before = host.duty
    for task in draft.tasks.find("subject", host.id):
        if task.kind is TaskKind.DRAIN and not task.status.closed:
            if task.status is not TaskStatus.CANCELLING:
                return task
            before = Duty(task.action)
    supersede_tasks(draft, host.id, successor=f"task {origin.task_id}", kinds=_DRAINS)
    _put(draft, host, duty=Duty.DRAINED, origin=origin)
    about = TaskSubject(
        name=f"drain host: {host.name}", subject=host.id, action=before.value, host_id=host.id
    )
    return open_task(draft, TaskKind.DRAIN, about=about, origin=origin)


def _put(draft: Draft, host: Host, *, duty: Duty, origin: Origin) -> Host:
    if host.duty is duty:
        return host
    changed = msgspec.structs.replace(host, duty=duty)
    draft.hosts.put(changed)
    key, what = _EVENTS[duty]
    record_host_event(
        draft, changed, key=key, summary=f"Host {host.name} {what}", caller=origin.user
    )
    return changed
