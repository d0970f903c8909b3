"""Tags over HTTP."""

import pytest

from integration.api_bed import Bed


@pytest.mark.parametrize(
    "content", ['{"id": "blue"}', '{"name": "blue"}', '{"tag": "blue"}', '"blue"']
)
async def test_a_tag_is_named_in_any_form(each_bed: Bed, content: str) -> None:
    assert await each_bed.post("/api/tags/x", content=content) == {"id": "blue"}
    assert await each_bed.get("/api/tags/") == ["blue"]


@pytest.mark.parametrize("content", ["", "{}", '""'])
async def test_without_a_body_the_path_names_the_tag(bed: Bed, content: str) -> None:
    assert await bed.post("/api/tags/100/", content=content) == {"id": "100"}
    assert await bed.get("/api/tags") == ["100"]


async def test_a_tag_that_exists_stays_as_it_is(bed: Bed) -> None:
    await bed.post("/api/tags/blue")
    made = bed.store.memory.tags.get("blue")
    await bed.clock.advance(10)
    assert await bed.post("/api/tags/blue") == {"id": "blue"}
    assert bed.store.memory.tags.get("blue") == made


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        ('{"id": "a b"}', (422, "invalid_tag", "id")),
        ('"' + "x" * 65 + '"', (422, "invalid_tag", "id")),
        ('{"name": "<b>"}', (422, "invalid_tag", "id")),
        ('{"id": 7}', (422, "invalid_value", "id")),
        ("[]", (422, "invalid_value", "")),
        ("{", (400, "invalid_json", "")),
    ],
)
async def test_a_name_that_is_no_tag_is_refused(
    bed: Bed, content: str, refused: tuple[int, str, str]
) -> None:
    got = await bed.refused("POST", "/api/tags/x", content=content)
    assert (got[0], got[1]) == refused[:2]
    assert await bed.get("/api/tags/") == []


async def test_tags_are_applied_to_hosts_and_pools(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    for tag in ("a", "b"):
        await each_bed.post(f"/api/tags/{tag}")
    on_host = {"kind": "host", "id": host.id, "tags": ["a", "b"]}
    on_pool = {"kind": "pool", "id": "default", "tags": ["b"]}
    assert await each_bed.post("/api/tags/objects/x", json=on_host) == on_host
    assert await each_bed.post("/api/tags/objects/y/", json=on_pool) == on_pool
    assert await each_bed.get("/api/tags/objects/") == [on_host, on_pool]
    assert (await each_bed.get("/api/hosts/h1"))["tags"] == ["a", "b"]
    assert (await each_bed.get("/api/pools/default"))["tags"] == ["b"]


async def test_applying_replaces_the_set(bed: Bed) -> None:
    for tag in ("a", "b"):
        await bed.post(f"/api/tags/{tag}")
    for tags in (["a"], ["b"], []):
        await bed.post("/api/tags/objects/default", json={"kind": "pool", "tags": tags})
        assert (await bed.get("/api/pools/default"))["tags"] == (tags or None)
    assert await bed.get("/api/tags/objects") == []


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"tags": ["nope"]}, (422, "unknown_tag", "tags")),
        ({"tags": ["a b"]}, (422, "invalid_tag", "tags")),
        ({"tags": "a"}, (422, "invalid_value", "tags")),
        ({"kind": "image"}, (422, "unknown_kind", "kind")),
        ({"kind": "host", "id": "h9"}, (422, "unknown_host", "id")),
        ({"id": "blue"}, (422, "unknown_pool", "id")),
        ({"kind": None}, (422, "invalid_value", "kind")),
    ],
)
async def test_tags_that_cannot_be_applied_change_nothing(
    bed: Bed, change: dict[str, object], refused: tuple[int, str, str]
) -> None:
    await bed.post("/api/tags/a")
    body = {"kind": "pool", "id": "default", "tags": ["a"]} | change
    assert await bed.refused("POST", "/api/tags/objects/default", json=body) == refused
    assert await bed.get("/api/tags/objects/") == []


async def test_a_removed_tag_is_taken_off_everything(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    await each_bed.put("/api/pools/default", json={"tags": ["a", "b"]})
    await each_bed.post("/api/tags/objects/-", json={"kind": "host", "id": host.id, "tags": ["a"]})
    assert await each_bed.delete("/api/tags/a") == {"deleted": "a"}
    assert await each_bed.get("/api/tags/") == ["b"]
    assert (await each_bed.get("/api/hosts/h1"))["tags"] is None
    assert (await each_bed.get("/api/pools/default"))["tags"] == ["b"]
    assert await each_bed.refused("DELETE", "/api/tags/a") == (404, "unknown_tag", "")


async def test_tags_given_to_a_pool_are_made(bed: Bed) -> None:
    await bed.post("/api/pools/", json={"id": "lab", "tags": ["gpu", "big"]})
    assert await bed.get("/api/tags/") == ["big", "gpu"]
