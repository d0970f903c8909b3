"""Pool: sets of hosts."""

from functools import partial
from typing import Any

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Deleted, Json
from berth.api.listing.pages import Page, PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.hosts import HostAnswer, ManyHosts, render_host
from berth.api.schemas.pools import ManyPools, PoolAnswer, PoolBody, render_pool
from berth.api.services import Services
from berth.control.pools import PoolChange, create_pool, delete_pool, get_pool, update_pool
from berth.domain.records import Pool

endpoints = Endpoints("Pool")


@endpoints.get("/api/pools/", deprecated=True)
async def list_pools(page: PageOf, services: ServicesOf) -> Json[list[PoolAnswer]]:
    """List the pools."""
    return await _list(page, services, with_hosts=False, envelope="")


@endpoints.get("/api/v2/pools/")
async def list_pools_with_hosts(page: PageOf, services: ServicesOf) -> Json[ManyPools]:
    """List the pools with their hosts."""
    return await _list(page, services, with_hosts=True, envelope="pools")


@endpoints.post("/api/pools/")
async def create_one_pool(body: PoolBody, services: ServicesOf) -> Json[PoolAnswer]:
    """Make a pool."""
    pool = await services.commands.run(
        lambda draft: create_pool(draft, body.id or "", values=_values_of(body))
    )
    return Json(render_pool(services.store.memory.fleet, pool))


@endpoints.get("/api/pools/{pool_id}")
async def get_one_pool(pool_id: str, services: ServicesOf) -> Json[PoolAnswer]:
    """Return a pool."""
    memory = services.store.memory
    return Json(render_pool(memory.fleet, get_pool(memory.pools, pool_id)))


@endpoints.put("/api/pools/{pool_id}")
async def update_one_pool(pool_id: str, body: PoolBody, services: ServicesOf) -> Json[PoolAnswer]:
    """Change a pool; its id stays."""
    pool = await services.commands.run(
        lambda draft: update_pool(draft, pool_id, values=_values_of(body))
    )
    return Json(render_pool(services.store.memory.fleet, pool))


@endpoints.delete("/api/pools/{pool_id}")
async def delete_one_pool(pool_id: str, services: ServicesOf) -> Json[Deleted]:
    """Remove an empty pool."""
    await services.commands.run(lambda draft: delete_pool(draft, pool_id))
    return Json(Deleted(pool_id))


@endpoints.get("/api/v2/pools/{pool_id}/hosts/", deprecated=True)
async def list_hosts_of_pool(pool_id: str, page: PageOf, services: ServicesOf) -> Json[ManyHosts]:
    """List the hosts of a pool."""
    memory = services.store.memory
    hosts = memory.hosts.find("pool", get_pool(memory.pools, pool_id).id)
    hosts.sort(key=lambda host: host.id)
    shape = Shape(
        id_of=lambda host: host.id,
        render=one_by_one(partial(render_host, memory.fleet)),
        kind=HostAnswer,
        envelope="hosts",
    )
    return await answer_list(page, hosts, shape=shape)


async def _list(page: Page, services: Services, *, with_hosts: bool, envelope: str) -> Json[Any]:
    memory = services.store.memory
    shape: Shape[Pool] = Shape(
        id_of=lambda pool: pool.id,
        render=one_by_one(partial(render_pool, memory.fleet, with_hosts=with_hosts)),
        kind=PoolAnswer,
        envelope=envelope,
        at_once=10,
    )
    pools = sorted(memory.pools.values(), key=lambda pool: pool.id)
    return await answer_list(page, pools, shape=shape)


def _values_of(body: PoolBody) -> PoolChange:
    return PoolChange(name=body.name, description=body.description, tags=body.tags)
