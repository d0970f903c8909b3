"""Pool: sets of hosts."""

from berth.api.answers import Deleted, Json
from berth.api.auth import ServicesOf
from berth.api.routing import Endpoints
from berth.api.schemas.hosts import ManyHosts, render_host
from berth.api.schemas.pools import ManyPools, PoolAnswer, PoolBody, render_pool
from berth.api.services import Services
from berth.control.pools import PoolChange, create_pool, delete_pool, get_pool, update_pool
from berth.domain.records import Pool

endpoints = Endpoints("Pool")


@endpoints.get("/api/pools/", deprecated=True)
async def list_pools(services: ServicesOf) -> Json[list[PoolAnswer]]:
    """List the pools."""
    fleet = services.store.memory.fleet
    return Json([render_pool(fleet, pool) for pool in _sorted_pools(services)])


@endpoints.get("/api/v2/pools/")
async def list_pools_with_hosts(services: ServicesOf) -> Json[ManyPools]:
    """List the pools with their hosts."""
    fleet = services.store.memory.fleet
    pools = [render_pool(fleet, pool, with_hosts=True) for pool in _sorted_pools(services)]
    return Json(ManyPools(pools))


@endpoints.post("/api/pools/")
async def create_one_pool(body: PoolBody, services: ServicesOf) -> Json[PoolAnswer]:
    """Make a pool."""
    pool = await services.store.run(
        lambda draft: create_pool(draft, body.id or "", values=_values_of(body))
    )
    return Json(render_pool(services.store.memory.fleet, pool))


@endpoints.get("/api/pools/{pool_id}", direct=True)
async def get_one_pool(pool_id: str, services: ServicesOf) -> Json[PoolAnswer]:
    """Give a pool."""
    memory = services.store.memory
    return Json(render_pool(memory.fleet, get_pool(memory.pools, pool_id)))


@endpoints.put("/api/pools/{pool_id}")
async def update_one_pool(pool_id: str, body: PoolBody, services: ServicesOf) -> Json[PoolAnswer]:
    """Change a pool; its id stays."""
    pool = await services.store.run(
        lambda draft: update_pool(draft, pool_id, values=_values_of(body))
    )
    return Json(render_pool(services.store.memory.fleet, pool))


@endpoints.delete("/api/pools/{pool_id}")
async def delete_one_pool(pool_id: str, services: ServicesOf) -> Json[Deleted]:
    """Remove an empty pool."""
    await services.store.run(lambda draft: delete_pool(draft, pool_id))
    return Json(Deleted(pool_id))


@endpoints.get("/api/v2/pools/{pool_id}/hosts/", deprecated=True)
async def list_hosts_of_pool(pool_id: str, services: ServicesOf) -> Json[ManyHosts]:
    """List the hosts of a pool."""
    memory = services.store.memory
    hosts = memory.hosts.find("pool", get_pool(memory.pools, pool_id).id)
    hosts.sort(key=lambda host: host.id)
    return Json(ManyHosts([render_host(memory.fleet, host) for host in hosts]))


def _sorted_pools(services: Services) -> list[Pool]:
    return sorted(services.store.memory.pools.values(), key=lambda pool: pool.id)


def _values_of(body: PoolBody) -> PoolChange:
    return PoolChange(name=body.name, description=body.description, tags=body.tags)
