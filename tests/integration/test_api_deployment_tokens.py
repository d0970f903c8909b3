"""The token that a deployment's containers get: what it reads, and when it ends."""

from typing import Any

import pytest

from berth.domain.deployment_tokens import make_deployment_token
from integration.api_bed import Bed
from integration.served import serve
from integration.streaming import Events, open_events

LOGS = "/api/v2/deployments/myapp/logs?follow"


@pytest.fixture
async def token(bed: Bed) -> str:
    """Return the token of the deployment ``myapp``."""
    await bed.deploy()
    return token_of(bed)


def token_of(bed: Bed) -> str:
    deployment = bed.store.memory.deployments.get("myapp")
    assert deployment is not None
    return make_deployment_token(deployment, bed.services.secrets.sign)


async def read_to_end(events: Events) -> None:
    while True:
        await events.next()


def bearing(text: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {text}"}}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/deployments/myapp", "/api/v2/deployments/myapp/containers/",
        "/api/v2/deployments/myapp/logs", "/api/kv/a?keys", "/v1/kv/?recurse", "/api/kv/a",
        "/api/catalog/services", "/api/catalog/service/web",
    ],
)  # fmt: skip
async def test_it_reads_its_deployment_keys_and_the_catalog(
    bed: Bed, token: str, path: str
) -> None:
    answer = await bed.http.get(path, **bearing(token))
    assert answer.status_code in (200, 404), answer.text


@pytest.mark.parametrize(
    "call",
    [
        "GET /api/v2/deployments/other", "GET /api/v2/deployments/", "PUT /api/kv/a",
        "DELETE /v1/kv/a", "DELETE /api/v2/deployments/myapp", "PUT /api/v2/deployments/myapp",
        "GET /api/hosts/", "GET /api/v2/watch", "POST /api/v2/tokens/", "GET /api/v2/live",
        "GET /api/v2/deployments/myapp/webhook", "GET /metrics", "GET /api/v2/events/",
    ],
)  # fmt: skip
async def test_it_does_nothing_else(bed: Bed, token: str, call: str) -> None:
    method, _, path = call.partition(" ")
    refused = await bed.refused(method, path, **bearing(token))
    assert refused == (403, "deployment_token", "")


async def test_it_shows_nobody_a_bearer_token(bed: Bed, token: str) -> None:
    assert (await bed.refused("GET", "/api/token", **bearing(token)))[0] == 401


@pytest.mark.parametrize("wrong", ["{}0", "{}.", "berth-deployment.myapp.", "berth-deployment.x"])
async def test_one_that_was_made_up_is_unknown(bed: Bed, token: str, wrong: str) -> None:
    path, text = "/api/v2/deployments/myapp", wrong.format(token)
    assert (await bed.refused("GET", path, **bearing(text)))[:2] == (401, "unknown_token")


async def test_it_ends_with_its_deployment_and_so_do_its_streams(bed: Bed, token: str) -> None:
    async with serve(bed) as address, open_events(address, LOGS, bearer=token) as events:
        await bed.post("/api/v2/deployments/myapp/stop")
        await bed.delete("/api/v2/deployments/myapp")
        with pytest.raises(EOFError):
            await read_to_end(events)
    await bed.clock.advance(1)
    await bed.deploy()
    assert (await bed.refused("GET", "/api/kv/a", **bearing(token)))[0] == 401
    assert token_of(bed) != token


async def test_a_text_that_uses_it_is_told_what_it_is(bed: Bed) -> None:
    content = "services:\n  a:\n    image: x\n    environment: {T: '{{api_token}}'}\n"
    checked = await bed.post("/api/v2/definitions/validate", json={"content": content})
    (entry,) = checked["report"]
    assert (entry["outcome"], entry["field"]) == ("translated", "services.a.environment.T")
    assert "a token of this deployment alone" in entry["reason"]
    assert "may do everything" in entry["reason"]
