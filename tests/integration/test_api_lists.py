"""Lists over HTTP: parts, members, filters, and answers that the caller has already."""

import dataclasses
from typing import Any

import pytest

from berth.testing.clock import FakeClock
from integration.api_bed import Bed

DEPLOYMENTS, CONTAINERS, HOSTS = "/api/v2/deployments/", "/api/v2/containers/", "/api/hosts/"


async def deploy_many(bed: Bed, *ids: str) -> None:
    """Make deployments."""
    for each in ids:
        await bed.deploy(each)


async def ids_of(bed: Bed, query: str) -> list[str]:
    """List deployments and give their ids."""
    return [each["deployment_id"] for each in (await bed.get(DEPLOYMENTS + query))["deployments"]]


async def test_a_list_is_read_part_by_part_by_its_links(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    await deploy_many(fresh_bed, *"abcde")
    path, found = f"{DEPLOYMENTS}?limit=2&pool=default", []
    while path:
        answer = await fresh_bed.http.get(path)
        found.append([each["deployment_id"] for each in answer.json()["deployments"]])
        path = str(answer.links.get("next", {}).get("url", ""))
    assert found == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_list_goes_on_after_an_id_that_is_gone(bed: Bed) -> None:
    await deploy_many(bed, "a", "c", "d")
    assert await ids_of(bed, "?after=b") == ["c", "d"]
    assert await ids_of(bed, "?after=d") == []
    assert await ids_of(bed, "?limit=0") == []


async def test_only_the_named_members_are_listed(bed: Bed) -> None:
    await deploy_many(bed, "a")
    answer = await bed.get(f"{DEPLOYMENTS}?fields=deployment_id,placement.pool_id")
    assert answer == {"deployments": [{"deployment_id": "a", "placement": {"pool_id": "default"}}]}
    assert len((await bed.get(f"{DEPLOYMENTS}?fields="))["deployments"][0]) > 10


async def test_every_list_is_read_in_parts(bed: Bed) -> None:
    paths = [
        (path, {each["name"] for each in operations["get"].get("parameters", ())})
        for path, operations in (await bed.get("/api/openapi.json"))["paths"].items()
        if path.endswith("/") and "get" in operations
    ]
    assert len(paths) > 15
    without = [path for path, names in paths if not {"limit", "after", "fields"} <= names]
    assert without == ["/api/v2/deployments_summary/"]


async def test_pools_registries_and_tags_are_listed_in_parts(bed: Bed) -> None:
    await bed.post("/api/pools/", json={"id": "blue", "tags": ["b", "a"]})
    assert await bed.get("/api/pools/?fields=id,tags&limit=1") == [
        {"id": "blue", "tags": ["a", "b"]}
    ]
    (second,) = (await bed.get("/api/v2/pools/?after=blue&limit=1&fields=id,hosts"))["pools"]
    assert second == {"id": "default", "hosts": []}
    assert await bed.get("/api/tags/?after=a") == ["b"]
    assert (await bed.refused("GET", "/api/tags/?fields=id"))[::2] == (400, "fields")
    assert await bed.get("/api/tags/objects/?fields=id") == [{"id": "blue"}]
    assert await bed.get("/api/users/?fields=username") == [{"username": "admin"}]
    registries = await bed.get("/api/v2/registries/?fields=url")
    assert registries["total_results"] == len(registries["registries"]) == 1
    assert list(registries["registries"][0]) == ["url"]


async def test_lists_are_filtered(bed: Bed) -> None:
    await deploy_many(bed, "a", "b")
    await bed.deploy("c", placement={"pool_id": "production"}, desired_state=0)
    assert await ids_of(bed, "?pool=production,nosuch") == ["c"]
    assert await ids_of(bed, "?state=Stopped&pool=default") == ["a", "b"]
    assert await ids_of(bed, "?state=running") == []
    await bed.add_host("h1", pool="production")
    await bed.add_host("h2")
    hosts = await bed.get(f"{HOSTS}?pool=production&fields=info.hostname")
    assert hosts == [{"info": {"hostname": "h1"}}]
    assert await bed.get(f"{HOSTS}?state=inactive") == await bed.get(f"{HOSTS}?tag=x") == []
    assert len((await bed.get("/api/v2/tasks/?state=pending&user=admin"))["tasks"]) == 2
    assert (await bed.get("/api/v2/tasks/?state=4"))["tasks"] == []


async def test_containers_are_filtered_by_host_and_state(bed: Bed) -> None:
    first, second = await bed.add_host("h1"), await bed.add_host("h2")
    bed.add_container(first, "a" * 64, inspect=b"{}")
    bed.add_container(second, "b" * 64, inspect=b"{}", state="exited")

    async def found(query: str) -> list[str]:
        listed = (await bed.get(CONTAINERS + query))["containers"]
        return [each["container_id"][0] for each in listed]

    assert await found("") == ["a", "b"]
    assert await found("?host=h2") == await found(f"?host={second.id}") == ["b"]
    assert await found("?state=running&fields=container_id") == ["a"]
    assert await found("?deployment=myapp") == await found("?service=web&pool=default") == []
    assert await found("?limit=1") == ["a"]
    assert await found("?after=" + "a" * 64) == ["b"]


async def test_documents_are_listed_in_parts_of_their_members(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, "a" * 64, inspect=b'{"Config": {"Image": "nginx", "Env": []}}')
    query = "?fields=container_id,container.Config.Image,container.Node.Name"
    item = {"container_id": "a" * 64}
    document = {"Config": {"Image": "nginx"}, "Node": {"Name": "h1"}}
    assert await bed.get(CONTAINERS + query) == {"containers": [item | {"container": document}]}
    assert await bed.get("/api/containers/?fields=host_id") == [{"host_id": host.id}]
    of_host = f"{HOSTS}{host.id}/containers/?fields=Config.Image"
    assert await bed.get(of_host) == [{"Config": {"Image": "nginx"}}]


async def test_many_containers_come_whole(bed: Bed) -> None:
    host = await bed.add_host("h1")
    for number in range(250):
        bed.add_container(host, f"{number:064}", inspect=b"{}")
    listed = (await bed.get(CONTAINERS))["containers"]
    assert [int(each["container_id"]) for each in listed] == list(range(250))
    assert len(await bed.get("/api/containers/")) == 250
    assert len((await bed.get(f"{CONTAINERS}?fields=state"))["containers"]) == 250


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("fields=nosuch", "fields"),
        ("fields=a..b", "fields"),
    ],
)
@pytest.mark.parametrize("path", [DEPLOYMENTS, CONTAINERS, HOSTS, "/api/v2/tasks/"])
async def test_a_bad_question_is_refused_by_name(
    bed: Bed, path: str, query: str, field: str
) -> None:
    assert await bed.refused("GET", f"{path}?{query}") in (
        (400, "invalid_query", field),
        (400, "invalid_value", field),
    )


