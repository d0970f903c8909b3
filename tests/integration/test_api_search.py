"""Search over HTTP."""

from typing import Any

import pytest

from berth.domain.observed import EngineImage
from integration.api_bed import ONE, TWO, Bed

ALL = ["service", "stack", "deployment", "container", "image", "host", "pool", "registry", "tag",
       "task", "key"]  # fmt: skip


async def find(bed: Bed, query: str, **members: Any) -> list[tuple[str, str]]:
    """Search and give kind and id of the results."""
    answer = await bed.post("/api/search/", json={"query": query} | members)
    return [(result["kind"], result["id"]) for result in answer["results"]]


async def furnish(bed: Bed) -> None:
    """Put one of every kind with the word zebra in a name into an instance."""
    host = await bed.add_host("Zebra-host")
    bed.add_container(host, "a" * 64, name="zebra-container", image="busybox")
    await bed.post("/api/pools/", json={"id": "zebra-pool", "tags": ["zebra-tag"]})
    await bed.post("/api/v2/registries/", json={"url": "zebra.example.com", "password": "p"})
    await bed.post("/api/v2/services/", json={"service_id": "zebra-service", "content": ONE})
    await bed.post("/api/v2/stacks/", json={"service_id": "zebra-stack", "content": TWO})
    await bed.deploy("zebra-deployment")
    await bed.http.put("/api/kv/zebra/key", content=b"giraffe")


async def test_every_kind_is_found(each_bed: Bed) -> None:
    await furnish(each_bed)
    found = dict(await find(each_bed, "ZEBRA"))
    assert found | {"host": "", "registry": "", "task": ""} == {
        "service": "zebra-service", "stack": "zebra-stack", "deployment": "zebra-deployment",
        "container": "a" * 64, "host": "", "pool": "zebra-pool", "registry": "",
        "tag": "zebra-tag", "task": "", "key": "zebra/key",
    }  # fmt: skip


async def test_an_image_is_found_once_on_however_many_hosts(bed: Bed) -> None:
    image = EngineImage(id=f"sha256:{'b' * 64}", names=("team/okapi:1", "okapi:latest"))
    for name in ("h1", "h2"):
        host = await bed.add_host(name)
        bed.store.memory.observed.images[host.id] = {image.id: image}
    answer = await bed.post("/api/search/", json={"query": "okapi"})
    (result,) = answer["results"]
    assert (result["kind"], result["id"], result["name"]) == ("image", image.id, "team/okapi:1")
    assert [match["field"] for match in result["matches"]] == ["RepoTags", "RepoTags"]
    assert result["path"].startswith(f"/api/images/{image.id}/hosts/")


async def test_a_result_tells_where_the_text_stands(bed: Bed) -> None:
    await bed.post("/api/v2/services/", json={"service_name": "My Web", "content": ONE})
    answer = await bed.post("/api/search", json={"query": "NGINX", "start": "0"})
    assert list(answer) == ["request", "elapsed_time", "total_results", "results"]
    assert answer["request"] == {"query": "NGINX", "start": 0, "limit": 100, "kinds": ALL}
    assert answer["total_results"] == 1
    assert answer["results"] == [{
        "kind": "service", "id": "My-Web", "name": "My Web",
        "matches": [{"field": "content", "text": "version: 2 services: web: image: nginx"}],
        "path": "/api/v2/services/My-Web",
    }]  # fmt: skip
    assert (await bed.get(answer["results"][0]["path"]))["service"]["service_id"] == "My-Web"


async def test_a_long_text_is_shown_around_the_match(bed: Bed) -> None:
    text = "a " * 40 + "Zebra\n<b>" + " z" * 40
    await bed.post("/api/pools/", json={"id": "p", "description": text})
    answer = await bed.post("/api/search/", content="zebra")
    (match,) = answer["results"][0]["matches"]
    assert match["field"] == "description"
    assert match["text"] == f"...{'a ' * 20}Zebra <b>{' z' * 18}..."


