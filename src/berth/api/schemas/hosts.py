"""Hosts, and how engines become hosts."""

from typing import Annotated, Any

import msgspec
from pydantic import Field, model_validator

from berth.api.http.params import Body, Integer, Line
from berth.api.http.timestamps import render_time
from berth.domain.endpoints import pack_addresses
from berth.domain.fleet import Fleet, HostStatus
from berth.domain.observed import HostFacts
from berth.domain.records import Host
from berth.domain.states import Duty, HostState

MEGABYTE = 1024 * 1024


class HostPoolBody(Body):
    """The pool that a host moves to: as a member ``pool_id`` or ``id``, or a bare text."""

    pool_id: Line

    @model_validator(mode="before")
    @classmethod
    def read_forms(cls, value: Any) -> Any:
        """Accept the three forms that callers send."""
        if isinstance(value, str):
            return {"pool_id": value}
        if isinstance(value, dict) and "pool_id" not in value and "id" in value:
            return {"pool_id": value["id"]}
        return value


class HostInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a host."""

    host_id: str
    hostname: str
    pool_id: str
    is_active: bool
    last_seen: int
    info_updated_at: str
    uptime: str
    ip_addresses: str
    cpu: int
    num_cpus: int
    memory: int
    memory_mb: int
    num_images: int
    running_cnts: int
    docker_version: str
    docker_api_version: str
    host_version: str
    location: str = ""
    provider: str = ""


class DiskAnswer(msgspec.Struct, frozen=True):
    """The space of a disk of a host."""

    #: A folder that is on it.
    path: str
    total_bytes: int
    free_bytes: int


class HostAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A host."""

    host_id: str
    info: HostInfo
    tags: list[str] | None
    load: float
    interfaces: dict[str, str]
    #: active, paused or drained: whether it takes containers, as an operator wants it.
    duty: str
    #: Version of the protocol that its agent speaks with the manager, 0 before its first hello.
    protocol: int
    #: unknown (not heard of since the manager's start), active or inactive.
    state: HostState
    #: Why the host takes no containers now, for people; "" when it does.
    reason: str
    #: Whether its agent obeys nothing until an operator confirms this manager.
    held: bool
    #: Whether its access was revoked: only a new join lets it come back.
    revoked: bool
    engine_reachable: bool
    #: Disks that its agent and its engine write to.
    disks: list[DiskAnswer]
    os: str
    kernel: str
    #: Where other hosts and the manager reach its published ports.
    address: str
    joined_at: str


class OneHost(msgspec.Struct, frozen=True):
    """Envelope of a host."""

    host: HostAnswer


class ManyHosts(msgspec.Struct, frozen=True):
    """Envelope of hosts."""

    hosts: list[HostAnswer]


class JoinTokenBody(Body):
    """Body of a rotation; what is missing has no bound."""

    lifetime_s: Annotated[
        float | None,
        Field(gt=0, le=365 * 86_400, description="Seconds for which it is good.", examples=[3600]),
    ] = None
    uses: Annotated[
        Integer | None, Field(ge=1, le=10_000, description="Hosts that may join with it.")
    ] = None


class JoinTokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The join token."""

    join_token: str
    #: Never where it is the year 1.
    expires_on: str
    #: Hosts that may join with it still; null has no bound.
    uses_left: int | None


class AuthorityAnswer(msgspec.Struct, frozen=True):
    """Certificate of the instance's authority, "" with plain HTTP."""

    ca: str


def render_host(fleet: Fleet, host: Host) -> HostAnswer:
    """Render a host with what its agent said last."""
    status = fleet.status_of(host.id)
    metrics = status.metrics
    images = fleet.observed.images.get(host.id)
    facts = status.facts or HostFacts(hostname=host.name, engine_id=host.engine_id, cpus=0)
    return HostAnswer(
        host_id=host.id,
        info=HostInfo(
            host_id=host.id,
            hostname=host.name,
            pool_id=host.pool_id,
            is_active=status.state is HostState.ACTIVE,
            last_seen=int(status.last_seen),
            info_updated_at=render_time(status.last_seen or None),
            uptime=render_uptime(metrics.uptime_s),
            ip_addresses=_render_addresses(host, facts),
            cpu=round(metrics.cpu_percent),
            num_cpus=facts.cpus,
            memory=round(metrics.memory_percent),
            memory_mb=facts.memory_bytes // MEGABYTE,
            num_images=len(images) if images is not None else metrics.images,
            running_cnts=metrics.running,
            docker_version=facts.engine_version,
            docker_api_version=facts.engine_api_version,
            host_version=facts.agent_version,
        ),
        tags=list(host.tags) or None,
        load=metrics.load,
        interfaces=dict(facts.interfaces),
        duty=host.duty.value,
        protocol=status.protocol,
        state=status.state,
        reason=_find_reason(host, status),
        held=status.held,
        revoked=host.revoked_at > 0,
        engine_reachable=metrics.engine_reachable,
        disks=[DiskAnswer(each.path, each.total_bytes, each.free_bytes) for each in metrics.disks],
        os=facts.os,
        kernel=facts.kernel,
        address=facts.address or host.address,
        joined_at=render_time(host.created_at),
    )


def _find_reason(host: Host, status: HostStatus) -> str:
    """Ordered rules: the first that holds."""
    if host.revoked_at:
        return "its access was revoked: it can only come back by joining again"
    if status.state is HostState.UNKNOWN:
        return "not heard of since the manager's start"
    if not status.metrics.engine_reachable:
        return f"its container engine does not answer: {status.metrics.engine_message}"
    if status.state is HostState.INACTIVE:
        return "its agent is not in contact"
    if status.held:
        return "its agent waits until an operator confirms this manager"
    return {
        Duty.ACTIVE: "",
        Duty.PAUSED: "an operator paused it: it keeps what it has",
        Duty.DRAINED: "an operator drained it: what it has goes elsewhere",
    }[host.duty]


def render_uptime(seconds: float) -> str:
    """Write a time of running as the Unix command does: ``14 days, 4:10``."""
    days, rest = divmod(int(seconds), 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes} min"
    if not days:
        return clock
    return f"{days} day{'' if days == 1 else 's'}, {clock}"


def _render_addresses(host: Host, facts: HostFacts) -> str:
    """Write all addresses in one text, the public one last."""
    return pack_addresses(
        facts,
        address=facts.address or host.address,
        public=facts.public_address or host.public_address,
    )