@pytest.mark.parametrize(
    ("query", "exists"),
    [
        ("deployments/?state=bogus", "stopped, running, partial"),
        ("containers/?state=bogus", "pending, running, paused, stopping, stopped, unknown"),
        ("tasks/?state=running,bogus", "pending, running, cancelling, cancelled, done, failed"),
        ("events/?severity=bogus", "cleared, debug, info, warning, error, critical"),
        ("status/?severity=9,bogus", "cleared, debug, info, warning, error, critical"),
        ("../hosts/?state=", "unknown, active, inactive"),
    ],
)
async def test_a_filter_that_nothing_can_pass_is_told_the_words_that_exist(
    bed: Bed, query: str, exists: str
) -> None:
    (error,) = (await bed.get(f"/api/v2/{query}", code=400))["errors"]
    assert (error["code"], error["field"]) == (
        "invalid_query",
        query.partition("?")[2].split("=")[0],
    )
    assert error["message"].endswith(f"only {exists}")


async def test_tasks_are_found_by_the_id_and_the_name_of_their_host(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await bed.add_host("h2")
    await bed.post("/api/v2/images/redis/hosts/h1/pull")
    for name, count in ((host.id, 1), ("h1", 1), ("h2", 0)):
        assert len((await bed.get(f"/api/v2/tasks/?host={name}"))["tasks"]) == count


async def test_a_list_by_age_refuses_an_unknown_beginning(bed: Bed) -> None:
    assert (await bed.refused("GET", "/api/v2/tasks/?after=x"))[::2] == (400, "after")


@pytest.mark.parametrize(
    "path",
    [DEPLOYMENTS, DEPLOYMENTS + "a", f"{DEPLOYMENTS}?fields=deployment_id", CONTAINERS, HOSTS],
)
async def test_what_the_caller_has_already_is_not_sent_again(bed: Bed, path: str) -> None:
    await deploy_many(bed, "a")
    first = await bed.http.get(path)
    same = await bed.http.get(path, headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})
    assert (same.status_code, same.content, same.headers["ETag"]) == (
        304, b"", first.headers["ETag"],
    )  # fmt: skip
    assert first.headers["Cache-Control"] == "private, no-cache"
    other = await bed.http.get(path, headers={"If-None-Match": '"x"'})
    assert (other.status_code, other.json()) == (200, first.json())


class TickingClock(FakeClock):
    """A clock that goes on whenever it is looked at."""

    def monotonic(self) -> float:
        self._monotonic *= 1.01  # so that no two answers take equally long
        return self._monotonic


@pytest.mark.parametrize("path", ["/api/v2/registries/", f"/api/v2/registries/{'0' * 16}"])
async def test_how_long_an_answer_took_makes_it_no_other(bed: Bed, path: str) -> None:
    services = dataclasses.replace(bed.services, clock=TickingClock())
    slow = Bed(services, agents=bed.agents, clock=bed.clock)
    slow.send_bearer(bed.bearer)
    async with slow.http as http:
        first = await http.get(path)
        assert first.json()["elapsed_time"] > 0
        same = await http.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert same.status_code == 304


async def test_what_changed_is_sent_again(bed: Bed) -> None:
    await deploy_many(bed, "a")
    host = await bed.add_host("h1")

    async def tag(path: str) -> Any:
        return (await bed.http.get(path)).headers["ETag"]

    for path in (DEPLOYMENTS, CONTAINERS):
        before = await tag(path)
        await deploy_many(bed, f"b{len(path)}")
        assert await tag(path) != before
    bed.set_status(host, last_seen=1.0)
    before = await tag(HOSTS)
    bed.set_status(host, last_seen=2.0)
    assert await tag(HOSTS) != before
    assert await tag(f"{CONTAINERS}?fields=state") != await tag(CONTAINERS)
