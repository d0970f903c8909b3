"""Pools."""

from typing import Annotated

import msgspec
from pydantic import Field

from berth.api.http.params import Body, Line
from berth.api.schemas.hosts import MEGABYTE, HostAnswer, render_host
from berth.domain.fleet import Fleet, HostStatus
from berth.domain.records import Pool
from berth.domain.states import HostState


class PoolBody(Body):
    """Body of the creation or change of a pool."""

    id: Annotated[Line | None, Field(examples=["blue"])] = None
    name: Line | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None


class Resources(msgspec.Struct, frozen=True):
    """Sums over the active hosts of a pool; memory in MB."""

    memory_max: int
    memory_used: int
    memory_percent: int
    cpu_percent: int


class PoolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A pool; ``hosts`` is there in the detailed list only."""

    id: str
    name: str
    description: str
    total_hosts: int
    active_hosts: int
    tags: list[str] | None
    resources: Resources
    hosts: list[HostAnswer] | msgspec.UnsetType = msgspec.UNSET


class ManyPools(msgspec.Struct, frozen=True):
    """Envelope of pools."""

    pools: list[PoolAnswer]


def render_pool(fleet: Fleet, pool: Pool, *, with_hosts: bool = False) -> PoolAnswer:
    """Render a pool with the sums over its hosts."""
    hosts = fleet.hosts_in(pool.id)
    statuses = [fleet.status_of(host.id) for host in hosts]
    active = [status for status in statuses if status.state is HostState.ACTIVE]
    return PoolAnswer(
        id=pool.id,
        name=pool.name,
        description=pool.description,
        total_hosts=len(hosts),
        active_hosts=len(active),
        tags=list(pool.tags) or None,
        resources=_sum_up(active),
        hosts=[render_host(fleet, host) for host in hosts] if with_hosts else msgspec.UNSET,
    )


def _sum_up(statuses: list[HostStatus]) -> Resources:
    total = sum(status.facts.memory_bytes for status in statuses if status.facts)
    used = sum(status.metrics.memory_used_bytes for status in statuses)
    cpus = sum(status.facts.cpus for status in statuses if status.facts)
    busy = sum(
        status.metrics.cpu_percent * status.facts.cpus for status in statuses if status.facts
    )
    return Resources(
        memory_max=total // MEGABYTE,
        memory_used=used // MEGABYTE,
        memory_percent=round(100 * used / total) if total else 0,
        cpu_percent=round(busy / cpus) if cpus else 0,
    )
