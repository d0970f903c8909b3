"""Containers: the flat form of a slot or container, and the wrapped inspect form."""

import shlex
from collections.abc import Iterable
from typing import Any

import msgspec

from berth.api.http.timestamps import NEVER, render_time
from berth.domain.deployment_view import ContainerRow
from berth.domain.images import is_digest
from berth.domain.observed import ContainerReport, EngineContainer, PortBinding
from berth.domain.plan import slot_key
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.states import Health


class PortItem(msgspec.Struct, frozen=True):
    """A port of a container at a port of its host."""

    container_port: int
    protocol: str
    host_port: int
    #: Address on the host, "" for all.
    host_ip: str


class FlatContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container or an empty slot; ``container`` is there in the list of all containers only."""

    deployment_id: str = ""
    deployment_name: str = ""
    deployment_key: str = ""
    environment_id: str = ""
    stack_id: str = ""
    service_id: str = ""
    service_slot: int = 0
    container_name: str = ""
    container_id: str = ""
    container_hostname: str = ""
    host_id: str = ""
    hostname: str = ""
    host_group: str = ""
    subtype: str = ""
    phase_id: int = 0
    state: str = "Pending"
    started_at: str = NEVER
    message: str = ""
    checks_total: int = 0
    checks_passed: int = 0
    #: Id in the watch: of what fills the slot, of an empty slot, or of a container by hand.
    id: str = ""
    #: none (nothing checks it), checking, healthy or unhealthy.
    health: Health = Health.NONE
    #: Counts the slot's containers on this host from 1.
    attempt: int = 0
    #: Attempts that ended in a row, the failure word of the last, and when the next one comes.
    failures: int = 0
    code: str = ""
    retry_at: str = NEVER
    exit_code: int | None = None
    ports: tuple[PortItem, ...] = ()
    image: str = ""
    image_id: str = ""
    #: Digest under which the registry has it; "" while that is not known, or it came from none.
    image_digest: str = ""
    command: str = ""
    created_at: str = NEVER
    #: False while a container of an older generation fills the slot.
    up_to_date: bool = True
    #: False for a container that is to go.
    wanted: bool = True
    container: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class WrappedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container's inspect document, and whose it is."""

    host_id: str
    container: msgspec.Raw
    hostname: str
    deployment_id: str
    deployment_name: str
    service_id: str
    state: str


class ManyContainers(msgspec.Struct, frozen=True):
    """Envelope of flat containers."""

    containers: list[FlatContainer]


class LogsAnswer(msgspec.Struct, frozen=True):
    """Output of a container."""

    container_id: str
    stdout: str
    stderr: str


class OneLogs(msgspec.Struct, frozen=True):
    """Envelope of a container's output."""

    container: LogsAnswer


def render_row(deployment: Deployment, row: ContainerRow) -> FlatContainer:
    """Render a slot or container of a deployment."""
    more: dict[str, Any] = {}
    if row.assignment is not None:
        more |= _members_of_assignment(deployment, row.assignment, listed=row.listed)
    if row.report is not None:
        more |= _members_of_report(row.report)
    return FlatContainer(
        deployment_id=deployment.id,
        deployment_name=deployment.name,
        deployment_key=f"{row.service}-{deployment.id}",
        stack_id=deployment.service_id,
        service_id=row.service,
        service_slot=row.slot,
        container_name=row.container_name,
        container_id=row.container_id,
        container_hostname=row.container_hostname,
        host_id=row.host_id,
        hostname=row.hostname,
        host_group=deployment.pool_id,
        subtype=deployment.subtype.value,
        phase_id=row.phase,
        state=row.state,
        started_at=render_time(row.started_at),
        message=row.message,
        checks_total=row.checks_total,
        checks_passed=row.checks_passed,
        id=row.assignment_id or slot_key(deployment.id, row.service, slot=row.slot),
        wanted=row.wanted,
        **more,
    )


def _members_of_assignment(
    deployment: Deployment, assignment: Assignment, *, listed: EngineContainer | None
) -> dict[str, Any]:
    service = deployment.service(assignment.service)
    newest = deployment.hash_of(service) if service is not None else ""
    command = listed.command if listed else shlex.join(assignment.spec.command or ())
    return {
        "image": assignment.spec.image,
        "image_id": listed.image_id if listed else "",
        "command": command,
        "created_at": render_time((listed and listed.created_at) or assignment.created_at),
        "exit_code": assignment.exit_code,
        "up_to_date": assignment.spec_hash == newest,
    }


def _members_of_report(report: ContainerReport) -> dict[str, Any]:
    members: dict[str, Any] = {
        "health": report.health,
        "image_digest": report.image_digest if is_digest(report.image_digest) else "",
        "attempt": report.attempt,
        "failures": report.failures,
        "code": report.code,
        "retry_at": render_time(report.retry_at),
        "ports": _render_ports(report.ports),
    }
    if report.exit_code is not None:  # else that of an assignment whose container is gone stays
        members["exit_code"] = report.exit_code
    return members


def _render_ports(ports: Iterable[PortBinding]) -> tuple[PortItem, ...]:
    return tuple(PortItem(each.container, each.protocol, each.host, each.ip) for each in ports)


def render_unmanaged(host: Host, container: EngineContainer, *, active: bool) -> FlatContainer:
    """Render a container that no slot of a deployment has."""
    return FlatContainer(
        container_name=container.name,
        container_id=container.id,
        container_hostname=container.id[:12],
        host_id=host.id,
        hostname=host.name,
        host_group=host.pool_id,
        state=_STATE_WORDS.get(container.state, "Stopped") if active else "Unknown",
        message=container.status,
        id=container.id,
        health=_read_health(container.status),
        ports=_render_ports(container.ports),
        image=container.image,
        image_id=container.image_id,
        command=container.command,
        created_at=render_time(container.created_at) if container.created_at else NEVER,
    )


def _read_health(status: str) -> Health:
    """Read what the engine's check says out of its sentence: ``Up 3 minutes (healthy)``."""
    return next((health for end, health in _VERDICTS.items() if status.endswith(end)), Health.NONE)


#: Ends of the engine's sentence.
_VERDICTS = {
    "(healthy)": Health.HEALTHY,
    "(unhealthy)": Health.UNHEALTHY,
    "(health: starting)": Health.CHECKING,
}


#: The engine's word to the API's.
_STATE_WORDS = {
    "running": "Running",
    "restarting": "Running",
    "paused": "Paused",
    "removing": "Stopping",
    "created": "Stopped",
    "exited": "Stopped",
    "dead": "Stopped",
}


def wrap(flat: FlatContainer, document: msgspec.Raw) -> WrappedContainer:
    """Put an inspect document into its envelope."""
    return WrappedContainer(
        host_id=flat.host_id,
        container=document,
        hostname=flat.hostname,
        deployment_id=flat.deployment_id,
        deployment_name=flat.deployment_name,
        service_id=flat.service_id,
        state=flat.state,
    )
