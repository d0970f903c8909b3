"""Host: machines with an engine and an agent."""

import msgspec

from berth.api.answers import Json
from berth.api.auth import CurrentUser, ServicesOf
from berth.api.inventory import list_on, read_documents
from berth.api.requests import make_origin
from berth.api.routing import Endpoints
from berth.api.schemas.hosts import HostAnswer, HostPoolBody, OneHost, render_host
from berth.control.hosts import get_host, move_host

endpoints = Endpoints("Host")


@endpoints.get("/api/hosts/")
async def list_hosts(services: ServicesOf) -> Json[list[HostAnswer]]:
    """List the hosts."""
    memory = services.store.memory
    hosts = sorted(memory.hosts.values(), key=lambda host: host.id)
    return Json([render_host(memory.fleet, host) for host in hosts])


@endpoints.get("/api/hosts/{host_id}", direct=True)
async def get_one_host(host_id: str, services: ServicesOf) -> Json[HostAnswer]:
    """Give a host, by its id or name."""
    memory = services.store.memory
    return Json(render_host(memory.fleet, get_host(memory.hosts, host_id)))


@endpoints.get("/api/hosts/{host_id}/containers/", deprecated=True)
async def list_containers_of_host(host_id: str, services: ServicesOf) -> Json[list[msgspec.Raw]]:
    """List the containers of a host as its engine describes them; stopped ones included."""
    memory = services.store.memory
    located = list_on(memory.fleet, get_host(memory.hosts, host_id))
    return Json(await read_documents(services, located))


@endpoints.put("/api/hosts/{host_id}/pool")
async def move_to_pool(
    host_id: str, body: HostPoolBody, services: ServicesOf, user: CurrentUser
) -> Json[HostAnswer]:
    """Move a host to another pool."""
    origin = make_origin(user)
    host = await services.store.run(
        lambda draft: move_host(draft, host_id, pool_id=body.pool_id, origin=origin)
    )
    return Json(render_host(services.store.memory.fleet, host))


@endpoints.post("/api/v2/hosts/{host_id}/confirm")
async def confirm_host(host_id: str, services: ServicesOf) -> Json[OneHost]:
    """Let a held agent obey this manager, although it seems to be another or a restored one."""
    memory = services.store.memory
    host = get_host(memory.hosts, host_id)
    await services.host_control.confirm(host.id)
    return Json(OneHost(render_host(memory.fleet, host)))
