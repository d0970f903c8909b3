"""Every endpoint of the original list: there in both spellings, with an answer of its form."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from berth.domain.images import ImageDetail
from integration.api_bed import ONE, PASSWORD, TWO, USER, Bed
from integration.endpoint_calls import CALLS, CONTAINER, IMAGE, OTHER, Good, misses

LISTED = (Path(__file__).parent / "endpoints.txt").read_text().splitlines()
IMAGE_ID = "sha256:" + "c" * 64
IMAGE_DETAIL = ImageDetail(b'{"Id": "%s"}' % IMAGE_ID.encode(), b"[]")
#: A slash at the end of these is part of the key.
EXACT = "/api/kv/"


async def prepare(bed: Bed) -> dict[str, str]:
    """Have one of everything; return what paths need."""
    host = await bed.add_host("h1")
    for container in (CONTAINER, OTHER):
        bed.add_container(host, container, inspect=json.dumps({"Id": container}).encode())
    bed.add_image(host, IMAGE_ID, names=(IMAGE,))
    bed.agents.images[IMAGE] = bed.agents.images[IMAGE_ID] = IMAGE_DETAIL
    await bed.post("/api/tags/x", json={"id": "100"})
    await bed.post("/api/tags/objects/x", json={"kind": "host", "id": host.id, "tags": ["100"]})
    await bed.post("/api/v2/services/", json={"content": ONE})
    await bed.post("/api/v2/stacks/", json={"content": TWO, "service_id": "two"})
    await bed.deploy()
    await bed.deploy("stopped", desired_state=0)
    hook = "/api/v2/deployments/myapp/webhook/restart"
    token = (await bed.put(hook, json={"enabled": True}))["token"]
    entry = {"ID": "web-1", "Service": "web", "Address": "10.0.0.9", "Port": 80, "Tags": ["v1"]}
    await bed.put("/api/catalog/register", json={"Service": entry})
    await bed.put("/api/kv/shop/limit", content=b"10")
    tasks = await bed.get("/api/v2/tasks/")
    registries = await bed.get("/api/v2/registries/")
    return {
        "host": host.id,
        "token": token,
        "task": tasks["tasks"][0]["ID"],
        "registry": registries["registries"][0]["registry_id"],
    }


async def options_of(bed: Bed, good: Good) -> dict[str, Any]:
    """Return the body as a client of the old system sends it, JSON under the label of a form."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if good.body == "backup":
        answer = await bed.http.get("/api/v2/export")
        return {"content": answer.content}
    bodies = {"login": json.dumps({"username": USER, "password": PASSWORD}), "raw": "10"}
    if isinstance(good.body, str):
        return {"content": bodies[good.body], "headers": headers}
    return {"content": json.dumps(good.body) if good.body else b"", "headers": headers}


@pytest.mark.parametrize("listed", LISTED)
async def test_an_endpoint_of_the_list_answers_in_its_form(bed: Bed, listed: str) -> None:
    good, method = CALLS[listed], listed.partition(" ")[0]
    path = good.path.format(**await prepare(bed))
    if listed == "POST /api/token":
        bed.http.headers["Authorization"] = f"Session {await bed.open_session()}"
    answer = await bed.http.request(method, path, **await options_of(bed, good))
    assert answer.status_code == 200, answer.text
    if good.form is None:
        assert gzip.decompress(answer.content)
    else:
        assert misses(answer.json(), good.form) == []


async def test_an_endpoint_of_the_list_is_the_same_in_its_other_spelling(bed: Bed) -> None:
    names = dict.fromkeys(("host", "token", "task", "registry"), "x")
    for listed, good in CALLS.items():
        path = good.path.format(**names).partition("?")[0]
        if path.startswith(EXACT):
            continue
        other = path[:-1] if path.endswith("/") else f"{path}/"
        headers = {"Authorization": ""}
        spelled = [
            await bed.http.request(listed.partition(" ")[0], each, headers=headers)
            for each in (path, other)
        ]
        assert spelled[0].status_code == spelled[1].status_code != 404, listed
        assert spelled[0].content == spelled[1].content


async def test_the_bearer_token_is_read_and_asked_for(bed: Bed) -> None:
    bed.http.headers["Authorization"] = f"Session {await bed.open_session()}"
    assert await bed.get("/api/token") == await bed.post("/api/token")


def test_every_endpoint_of_the_list_has_a_good_call() -> None:
    assert set(LISTED) == set(CALLS)
    assert len(LISTED) == 83
