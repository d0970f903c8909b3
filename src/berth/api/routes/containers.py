"""Container: what engines run, managed or not."""

from typing import Annotated

import msgspec
from fastapi import Query

from berth.api.answers import Json, TaskStarted
from berth.api.auth import CurrentUser, ServicesOf
from berth.api.inventory import Located, Owners, list_all, locate, read_documents
from berth.api.requests import make_origin
from berth.api.routing import Endpoints
from berth.api.schemas.containers import LogsAnswer, ManyContainers, OneLogs, WrappedContainer, wrap
from berth.api.services import Services
from berth.api.times import parse_time
from berth.api.values import QueryInteger
from berth.control.containers import find_container, request_action
from berth.control.hosts import get_host
from berth.domain.calls import ContainerAction
from berth.domain.errors import NotFound, Unreadable
from berth.domain.observed import LogQuery
from berth.domain.records import User

endpoints = Endpoints("Container")


@endpoints.get("/api/containers/", deprecated=True)
async def list_containers(services: ServicesOf) -> Json[list[WrappedContainer]]:
    """List all containers of all hosts as their engines describe them."""
    return Json(await _wrap_all(services, list_all(services.store.memory.fleet)))


@endpoints.get("/api/containers/{container_id}/host/{host_id}")
async def get_container_on_host(
    container_id: str, host_id: str, services: ServicesOf
) -> Json[WrappedContainer]:
    """Give a container on a host."""
    memory = services.store.memory
    host = get_host(memory.hosts, host_id)
    found_on, full_id = find_container(memory.fleet, container_id)
    if found_on != host.id:
        raise NotFound(
            f"host {host.name!r} has no container {container_id!r}", code="unknown_container"
        )
    located = locate(memory.fleet, host, container_id=full_id)
    return Json((await _wrap_all(services, [located]))[0])


@endpoints.get("/api/v2/containers/")
async def list_flat_containers(services: ServicesOf) -> Json[ManyContainers]:
    """List all containers of all hosts with their owners."""
    fleet = services.store.memory.fleet
    located = list_all(fleet)
    documents = await read_documents(services, located)
    owners = Owners(fleet)
    flat = [
        msgspec.structs.replace(owners.describe(each), container=document)
        for each, document in zip(located, documents, strict=True)
    ]
    return Json(ManyContainers(flat))


@endpoints.get("/api/v2/containers/{container_id}/logs")
async def get_logs(
    container_id: str,
    services: ServicesOf,
    tail: Annotated[QueryInteger | None, Query()] = None,
    since: Annotated[str | None, Query()] = None,
) -> Json[OneLogs]:
    """Give a container's output, the newest 1 MiB of each stream."""
    if tail is not None and tail < 0:
        raise Unreadable("tail cannot be below 0", code="invalid_query", field="tail")
    query = LogQuery(tail=tail, since=parse_time(since, field="since") if since else None)
    host_id, full_id = find_container(services.store.memory.fleet, container_id)
    logs = await services.calls.read_logs(host_id, full_id, query=query)
    answer = LogsAnswer(
        container_id=full_id,
        stdout=logs.stdout.decode("utf-8", "replace"),
        stderr=logs.stderr.decode("utf-8", "replace"),
    )
    return Json(OneLogs(answer))


@endpoints.post("/api/v2/containers/{container_id}/kill")
async def kill_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Kill a container; one of a running deployment is replaced."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.KILL)


@endpoints.post("/api/v2/containers/{container_id}/stop")
async def stop_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Stop a container; one of a running deployment is replaced."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.STOP)


@endpoints.post("/api/v2/containers/{container_id}/start")
async def start_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Start a stopped container."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.START)


@endpoints.post("/api/v2/containers/{container_id}/restart")
async def restart_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Restart a container; its id stays."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.RESTART)


@endpoints.post("/api/v2/containers/{container_id}/pause")
async def pause_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Pause a running container."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.PAUSE)


@endpoints.post("/api/v2/containers/{container_id}/unpause")
async def unpause_container(
    container_id: str, services: ServicesOf, user: CurrentUser
) -> Json[TaskStarted]:
    """Let a paused container go on."""
    return await _act(services, user, container_id=container_id, action=ContainerAction.UNPAUSE)


async def _act(
    services: Services, user: User, *, container_id: str, action: ContainerAction
) -> Json[TaskStarted]:
    origin = make_origin(user)
    task = await services.store.run(
        lambda draft: request_action(draft, container_id, action=action, origin=origin)
    )
    return Json(TaskStarted(task.id))


async def _wrap_all(services: Services, located: list[Located]) -> list[WrappedContainer]:
    documents = await read_documents(services, located)
    owners = Owners(services.store.memory.fleet)
    return [
        wrap(owners.describe(each), document)
        for each, document in zip(located, documents, strict=True)
    ]
