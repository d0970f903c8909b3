"""Named tokens over HTTP: made once, used, ended; and what one for reading may do."""

from typing import Any

import aiohttp
import pytest

from berth.domain.records import TokenKind
from berth.runtime.ids import hash_token
from integration.api_bed import Bed
from integration.test_api_exec import dial

TOKENS = "/api/v2/tokens/"


async def make(bed: Bed, name: str = "ci", **members: Any) -> str:
    """Make a token and return its text."""
    text: str = (await bed.post(TOKENS, json={"name": name} | members))["text"]
    return text


def bearing(text: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {text}"}}


async def test_a_token_is_shown_once_kept_hashed_and_acts_as_its_user(each_bed: Bed) -> None:
    text = await make(each_bed)
    assert text.startswith("berth_")
    kept = each_bed.store.memory.tokens.get(hash_token(text))
    assert kept is not None
    assert (kept.kind, kept.ciphertext) == (TokenKind.NAMED, "")
    assert text not in (await each_bed.http.get(TOKENS)).text
    await each_bed.post("/api/tags/x", **bearing(text))
    (item,) = (await each_bed.get(TOKENS, **bearing(text)))["tokens"]
    assert (item["name"], item["scope"], item["owner"]) == ("ci", "full", "admin")
    assert (item["current"], item["ended"]) == (True, False)


async def test_a_token_tells_when_it_was_used_last(bed: Bed) -> None:
    text = await make(bed)
    (unused,) = (await bed.get(TOKENS))["tokens"]
    assert unused["last_used_on"] == "0001-01-01T00:00:00Z"
    await bed.clock.advance(3600)
    await bed.get("/api/pools/", **bearing(text))
    (used,) = (await bed.get(TOKENS))["tokens"]
    assert used["last_used_on"] == "2023-11-14T23:13:20Z"


async def test_a_token_ends_by_itself(bed: Bed) -> None:
    text = await make(bed, lifetime_s=60)
    await bed.get("/api/pools/", **bearing(text))
    await bed.clock.advance(61)
    assert await bed.refused("GET", "/api/pools/", **bearing(text)) == (401, "unknown_token", "")
    assert [each["ended"] for each in (await bed.get(TOKENS))["tokens"]] == [True]
    await make(bed)
    assert len((await bed.get(TOKENS))["tokens"]) == 1


async def test_a_repeated_request_does_not_show_a_token_again(bed: Bed) -> None:
    key = {"Idempotency-Key": "once"}
    await bed.post(TOKENS, json={"name": "ci"}, headers=key)
    again = await bed.refused("POST", TOKENS, json={"name": "ci"}, headers=key)
    assert again == (409, "answer_not_kept", "")
    assert len((await bed.get(TOKENS))["tokens"]) == 1


@pytest.mark.parametrize("by", ["name", "token_id"])
async def test_a_token_is_ended_by_name_or_id(each_bed: Bed, by: str) -> None:
    text = await make(each_bed)
    (item,) = (await each_bed.get(TOKENS))["tokens"]
    assert await each_bed.delete(TOKENS + item[by]) == {"deleted": item["token_id"]}
    assert (await each_bed.refused("GET", "/api/pools/", **bearing(text)))[0] == 401
    assert (await each_bed.refused("DELETE", TOKENS + item[by]))[:2] == (404, "unknown_token")


async def test_a_new_bearer_leaves_named_tokens_alone(bed: Bed) -> None:
    text = await make(bed)
    await bed.post("/api/token/new")
    await bed.get("/api/pools/", **bearing(text))
    assert await bed.get("/api/token", **bearing(text)) == {"token": text}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, (422, "required", "name")),
        ({"name": " "}, (422, "invalid_value", "name")),
        ({"name": "ci"}, (409, "name_in_use", "name")),
        ({"name": "x", "scope": "all"}, (422, "invalid_value", "scope")),
        ({"name": "x", "scope": "deployment"}, (422, "invalid_value", "scope")),
        ({"name": "x", "lifetime_s": 0}, (422, "invalid_value", "lifetime_s")),
        ({"name": "x", "lifetime_s": 1e10}, (422, "invalid_value", "lifetime_s")),
    ],
)
async def test_a_token_that_cannot_be_is_refused(
    bed: Bed, body: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    await make(bed)
    assert await bed.refused("POST", TOKENS, json=body) == refused


async def test_a_token_makes_none_that_outlasts_it(bed: Bed) -> None:
    short = await make(bed, lifetime_s=60)
    refused = await bed.refused("POST", TOKENS, json={"name": "long"}, **bearing(short))
    assert refused == (403, "outlasts_maker", "lifetime_s")
    await bed.post(TOKENS, json={"name": "shorter", "lifetime_s": 30}, **bearing(short))


@pytest.mark.parametrize(
    "call",
    [
        "GET /api/hosts/", "GET /api/v2/deployments/myapp", "GET /api/kv/a", "GET /api/v2/settings",
        "POST /api/search/", "POST /api/v2/definitions/validate", "GET /api/token",
    ],
)  # fmt: skip
async def test_a_token_for_reading_reads(bed: Bed, call: str) -> None:
    await bed.deploy()
    text = await make(bed, scope="read")
    method, _, path = call.partition(" ")
    content = '{"query": "x", "content": "version: 2"}' if method == "POST" else None
    answer = await bed.http.request(method, path, content=content, **bearing(text))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "call",
    [
        "PUT /api/kv/a", "DELETE /api/v2/deployments/myapp", "POST /api/v2/deployments/",
        "PUT /api/v2/settings", "GET /api/v2/hosts/join_token", "GET /api/v2/export",
        "POST /api/token/new", "POST /api/v2/tokens/", "POST /api/v2/import",
        "GET /api/v2/deployments/myapp/webhook",
    ],
)  # fmt: skip
async def test_a_token_for_reading_changes_and_betrays_nothing(bed: Bed, call: str) -> None:
    text = await make(bed, scope="read")
    method, _, path = call.partition(" ")
    assert await bed.refused(method, path, **bearing(text)) == (403, "read_only_token", "")


