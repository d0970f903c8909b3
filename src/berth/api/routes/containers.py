"""Container: what engines run, managed or not."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
from fastapi import Depends, Query

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.etag import tag_of_revision
from berth.api.http.params import QueryFlag
from berth.api.http.responses import Json
from berth.api.listing.filters import Words, check_words, choose, is_among
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one, stream_list
from berth.api.presenters.containers import (
    HostContainer,
    SlotLookup,
    id_of,
    list_all,
    locate,
    read_documents,
    wrap_all,
)
from berth.api.requests.task_request import TaskRequest, TaskRequestOf
from berth.api.schemas.containers import (
    FlatContainer,
    ManyContainers,
    WrappedContainer,
)
from berth.api.schemas.tasks import TaskStarted
from berth.api.services import Services
from berth.control.containers import find_container, request_action
from berth.control.hosts.membership import get_host
from berth.domain.calls import ContainerAction
from berth.domain.deployment_view import STATES
from berth.domain.errors import NotFound

endpoints = Endpoints("Container")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which containers a list has."""

    deployment: str | None = None
    service: str | None = None
    host: str | None = None
    pool: str | None = None
    state: str | None = None

    def passes(self, owners: SlotLookup, located: HostContainer) -> bool:
        """Whether a container is one of them; what is cheap to see is checked first."""
        host = located.host
        if not is_among(self.host, host.id, host.name) or not is_among(self.pool, host.pool_id):
            return False
        if self.deployment is None and self.service is None and self.state is None:
            return True
        flat = owners.describe(located)
        return (
            is_among(self.deployment, flat.deployment_id)
            and is_among(self.service, flat.service_id)
            and is_among(self.state, flat.state)
        )


async def read_wanted(
    *,
    deployment: Words = None,
    service: Words = None,
    host: Words = None,
    pool: Words = None,
    state: Words = None,
) -> Wanted:
    """Read the filters of a list of containers; a host goes by id or name. Raises Unreadable."""
    check_words(state, STATES, field="state")
    return Wanted(deployment=deployment, service=service, host=host, pool=pool, state=state)


@endpoints.get("/api/containers/", deprecated=True)
async def list_containers(page: PageOf, services: ServicesOf) -> Json[list[WrappedContainer]]:
    """List all containers of all hosts as their engines describe them."""
    memory = services.store.memory
    located = list_all(memory.fleet)
    return stream_list(
        page,
        located,
        shape=Shape(id_of=id_of, render=partial(wrap_all, services), kind=WrappedContainer),
        tag=tag_of_revision(page.request, memory),
    )


@endpoints.get("/api/containers/{container_id}/host/{host_id}")
async def get_container_on_host(
    container_id: str, host_id: str, services: ServicesOf
) -> Json[WrappedContainer]:
    """Return a container on a host."""
    memory = services.store.memory
    host = get_host(memory.hosts, host_id)
    found_on, full_id = find_container(memory.fleet, container_id)
    if found_on != host.id:
        raise NotFound(
            f"host {host.name!r} has no container {container_id!r}", code="unknown_container"
        )
    located = locate(memory.fleet, host, container_id=full_id)
    return Json((await wrap_all(services, [located]))[0])


@endpoints.get("/api/v2/containers/")
async def list_flat_containers(
    page: PageOf, wanted: Annotated[Wanted, Depends(read_wanted)], services: ServicesOf
) -> Json[ManyContainers]:
    """List all containers of all hosts with their owners."""
    memory = services.store.memory
    owners = SlotLookup(memory.fleet, services.rows)
    located = list_all(memory.fleet)
    if wanted != Wanted():
        located = await choose(located, partial(wanted.passes, owners))
    if page.fields is not None and "container" not in page.fields:
        shape = Shape(
            id_of=id_of,
            render=one_by_one(owners.describe),
            kind=FlatContainer,
            envelope="containers",
        )
        return await answer_list(page, located, shape=shape)
    return stream_list(
        page,
        located,
        shape=Shape(
            id_of=id_of,
            render=partial(_describe_all, services, owners=owners),
            kind=FlatContainer,
            envelope="containers",
        ),
        tag=tag_of_revision(page.request, memory),
    )


@endpoints.delete("/api/v2/containers/{container_id}")
async def remove_container(
    container_id: str,
    acting: TaskRequestOf,
    force: Annotated[QueryFlag, Query(description="Kill it first if it runs.")] = False,
) -> Json[TaskStarted]:
    """Remove a stopped container; one of a running deployment is replaced."""
    action = ContainerAction.FORCE_REMOVE if force else ContainerAction.REMOVE
    return await _act(acting, container_id, action=action)


@endpoints.post("/api/v2/containers/{container_id}/kill")
async def kill_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Kill a container; one of a running deployment is replaced."""
    return await _act(acting, container_id, action=ContainerAction.KILL)


@endpoints.post("/api/v2/containers/{container_id}/stop")
async def stop_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Stop a container; one of a running deployment is replaced."""
    return await _act(acting, container_id, action=ContainerAction.STOP)


@endpoints.post("/api/v2/containers/{container_id}/start")
async def start_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Start a stopped container."""
    return await _act(acting, container_id, action=ContainerAction.START)


@endpoints.post("/api/v2/containers/{container_id}/restart")
async def restart_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Restart a container; its id stays."""
    return await _act(acting, container_id, action=ContainerAction.RESTART)


@endpoints.post("/api/v2/containers/{container_id}/pause")
async def pause_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Pause a running container."""
    return await _act(acting, container_id, action=ContainerAction.PAUSE)


@endpoints.post("/api/v2/containers/{container_id}/unpause")
async def unpause_container(container_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Let a paused container go on."""
    return await _act(acting, container_id, action=ContainerAction.UNPAUSE)


async def _act(
    acting: TaskRequest, container_id: str, *, action: ContainerAction
) -> Json[TaskStarted]:
    task = await acting.services.commands.run(
        lambda draft: request_action(draft, container_id, action=action, origin=acting.origin)
    )
    return await acting.answer(task.id)


async def _describe_all(
    services: Services, located: Sequence[HostContainer], *, owners: SlotLookup
) -> list[FlatContainer]:
    documents = await read_documents(services, located)
    return [
        msgspec.structs.replace(owners.describe(each), container=document)
        for each, document in zip(located, documents, strict=True)
    ]
