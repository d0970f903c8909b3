"""Containers: the flat form of a slot or container, and the wrapped inspect form."""

import msgspec

from berth.api.times import NEVER, render_time
from berth.domain.observed import EngineContainer
from berth.domain.records import Deployment, Host
from berth.domain.views import ContainerRow


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
    )


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
    )


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
