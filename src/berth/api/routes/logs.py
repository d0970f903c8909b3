"""Container and Deployment: output, as it was and as it is written."""

from typing import Annotated

import msgspec
from fastapi import Depends, Query

from berth.api.endpoints.auth import FOR_DEPLOYMENTS, ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.params import Integer, QueryFlag
from berth.api.http.responses import Json
from berth.api.http.sse import EventStream, LastId
from berth.api.presenters.containers import check_contact
from berth.api.schemas.containers import LogsAnswer, OneLogs
from berth.api.streams.log_follower import DeploymentFollower, follow_container, read_deployment
from berth.api.streams.log_lines import LogLine, LogRange, LogSource, read_range, strip_times
from berth.control.containers import find_container
from berth.control.deployments.lifecycle import get_deployment

endpoints = Endpoints("Logs")


class DeploymentLogs(msgspec.Struct, frozen=True):
    """Newest lines of all containers of a deployment, by time."""

    deployment_id: str
    lines: list[LogLine]
    #: Containers that could not be asked, each with the reason.
    unavailable: list[str]


class OneDeploymentLogs(msgspec.Struct, frozen=True):
    """Envelope of a deployment's output."""

    logs: DeploymentLogs


async def _read_range(
    services: ServicesOf,
    *,
    last_id: LastId,
    tail: Annotated[Integer | None, Query(description="Newest lines only.")] = None,
    since: Annotated[
        str | None, Query(description="RFC 3339, Unix seconds, or a span such as 10m or 1h30m.")
    ] = None,
    until: Annotated[str | None, Query(description="As `since`.")] = None,
    timestamps: Annotated[QueryFlag, Query(description="A time with each line.")] = True,
) -> LogRange:
    wanted = read_range(tail, since=since, until=until, seen=last_id, now=services.clock.now())
    return msgspec.structs.replace(wanted, timed=timestamps)


RangeOf = Annotated[LogRange, Depends(_read_range)]
Follow = Annotated[
    QueryFlag, Query(description="Go on with what is written, as server-sent events.")
]
_NOTES = Notes(errors=("409",), media_types=(EventStream.media_type,), event=LogLine)


@endpoints.get("/api/v2/containers/{container_id}/logs", notes=_NOTES)
async def get_logs(
    container_id: str,
    services: ServicesOf,
    *,
    wanted: RangeOf,
    follow: Follow = False,
) -> Json[OneLogs]:
    """Return a container's output, the newest 1 MiB of each stream; or follow it."""
    host_id, full_id = find_container(services.store.memory.fleet, container_id)
    if follow:
        check_contact(services, host_id)
        source = LogSource(container_id=full_id, host_id=host_id)
        messages = follow_container(services, source, wanted=wanted)
        return EventStream(messages, stopping=services.stopping)
    logs = await services.agents.read_logs(host_id, full_id, query=wanted.query())
    stdout, stderr = (each.decode("utf-8", "replace") for each in (logs.stdout, logs.stderr))
    if not wanted.timed:
        stdout, stderr = strip_times(stdout), strip_times(stderr)
    return Json(OneLogs(LogsAnswer(container_id=full_id, stdout=stdout, stderr=stderr)))


@endpoints.get("/api/v2/deployments/{deployment_id}/logs", needs=FOR_DEPLOYMENTS, notes=_NOTES)
async def get_deployment_logs(
    deployment_id: str, services: ServicesOf, *, wanted: RangeOf, follow: Follow = False
) -> Json[OneDeploymentLogs]:
    """Return the newest lines of all containers of a deployment by time; or follow them all."""
    deployment = get_deployment(services.store.memory.deployments, deployment_id)
    if follow:
        follower = DeploymentFollower(services, deployment, wanted=wanted)
        return EventStream(follower.messages(), stopping=services.stopping)
    found = await read_deployment(services, deployment, wanted=wanted)
    lines = [wanted.show(line) for line in found.lines]
    answer = DeploymentLogs(deployment.id, lines, unavailable=found.unavailable)
    return Json(OneDeploymentLogs(answer))
