"""Repeated requests with an ``Idempotency-Key``, and the ids of requests."""

import asyncio
from pathlib import Path

import httpx
import pytest

from berth.api.endpoints.idempotency import KEEP_S
from berth.reconcilers.retention import KEEP_REPLAYS, Retention
from berth.store.draft import Draft
from integration.api_bed import ONE, Bed, open_bed

PATH = "/api/v2/deployments/"
KEY = {"Idempotency-Key": "a-key"}
BODY = {"deployment_name": "shop", "stack": {"content": ONE}}


async def deploy(bed: Bed, headers: dict[str, str], **members: object) -> httpx.Response:
    """Ask for a deployment whose id the server makes."""
    return await bed.http.post(PATH, json=BODY | members, headers=headers)


def count(bed: Bed) -> int:
    """Count the deployments."""
    return len(bed.store.memory.deployments)


async def test_a_repeated_request_gets_the_first_answer(each_bed: Bed) -> None:
    first = await deploy(each_bed, KEY)
    await each_bed.clock.advance(5)
    second = await deploy(each_bed, KEY)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert count(each_bed) == 1


async def test_without_a_key_or_with_another_one_it_is_carried_out_again(bed: Bed) -> None:
    for headers in (KEY, {}, {"Idempotency-Key": "b"}):
        assert (await deploy(bed, headers)).status_code == 200
    assert count(bed) == 3


async def test_a_key_with_another_request_is_refused(each_bed: Bed) -> None:
    await deploy(each_bed, KEY)
    others = (
        (PATH, BODY | {"deployment_name": "other"}),
        (PATH + "?dry_run", BODY),
        ("/api/pools/", BODY),
    )
    for path, body in others:
        refused = await each_bed.refused("POST", path, json=body, headers=KEY)
        assert refused == (422, "key_in_use", "Idempotency-Key")
    assert count(each_bed) == 1


async def test_a_refused_request_does_not_use_its_key_up(bed: Bed) -> None:
    refused = await deploy(bed, KEY, placement={"pool_id": "nowhere"})
    assert refused.status_code == 422
    assert (await deploy(bed, KEY)).status_code == 200


async def test_a_key_is_forgotten_after_a_day(bed: Bed) -> None:
    await deploy(bed, KEY)
    await bed.clock.advance(KEEP_S + 1)
    assert "idempotent-replayed" not in (await deploy(bed, KEY)).headers
    assert count(bed) == 2


async def test_two_at_once_are_carried_out_once(bed: Bed) -> None:
    answers = await asyncio.gather(*(deploy(bed, KEY) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["errors"][0]["code"] == "request_under_way"
    assert count(bed) == 1


async def test_a_key_outlives_the_manager(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/berth.db"
    async with open_bed(url, tmp_path) as bed:
        await bed.admit()
        await deploy(bed, KEY)
        bearer = bed.bearer
    async with open_bed(url, tmp_path) as bed:
        bed.send_bearer(bearer)
        # The second manager of this test has another secret key, so it cannot read the answer.
        refused = await bed.refused("POST", PATH, json=BODY, headers=KEY)
        assert refused == (409, "answer_not_kept", "")
        assert count(bed) == 1


async def test_what_was_carried_out_is_known_with_the_change_itself(each_bed: Bed) -> None:
    def lose_answers(draft: Draft) -> None:
        for replay in list(draft.replays.values()):
            draft.replays.put(type(replay)(
                id=replay.id, fingerprint=replay.fingerprint, created_at=replay.created_at,
            ))  # fmt: skip

    transactions = each_bed.store.transactions
    await deploy(each_bed, KEY)
    assert each_bed.store.transactions == transactions + 2
    await each_bed.store.run(lose_answers)  # as when the manager dies before the second one
    assert (await deploy(each_bed, KEY)).status_code == 409
    assert count(each_bed) == 1


async def test_a_long_answer_is_not_kept(bed: Bed) -> None:
    text = ONE + "# " + "x" * 40_000 + "\n"
    body = {"service_id": "long", "content": text}
    await bed.post("/api/v2/services/", json=body, headers=KEY)
    refused = await bed.refused("POST", "/api/v2/services/", json=body, headers=KEY)
    assert refused == (409, "answer_not_kept", "")


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
async def test_a_key_that_is_none_is_refused(bed: Bed, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    refused = await bed.refused("POST", PATH, json=BODY, headers=headers)
    assert refused == (400, "invalid_key", "Idempotency-Key")
    assert count(bed) == 0


async def test_the_kept_answers_are_encrypted_and_bounded(bed: Bed) -> None:
    for number in range(3):
        await deploy(bed, {"Idempotency-Key": f"key-{number}"})
    kept = list(bed.store.memory.replays.values())
    assert all("shop" not in replay.answer for replay in kept)

    def fill(draft: Draft) -> None:
        for number in range(KEEP_REPLAYS):
            draft.replays.put(
                type(kept[0])(id=f"r{number}", fingerprint="", created_at=draft.now + 1)
            )

    await bed.store.run(fill)
    await Retention(bed.store).drop_old()
    assert len(bed.store.memory.replays) == KEEP_REPLAYS
    assert kept[0].id not in bed.store.memory.replays
    await bed.clock.advance(KEEP_S + 2)
    await Retention(bed.store).drop_old()
    assert len(bed.store.memory.replays) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
async def test_only_posts_are_kept(bed: Bed, method: str) -> None:
    await bed.http.request(method, "/api/pools/default", headers=KEY)
    assert len(bed.store.memory.replays) == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("my-id_1.2", True), ("", False), ("a b", False), ("x" * 65, False), ("a\tb", False)],
)
async def test_a_caller_may_name_its_request(bed: Bed, sent: str, *, kept: bool) -> None:
    answer = await bed.http.get("/api/pools/", headers={"X-Request-Id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept
    assert answer.headers["x-request-id"]
