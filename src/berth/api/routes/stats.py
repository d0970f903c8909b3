"""Container and Host: what they use, now and in the last hour."""

from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from fastapi import Query

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.params import AS_INTEGER, QueryFlag
from berth.api.http.responses import Json, encode
from berth.api.http.sse import EventStream, render_message, render_problem_message
from berth.api.http.timestamps import render_exact_time
from berth.api.presenters.containers import check_contact
from berth.api.services import Services
from berth.control.containers import find_container
from berth.control.hosts.membership import get_host
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import HostId
from berth.domain.streams import FollowStats
from berth.domain.usage import History, HostUsage, Usage

endpoints = Endpoints("Stats")

#: Seconds between two measurements of a stream.
DEFAULT_INTERVAL_S = 2

Follow = Annotated[QueryFlag, Query(description="Measure again and again, as server-sent events.")]
Interval = Annotated[
    int, Query(ge=1, le=60, description="Seconds between measurements."), AS_INTEGER
]


class UsageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; rates are per second, and 100 percent are one processor."""

    time: str
    cpu_percent: float
    memory_bytes: int
    memory_limit_bytes: int
    received_bytes_s: float
    sent_bytes_s: float
    read_bytes_s: float
    written_bytes_s: float


class StatsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a container or host uses; ``container_id`` is "" for a host."""

    host_id: str
    container_id: str
    latest: UsageAnswer | None
    history: list[UsageAnswer]


class OneStats(msgspec.Struct, frozen=True):
    """Envelope of a use."""

    stats: StatsAnswer


_NOTES = Notes(errors=("409",), media_types=(EventStream.media_type,), event=UsageAnswer)


@endpoints.get("/api/v2/containers/{container_id}/stats", notes=_NOTES)
async def get_container_stats(
    container_id: str,
    services: ServicesOf,
    *,
    follow: Follow = False,
    interval: Interval = DEFAULT_INTERVAL_S,
) -> Json[OneStats]:
    """Return what a container uses, with its last hour; or follow it."""
    host_id, full_id = find_container(services.store.memory.fleet, container_id)
    if follow:
        return _follow(services, host_id, request=FollowStats(full_id, float(interval)))
    usage = services.store.memory.observed.usage.get(host_id, HostUsage())
    history = usage.containers.get(full_id, History())
    return Json(_render(host_id, full_id, history=history))


@endpoints.get("/api/v2/hosts/{host_id}/stats", notes=_NOTES)
async def get_host_stats(
    host_id: str,
    services: ServicesOf,
    *,
    follow: Follow = False,
    interval: Interval = DEFAULT_INTERVAL_S,
) -> Json[OneStats]:
    """Return what a host uses, with its last hour; or follow it."""
    host = get_host(services.store.memory.hosts, host_id)
    if follow:
        return _follow(services, host.id, request=FollowStats(None, float(interval)))
    usage = services.store.memory.observed.usage.get(host.id, HostUsage())
    return Json(_render(host.id, "", history=usage.host))


def render_usage(usage: Usage) -> UsageAnswer:
    """Render a measurement."""
    return UsageAnswer(
        time=render_exact_time(usage.at),
        cpu_percent=round(usage.cpu_percent, 2),
        memory_bytes=round(usage.memory_bytes),
        memory_limit_bytes=round(usage.memory_limit_bytes),
        received_bytes_s=round(usage.received_bytes_s, 1),
        sent_bytes_s=round(usage.sent_bytes_s, 1),
        read_bytes_s=round(usage.read_bytes_s, 1),
        written_bytes_s=round(usage.written_bytes_s, 1),
    )


def _render(host_id: str, container_id: str, *, history: History) -> OneStats:
    latest = render_usage(history.last) if history.last else None
    points = [render_usage(point) for point in history.points()]
    return OneStats(
        StatsAnswer(host_id=host_id, container_id=container_id, latest=latest, history=points)
    )


def _follow(services: Services, host_id: HostId, *, request: FollowStats) -> EventStream:
    check_contact(services, host_id)
    return EventStream(_messages(services, host_id, request=request), stopping=services.stopping)


async def _messages(
    services: Services, host_id: HostId, *, request: FollowStats
) -> AsyncGenerator[bytes, None]:
    try:
        async with services.agents.open_stream(host_id, request) as stream:
            while (piece := await stream.receive()) is not None:
                usage = msgspec.json.decode(piece.data, type=Usage)
                yield render_message(encode(render_usage(usage)))
    except (HostAway, CallFailed) as failure:
        yield render_problem_message(failure.message, code=failure.code)
