"""Host: machines with an engine and an agent."""

from functools import partial
from typing import Literal

import msgspec

from berth.api.endpoints.auth import CurrentUser, ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.etag import tag_of_revision
from berth.api.http.responses import Deleted, Json
from berth.api.listing.filters import Words, check_words, is_among
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one, stream_list
from berth.api.presenters.containers import id_of, list_on, read_documents
from berth.api.requests.deployment_body import make_origin
from berth.api.requests.dry_run import DryRunOf, foresee_fleet_change
from berth.api.requests.task_request import TaskRequestOf
from berth.api.schemas.forecasts import FleetForecast
from berth.api.schemas.hosts import HostAnswer, HostPoolBody, OneHost, render_host
from berth.api.schemas.tasks import TaskStarted
from berth.api.services import Services
from berth.control.hosts.duty import drain_host, set_duty
from berth.control.hosts.membership import delete_host, get_host, move_host, revoke_host
from berth.domain.records import Host, Task, User
from berth.domain.states import Duty, HostState
from berth.store.draft import Draft

endpoints = Endpoints("Host")


@endpoints.get("/api/hosts/")
async def list_hosts(
    page: PageOf,
    services: ServicesOf,
    *,
    pool: Words = None,
    state: Words = None,
    tag: Words = None,
) -> Json[list[HostAnswer]]:
    """List the hosts; ``state`` is active, inactive or unknown."""
    check_words(state, HostState, field="state")
    memory = services.store.memory
    fleet = memory.fleet
    hosts = [
        host
        for host in sorted(memory.hosts.values(), key=lambda host: host.id)
        if is_among(pool, host.pool_id)
        and is_among(state, fleet.status_of(host.id).state.value)
        and is_among(tag, *host.tags)
    ]
    shape = Shape(
        id_of=lambda host: host.id,
        render=one_by_one(partial(render_host, fleet)),
        kind=HostAnswer,
    )
    return await answer_list(page, hosts, shape=shape)


@endpoints.get("/api/hosts/{host_id}")
async def get_one_host(host_id: str, services: ServicesOf) -> Json[HostAnswer]:
    """Return a host, by its id or name."""
    memory = services.store.memory
    return Json(render_host(memory.fleet, get_host(memory.hosts, host_id)))


@endpoints.get("/api/hosts/{host_id}/containers/", deprecated=True)
async def list_containers_of_host(
    host_id: str, page: PageOf, services: ServicesOf
) -> Json[list[msgspec.Raw]]:
    """List the containers of a host as its engine describes them; stopped ones included."""
    memory = services.store.memory
    located = list_on(memory.fleet, get_host(memory.hosts, host_id))
    shape = Shape(id_of=id_of, render=partial(read_documents, services), kind=None)
    return stream_list(page, located, shape=shape, tag=tag_of_revision(page.request, memory))


@endpoints.put("/api/hosts/{host_id}/pool")
async def move_to_pool(
    host_id: str, body: HostPoolBody, acting: TaskRequestOf, *, dry_run: DryRunOf = "no"
) -> Json[HostAnswer | FleetForecast]:
    """Move a host to another pool."""
    store, origin = acting.services.store, acting.origin

    def move(draft: Draft) -> Host:
        return move_host(draft, host_id, pool_id=body.pool_id, origin=origin)

    if dry_run != "no":
        return await foresee_fleet_change(acting.services, move)
    host = await acting.services.commands.run(move)
    await acting.wait(origin.task_id)
    return Json(render_host(store.memory.fleet, store.memory.hosts.get(host.id) or host))


@endpoints.post("/api/v2/hosts/{host_id}/confirm")
async def confirm_host(host_id: str, services: ServicesOf) -> Json[OneHost]:
    """Let a held agent obey this manager, although it seems to be another or a restored one."""
    memory = services.store.memory
    host = get_host(memory.hosts, host_id)
    await services.agents.confirm(host.id)
    return Json(OneHost(render_host(memory.fleet, host)))


@endpoints.post("/api/v2/hosts/{host_id}/drain")
async def drain_one_host(
    host_id: str, acting: TaskRequestOf, *, dry_run: DryRunOf = "no"
) -> Json[TaskStarted | FleetForecast]:
    """Let a host's containers go elsewhere: replacements first, then the old ones stop."""

    def drain(draft: Draft) -> Task:
        return drain_host(draft, host_id, origin=acting.origin)

    if dry_run != "no":
        return await foresee_fleet_change(acting.services, drain)
    task = await acting.services.commands.run(drain)
    return await acting.answer(task.id)


@endpoints.post("/api/v2/hosts/{host_id}/revoke")
async def revoke_one_host(host_id: str, services: ServicesOf, user: CurrentUser) -> Json[OneHost]:
    """Make a host's credential void: its session ends, and its slots are placed elsewhere."""
    origin, store = make_origin(user), services.store
    host = await services.commands.run(lambda draft: revoke_host(draft, host_id, origin=origin))
    return Json(OneHost(render_host(store.memory.fleet, host)))


@endpoints.post("/api/v2/hosts/{host_id}/pause")
async def pause_host(host_id: str, services: ServicesOf, user: CurrentUser) -> Json[OneHost]:
    """Let a host keep its containers and take no new ones."""
    return await _set_duty(services, host_id, duty=Duty.PAUSED, user=user)


@endpoints.post("/api/v2/hosts/{host_id}/activate")
async def activate_host(host_id: str, services: ServicesOf, user: CurrentUser) -> Json[OneHost]:
    """Let a paused or drained host take containers again."""
    return await _set_duty(services, host_id, duty=Duty.ACTIVE, user=user)


@endpoints.delete("/api/v2/hosts/{host_id}")
async def delete_one_host(host_id: str, services: ServicesOf, user: CurrentUser) -> Json[Deleted]:
    """Remove a host that is away; it can only come back by joining again."""
    origin = make_origin(user)
    host = await services.commands.run(lambda draft: delete_host(draft, host_id, origin=origin))
    return Json(Deleted(host.id))


async def _set_duty(
    services: Services, host_id: str, *, duty: Literal[Duty.ACTIVE, Duty.PAUSED], user: User
) -> Json[OneHost]:
    origin = make_origin(user)
    host = await services.commands.run(
        lambda draft: set_duty(draft, host_id, duty=duty, origin=origin)
    )
    return Json(OneHost(render_host(services.store.memory.fleet, host)))