async def test_names_come_before_other_texts(bed: Bed) -> None:
    await bed.post("/api/v2/services/", json={"service_id": "a", "content": ONE})
    await bed.post("/api/v2/services/", json={"service_id": "my-nginx", "content": ONE})
    await bed.post("/api/v2/stacks/", json={"service_id": "nginx-pair", "content": TWO})
    await bed.post("/api/pools/", json={"id": "nginx"})
    assert await find(bed, "nginx") == [
        ("pool", "nginx"), ("stack", "nginx-pair"), ("service", "my-nginx"), ("service", "a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b'{"query": "lab"}', b'{"q": "lab"}', b'"lab"', b"lab", b'{"query": " lab ", "kinds": []}',
     b'{"query": "lab", "kinds": "pool"}', b'{"query": "lab", "kinds": null}'],
)  # fmt: skip
async def test_the_query_comes_in_any_form(bed: Bed, content: bytes) -> None:
    await bed.post("/api/pools/", json={"id": "lab"})
    answer = await bed.post("/api/search/", content=content)
    assert [result["id"] for result in answer["results"]] == ["lab"]


@pytest.mark.parametrize(
    "content", [b"80", b"[a", b"true", b"NaN", b"-Infinity", b"1e999", b"9" * 24]
)
async def test_a_text_that_looks_like_something_else_is_searched(bed: Bed, content: bytes) -> None:
    text = content.decode()
    await bed.post("/api/pools/", json={"id": "x", "description": f"about {text} it"})
    answer = await bed.post("/api/search/", content=content)
    assert [result["id"] for result in answer["results"]] == ["x"]


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"", (422, "required", "query")),
        (b"{}", (422, "required", "query")),
        (b'{"query": ""}', (422, "invalid_value", "query")),
        (b'"  "', (422, "invalid_value", "query")),
        (b"\x00", (422, "invalid_value", "query")),
        (b'{"query": 7}', (422, "invalid_value", "query")),
        (b'{"query": "x", "limit": -1}', (422, "invalid_value", "limit")),
        (b'{"query": "x", "start": "y"}', (422, "invalid_value", "start")),
        (b'{"query": "x", "kinds": ["user"]}', (422, "invalid_value", "kinds")),
        (b'{"query": "x", "limit": 1e999}', (422, "out_of_range", "")),
        (b"x" * 1001, (422, "invalid_value", "query")),
        (b"x" * 65537, (413, "too_large", "")),
    ],
)
async def test_a_search_for_nothing_is_refused(
    bed: Bed, content: bytes, refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("POST", "/api/search/", content=content) == refused


async def test_a_window_and_kinds_narrow_the_results(bed: Bed) -> None:
    for number in range(5):
        await bed.post("/api/pools/", json={"id": f"lab-{number}", "tags": ["lab"]})
    answer = await bed.post("/api/search/", json={"query": "lab-", "start": 1, "limit": 2})
    assert [result["id"] for result in answer["results"]] == ["lab-1", "lab-2"]
    assert answer["total_results"] == 5
    assert await find(bed, "lab", kinds=["tag", "host", "tag"]) == [("tag", "lab")]
    high = await bed.post("/api/search/", json={"query": "lab", "limit": 9999})
    assert high["request"]["limit"] == 250


async def test_secrets_and_values_of_keys_are_never_found(bed: Bed) -> None:
    await furnish(bed)
    login = {"url": "r.example.com", "username": "u", "password": "hippopotamus"}
    await bed.post("/api/v2/registries/", json=login)
    path = "/api/v2/deployments/zebra-deployment/webhook/restart"
    await bed.put(path, json={"token": "hippopotamus"})
    for secret in ("giraffe", "hippopotamus", bed.bearer, "argon2"):
        assert await find(bed, secret) == []


async def test_a_search_sees_what_changed_since_the_last_one(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, "a" * 64, name="first")
    await bed.post("/api/pools/", json={"id": "p", "description": "first"})
    assert [kind for kind, _ in await find(bed, "first")] == ["container", "pool"]
    await bed.put("/api/pools/p", json={"description": "second"})
    bed.add_container(host, "a" * 64, name="second")
    assert await find(bed, "first") == []
    assert [kind for kind, _ in await find(bed, "second")] == ["container", "pool"]
    await bed.delete("/api/pools/p")
    assert [kind for kind, _ in await find(bed, "second")] == ["container"]
