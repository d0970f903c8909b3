"""Webhooks of deployments over HTTP."""

import re
from typing import Any

import pytest

from integration.api_bed import Bed

HOOK = "/api/v2/deployments/myapp/webhook"
RESTART = f"{HOOK}/restart"


async def switch_on(bed: Bed) -> str:
    """Make a deployment with its webhook switched on; return the path that fires it."""
    await bed.deploy()
    path: str = (await bed.put(RESTART, json={"enabled": True}))["full_url_path"]
    return path


async def fire(bed: Bed, path: str, *, code: int = 200, **options: Any) -> Any:
    """Call as a stranger does: without a credential."""
    del bed.http.headers["Authorization"]
    try:
        return await bed.post(path, code=code, **options)
    finally:
        bed.send_bearer(bed.bearer)


async def deliveries(bed: Bed) -> list[tuple[int, str]]:
    """Return status and outcome of the calls, newest first."""
    listed = (await bed.get(HOOK))["deliveries"]
    return [(each["status"], each["outcome"]) for each in listed]


async def test_a_deployment_has_a_webhook_that_is_off(each_bed: Bed) -> None:
    await each_bed.deploy()
    hook = await each_bed.get(RESTART)
    assert list(hook) == ["deployment_id", "token", "enabled", "full_url_path"]
    assert (hook["deployment_id"], hook["enabled"]) == ("myapp", False)
    assert re.fullmatch("[a-z]{8}", hook["token"])
    assert hook["full_url_path"] == f"{RESTART}?token={hook['token']}"
    assert await each_bed.get(f"{HOOK}/") == {"restart": hook, "deliveries": []}


async def test_the_token_is_encrypted_at_rest(bed: Bed) -> None:
    await bed.deploy()
    token = (await bed.get(RESTART))["token"]
    kept = bed.store.memory.webhooks.get("myapp")
    assert kept is not None
    assert token not in kept.token
    assert bed.services.secrets.decrypt(kept.token) == token


async def test_a_call_with_the_token_alone_restarts(each_bed: Bed) -> None:
    path = await switch_on(each_bed)
    fired = await fire(each_bed, path, content=b"\xff no JSON")
    assert fired["deployment_id"] == "myapp"
    task = (await each_bed.get(f"/api/v2/tasks/{fired['task_id']}"))["Task"]
    assert (task["Name"], task["Subsystem"], task["User"]) == (
        "restart deployment: myapp", "Webhook", "webhook",
    )  # fmt: skip
    deployment = (await each_bed.get("/api/v2/deployments/myapp"))["deployment"]
    assert (deployment["desired_state"], deployment["generation"]) == (1, 2)
    shown = (await each_bed.get(HOOK))["deliveries"]
    assert shown == [{
        "at": "2023-11-14T22:13:20.000000Z", "source": "127.0.0.1", "status": 200,
        "outcome": "the restart has begun", "task_id": fired["task_id"],
    }]  # fmt: skip


async def test_a_restart_under_way_answers_further_calls(each_bed: Bed) -> None:
    path = await switch_on(each_bed)
    first = await fire(each_bed, path)
    assert await fire(each_bed, path + "&x=1") == first
    assert (await each_bed.get("/api/v2/deployments/myapp"))["deployment"]["generation"] == 2
    assert await deliveries(each_bed) == [
        (200, "a restart was under way already"), (200, "the restart has begun"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        f"{RESTART}?token=wrong-token", RESTART, f"{RESTART}?token=", f"{RESTART}?token=%ff%00",
        "/api/v2/deployments/nope/webhook/restart?token=abcdefgh",
        "/api/v2/deployments/untouched/webhook/restart?token=",
    ],
)  # fmt: skip
async def test_every_refusal_looks_the_same(each_bed: Bed, path: str) -> None:
    await switch_on(each_bed)
    await each_bed.deploy("untouched")
    answer = await fire(each_bed, path, code=403)
    assert answer["errors"] == [{
        "message": "there is no such webhook, it is switched off, or the token is wrong",
        "code": "webhook_refused", "field": "token",
    }]  # fmt: skip


async def test_a_webhook_that_is_off_refuses_the_right_token(each_bed: Bed) -> None:
    path = await switch_on(each_bed)
    assert (await each_bed.put(RESTART, json={"enabled": "false"}))["enabled"] is False
    refused = await fire(each_bed, path, code=403)
    assert refused["errors"][0]["code"] == "webhook_refused"
    assert await deliveries(each_bed) == [(403, "refused: the webhook is off")]


async def test_a_stopped_deployment_is_not_restarted(each_bed: Bed) -> None:
    path = await switch_on(each_bed)
    await each_bed.post("/api/v2/deployments/myapp/stop")
    refused = await fire(each_bed, path, code=409)
    assert refused["errors"][0]["code"] == "deployment_stopped"
    assert await deliveries(each_bed) == [(409, "deployment 'myapp' is stopped: start it instead")]


