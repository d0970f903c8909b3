"""Pools: sets of hosts that deployments run in."""

import msgspec

from berth.control.naming import MAX_DESCRIPTION, check_id, check_name, check_tags, to_id
from berth.control.tags import ensure_tags
from berth.domain.errors import Conflict, Invalid, NotFound
from berth.domain.ids import PoolId
from berth.domain.records import Pool
from berth.domain.table import TableView
from berth.store.draft import Draft

DEFAULT_POOL = PoolId("default")

#: Pools of a fresh instance.
SHIPPED_POOLS = (
    Pool(id=DEFAULT_POOL, name="Default"),
    Pool(id=PoolId("development"), name="Development"),
    Pool(id=PoolId("production"), name="Production"),
)


class PoolChange(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a pool; None keeps the old one, or takes the default."""

    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None


def create_shipped_pools(draft: Draft) -> None:
    """Make the pools of a fresh instance; one that has pools keeps its own."""
    if len(draft.pools) == 0:
        for pool in SHIPPED_POOLS:
            draft.pools.put(pool)


def create_pool(draft: Draft, pool_id: str, *, values: PoolChange) -> Pool:
    """Make a pool; an empty id is made from the name."""
    name = values.name or ""
    if not pool_id and not name:
        raise Invalid("a pool needs an id or a name", code="required", field="id")
    made_id = check_id(pool_id or to_id(name).lower(), field="id" if pool_id else "name")
    if made_id in draft.pools:
        raise Conflict(f"pool {made_id!r} exists already", code="id_in_use", field="id")
    return _put(draft, Pool(id=PoolId(made_id), name=made_id), values=values)


def update_pool(draft: Draft, pool_id: str, *, values: PoolChange) -> Pool:
    """Change name, description or tags; the id stays."""
    return _put(draft, get_pool(draft.pools, pool_id), values=values)


def delete_pool(draft: Draft, pool_id: str) -> None:
    """Drop a pool that nothing is in; one must remain."""
    pool = get_pool(draft.pools, pool_id)
    hosts = len(draft.hosts.find("pool", pool.id))
    deployments = len(draft.deployments.find("pool", pool.id))
    if hosts or deployments:
        raise Conflict(
            f"pool {pool.id!r} has {hosts} hosts and {deployments} deployments: move or remove "
            "them first",
            code="pool_not_empty",
        )
    if len(draft.pools) == 1:
        raise Conflict(f"pool {pool.id!r} is the last one", code="last_pool")
    draft.pools.drop(pool.id)


def get_pool(pools: TableView[Pool], pool_id: str) -> Pool:
    """Return the pool named in a path; raises NotFound."""
    pool = pools.get(pool_id)
    if pool is None:
        raise NotFound(f"pool {pool_id!r} does not exist", code="unknown_pool")
    return pool


def check_pool(pools: TableView[Pool], pool_id: str, *, field: str) -> PoolId:
    """Return the id of a pool named in a body; raises Invalid."""
    if pool_id not in pools:
        raise Invalid(f"pool {pool_id!r} does not exist", code="unknown_pool", field=field)
    return PoolId(pool_id)


def _put(draft: Draft, pool: Pool, *, values: PoolChange) -> Pool:
    if values.name:
        pool = msgspec.structs.replace(pool, name=check_name(values.name, field="name"))
    if values.description is not None:
        text = check_name(values.description, field="description", longest=MAX_DESCRIPTION)
        pool = msgspec.structs.replace(pool, description=text)
    if values.tags is not None:
        pool = msgspec.structs.replace(pool, tags=check_tags(values.tags, field="tags"))
        ensure_tags(draft, pool.tags)
    draft.pools.put(pool)
    return pool
