"""The catalog over HTTP, on both databases."""

import pytest

from berth.domain.discovery_records import Key
from berth.domain.ids import AssignmentId
from integration.api_bed import Bed

WEB = {"ID": "web-1", "Service": "web", "Address": "10.9.1.1", "Port": 9999, "Tags": ["v1"]}
CONTAINER = "ab" * 32


async def run_container(each_bed: Bed) -> None:
    """Let the platform have a key for a container's port."""
    key = Key(
        id=f"apps/web-shop-80/containers/{CONTAINER}",
        value=b"10.9.1.2:32001",
        create_index=1,
        modify_index=1,
        assignment_id=AssignmentId("a1"),
    )
    await each_bed.store.run(lambda draft: draft.keys.put(key))


async def test_an_entry_is_registered_listed_and_removed(each_bed: Bed) -> None:
    assert (
        await each_bed.put("/api/catalog/register", json={"Service": WEB | {"Check": {}}}) is True
    )
    (entry,) = await each_bed.get("/api/catalog/service/web")
    assert entry == WEB
    assert await each_bed.get("/api/catalog/services") == {"web": ["v1"]}
    assert await each_bed.put("/api/catalog/deregister", json={"Service": {"ID": "web-1"}}) is True
    assert await each_bed.get("/api/catalog/service/web") == []
    assert await each_bed.get("/api/catalog/services") == {}


async def test_an_entry_takes_the_place_of_the_one_with_its_id(each_bed: Bed) -> None:
    await each_bed.put("/api/catalog/register", json={"Service": WEB})
    await each_bed.put(
        "/api/catalog/register", json={"Service": WEB | {"Service": "api", "Tags": None}}
    )
    assert await each_bed.get("/api/catalog/services") == {"api": []}
    assert (await each_bed.get("/api/catalog/service/api"))[0]["Tags"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"Service": "web", "Address": "10.9.1.1", "Port": "80"},
        {"Name": "web", "Address": "10.9.1.1", "Port": 80},
        {"Service": {"Name": "web", "Port": "80"}, "Address": "10.9.1.1"},
        {"Service": {"Service": "web", "Port": 80, "Address": "10.9.1.1"}, "Address": "10.0.0.9"},
    ],
)
async def test_an_entry_may_be_written_in_several_ways(
    each_bed: Bed, body: dict[str, object]
) -> None:
    assert await each_bed.put("/api/catalog/register", json=body) is True
    (entry,) = await each_bed.get("/api/catalog/service/web")
    assert entry == {"Address": "10.9.1.1", "ID": "web", "Service": "web", "Tags": [], "Port": 80}


@pytest.mark.parametrize("body", [{"ServiceID": "web-1"}, {"ID": "web-1"}])
async def test_an_entry_is_removed_by_either_member(each_bed: Bed, body: dict[str, str]) -> None:
    await each_bed.put("/api/catalog/register", json={"Service": WEB})
    assert await each_bed.put("/api/catalog/deregister", json=body) is True
    assert await each_bed.put("/api/catalog/deregister", json=body) is True
    assert await each_bed.get("/api/catalog/service/web") == []


async def test_tags_of_a_service_are_distinct_and_sorted(each_bed: Bed) -> None:
    for number, tags in enumerate((["b", "a", "a"], ["c", "a"], [])):
        await each_bed.put("/api/catalog/register", json=WEB | {"ID": f"w{number}", "Tags": tags})
    assert await each_bed.get("/api/catalog/services") == {"web": ["a", "b", "c"]}
    entries = await each_bed.get("/api/catalog/service/web")
    assert [entry["ID"] for entry in entries] == ["w0", "w1", "w2"]


async def test_a_running_container_has_an_entry_that_nobody_else_writes(each_bed: Bed) -> None:
    await run_container(each_bed)
    entry_id = f"{CONTAINER}:80"
    assert await each_bed.get("/api/catalog/service/web-shop-80") == [
        {"Address": "10.9.1.2", "ID": entry_id, "Service": "web-shop-80", "Tags": [], "Port": 32001}
    ]
    assert await each_bed.get("/api/catalog/services") == {"web-shop-80": []}
    for path in ("register", "deregister"):
        body = {"Service": WEB | {"ID": entry_id}}
        refused = await each_bed.refused("PUT", f"/api/catalog/{path}", json=body)
        assert refused == (409, "system_entry", "Service.ID")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, (422, "required", "Service.Service")),
        ({"Service": {"Service": "web"}}, (422, "required", "Service.Address")),
        (WEB | {"Address": "host-1"}, (422, "invalid_address", "Service.Address")),
        (WEB | {"Port": "80/tcp"}, (422, "invalid_value", "Port")),
        (WEB | {"Port": 70000}, (422, "invalid_port", "Service.Port")),
        (WEB | {"ID": "a b"}, (422, "invalid_id", "Service.ID")),
        (WEB | {"Service": "a/b"}, (422, "invalid_service", "Service.Service")),
        (WEB | {"Tags": ["a\nb"]}, (422, "invalid_tag", "Service.Tags")),
        (WEB | {"Tags": ["t"] * 65}, (422, "invalid_tag", "Service.Tags")),
    ],
)
async def test_an_entry_that_cannot_be_is_refused(
    each_bed: Bed, body: dict[str, object], refused: tuple[int, str, str]
) -> None:
    assert await each_bed.refused("PUT", "/api/catalog/register", json=body) == refused
    assert await each_bed.get("/api/catalog/services") == {}


async def test_a_removal_names_an_entry(each_bed: Bed) -> None:
    refused = await each_bed.refused("PUT", "/api/catalog/deregister", json={})
    assert refused == (422, "required", "Service.ID")