async def test_the_last_twenty_calls_are_kept_newest_first(bed: Bed) -> None:
    path = await switch_on(bed)
    for _ in range(21):
        await fire(bed, path)
        await bed.clock.advance(2)
    await fire(bed, RESTART + "?token=12345678", code=403)
    kept = await deliveries(bed)
    assert len(kept) == 20
    assert kept[0] == (403, "refused: wrong token")
    assert {code for code, _ in kept[1:]} == {200}


async def test_a_flood_of_wrong_tokens_is_noted_once_a_second(bed: Bed) -> None:
    await switch_on(bed)
    for _ in range(5):
        await fire(bed, RESTART, code=403)
    written = bed.store.transactions
    await fire(bed, RESTART, code=403)
    assert bed.store.transactions == written
    await bed.clock.advance(1.5)
    await fire(bed, RESTART, code=403)
    assert len(await deliveries(bed)) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"token": "My_own-token1"},
        {"full_url_path": "/anything?a=b&token=My_own-token1"},
        {"full_url_path": "https://berth.test/x?token=My_own-token1", "deployment_id": "other"},
    ],
)
async def test_the_token_can_be_chosen(each_bed: Bed, body: dict[str, str]) -> None:
    old = await switch_on(each_bed)
    hook = await each_bed.put(RESTART, json=body)
    assert (hook["token"], hook["enabled"]) == ("My_own-token1", True)
    assert hook["full_url_path"] == f"{RESTART}?token=My_own-token1"
    await fire(each_bed, old, code=403)
    await fire(each_bed, hook["full_url_path"])


async def test_the_object_as_it_was_read_with_another_path_changes_the_token(bed: Bed) -> None:
    await bed.deploy()
    hook = await bed.get(RESTART)
    assert await bed.put(RESTART, json=hook) == hook
    hook["full_url_path"] = f"{RESTART}?token=another1"
    assert (await bed.put(RESTART, json=hook))["token"] == "another1"


@pytest.mark.parametrize(
    "body", [{"token": ""}, {"full_url_path": ""}, {"full_url_path": "/x?token="}]
)
async def test_an_empty_token_asks_for_a_new_one(bed: Bed, body: dict[str, str]) -> None:
    await bed.deploy()
    old = (await bed.get(RESTART))["token"]
    new = (await bed.put(RESTART, json=body))["token"]
    assert new != old
    assert re.fullmatch("[a-z]{8}", new)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"token": "short"}, (422, "invalid_token", "token")),
        ({"token": "x" * 65}, (422, "invalid_token", "token")),
        ({"token": "with blank"}, (422, "invalid_token", "token")),
        ({"token": "new\nlines\n"}, (422, "invalid_token", "token")),
        ({"full_url_path": "/x?token=a/b/c/d/e"}, (422, "invalid_token", "full_url_path")),
        ({"full_url_path": "/x"}, (422, "invalid_token", "full_url_path")),
        ({"full_url_path": "http://[x?token=12345678"}, (422, "invalid_token", "full_url_path")),
        ({"enabled": "perhaps"}, (422, "invalid_value", "enabled")),
    ],
)  # fmt: skip
async def test_a_webhook_that_cannot_be_is_refused(
    bed: Bed, body: dict[str, str], refused: tuple[int, str, str]
) -> None:
    await bed.deploy()
    hook = await bed.get(RESTART)
    assert await bed.refused("PUT", RESTART, json=body) == refused
    assert await bed.get(RESTART) == hook


@pytest.mark.parametrize(("method", "path"), [("GET", HOOK), ("GET", RESTART), ("PUT", RESTART)])
async def test_no_deployment_has_no_webhook(bed: Bed, method: str, path: str) -> None:
    assert await bed.refused(method, path) == (404, "unknown_deployment", "")


async def test_the_webhook_goes_with_its_deployment(each_bed: Bed) -> None:
    path = await switch_on(each_bed)
    await each_bed.post("/api/v2/deployments/myapp/stop")
    await each_bed.delete("/api/v2/deployments/myapp")
    await each_bed.deploy()
    hook = await each_bed.get(RESTART)
    assert hook["enabled"] is False
    assert hook["full_url_path"] != path


async def test_a_token_whose_key_was_lost_is_replaced(bed: Bed) -> None:
    path = await switch_on(bed)
    kept = bed.store.memory.webhooks.get("myapp")
    assert kept is not None
    broken = type(kept)(id=kept.id, token="gibberish", enabled=True)
    await bed.store.run(lambda draft: draft.webhooks.put(broken))
    await fire(bed, path, code=403)
    hook = await bed.get(RESTART)
    assert re.fullmatch("[a-z]{8}", hook["token"])
    await fire(bed, hook["full_url_path"])
