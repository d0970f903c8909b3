"""Pools over HTTP."""

import pytest

from berth.domain.observed import HostMetrics
from berth.domain.states import HostState
from integration.api_bed import MB, Bed


async def test_a_fresh_instance_has_three_pools(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    pools = await fresh_bed.get("/api/pools/")
    assert [(pool["id"], pool["name"]) for pool in pools] == [
        ("default", "Default"), ("development", "Development"), ("production", "Production"),
    ]  # fmt: skip
    assert list(pools[0]) == [
        "id", "name", "description", "total_hosts", "active_hosts", "tags", "resources",
    ]  # fmt: skip
    assert pools[0]["tags"] is None


async def test_a_pool_is_made_changed_and_removed(bed: Bed) -> None:
    body = {"name": "Blue Team", "description": "ours", "tags": ["b", "a", "b"]}
    made = await bed.post("/api/pools/", json=body)
    assert (made["id"], made["name"], made["tags"]) == ("blue-team", "Blue Team", ["a", "b"])
    changed = await bed.put("/api/pools/blue-team", json={"id": "x", "name": "Blue"})
    assert (changed["id"], changed["name"], changed["description"]) == ("blue-team", "Blue", "ours")
    assert (await bed.put("/api/pools/blue-team", json={"tags": []}))["tags"] is None
    assert await bed.delete("/api/pools/blue-team") == {"deleted": "blue-team"}
    assert await bed.refused("GET", "/api/pools/blue-team") == (404, "unknown_pool", "")


async def test_a_pools_name_is_its_id_where_it_has_none(bed: Bed) -> None:
    assert (await bed.post("/api/pools/", json={"id": "Lab"}))["name"] == "Lab"


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, (422, "required", "id")),
        ({"id": "a/b"}, (422, "invalid_id", "id")),
        ({"name": "é"}, (422, "invalid_id", "name")),
        ({"id": "x" * 129}, (422, "invalid_id", "id")),
        ({"id": "default"}, (409, "id_in_use", "id")),
        ({"id": "x", "tags": ["a b"]}, (422, "invalid_tag", "tags")),
        ({"id": "x", "tags": "a"}, (422, "invalid_value", "tags")),
        ({"id": 7}, (422, "invalid_value", "id")),
        ({"id": "x", "description": "d" * 4097}, (422, "too_long", "description")),
    ],
)
async def test_a_pool_that_cannot_be_is_refused(
    bed: Bed, body: dict[str, object], refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("POST", "/api/pools/", json=body) == refused


async def test_a_pool_with_hosts_or_deployments_stays(bed: Bed) -> None:
    await bed.add_host("h1", pool="production")
    await bed.deploy(placement={"pool_id": "development"})
    for pool in ("production", "development"):
        refused = await bed.refused("DELETE", f"/api/pools/{pool}")
        assert refused == (409, "pool_not_empty", "")


async def test_the_last_pool_stays(bed: Bed) -> None:
    await bed.delete("/api/pools/default")
    await bed.delete("/api/pools/development")
    assert await bed.refused("DELETE", "/api/pools/production") == (409, "last_pool", "")


async def test_a_pool_shows_its_hosts_and_the_sums_of_active_ones(bed: Bed) -> None:
    first, second = await bed.add_host("h1"), await bed.add_host("h2")
    used = HostMetrics(cpu_percent=50.0, memory_used_bytes=1024 * MB)
    bed.set_status(first, metrics=used)
    bed.set_status(second, state=HostState.INACTIVE)
    pool = (await bed.get("/api/v2/pools/"))["pools"][0]
    assert (pool["total_hosts"], pool["active_hosts"]) == (2, 1)
    assert pool["resources"] == {
        "memory_max": 4096, "memory_used": 1024, "memory_percent": 25, "cpu_percent": 50,
    }  # fmt: skip
    assert {host["host_id"] for host in pool["hosts"]} == {first.id, second.id}


async def test_the_hosts_of_a_pool_are_listed(bed: Bed) -> None:
    host = await bed.add_host("h1", pool="production")
    listed = await bed.get("/api/v2/pools/production/hosts")
    assert [each["info"]["hostname"] for each in listed["hosts"]] == [host.name]
    assert (await bed.get("/api/v2/pools/default/hosts/")) == {"hosts": []}
    assert (await bed.refused("GET", "/api/v2/pools/nope/hosts/"))[0] == 404