async def test_a_token_for_reading_runs_no_program(bed: Bed) -> None:
    text = await make(bed, scope="read")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with dial(bed, "?command=sh", **bearing(text)):
            pass
    assert refused.value.status == 403
    async with dial(bed, "") as socket:
        await socket.send_json({"token": text, "command": ["sh"]})
        assert (await socket.receive_json())["errors"][0]["code"] == "read_only_token"
    assert bed.agents.opened == []


async def test_every_call_that_is_no_reading_says_so(bed: Bed) -> None:
    """What a token for reading may call: a GET, or one of these."""
    reads = {
        route.path
        for route in bed.app.routes
        if getattr(route, "needs", None) and route.needs.reads and route.methods != {"GET"}
    }
    assert reads == {
        "/api/search/", "/api/v2/definitions/validate", "/api/v2/definitions/convert",
    }  # fmt: skip


async def test_a_token_that_ends_does_not_renew_the_bearer(bed: Bed) -> None:
    short = await make(bed, lifetime_s=60)
    refused = await bed.refused("POST", "/api/token/new", **bearing(short))
    assert refused == (403, "outlasts_maker", "")


async def test_a_token_named_as_the_id_of_another_is_not_ended_for_it(bed: Bed) -> None:
    await make(bed)
    (leaked,) = (await bed.get(TOKENS))["tokens"]
    await make(bed, name=leaked["token_id"])
    await bed.delete(TOKENS + leaked["token_id"])
    assert [each["name"] for each in (await bed.get(TOKENS))["tokens"]] == [leaked["token_id"]]


async def test_a_scope_that_is_none_is_told_the_ones_that_are(bed: Bed) -> None:
    answer = await bed.http.post(TOKENS, json={"name": "x", "scope": "all"})
    assert answer.json()["errors"][0]["message"] == "Input should be 'full' or 'read'"
