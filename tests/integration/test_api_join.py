"""How engines become hosts, and the sessions of their agents."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from berth.domain.observed import HostFacts
from berth.domain.states import HostState
from berth.protocol.messages import JOIN_PATH, SESSION_PATH, JoinAnswer, JoinRequest
from integration.api_bed import Bed
from integration.served import serve

NUL = b'{"facts": {"hostname": "h", "engine_id": "\\u0000"}}'


async def join(bed: Bed, *, engine: str = "e1", secret: str = "", **members: Any) -> httpx.Response:
    """Join with an engine on a machine called ``box``."""
    secret = secret or bed.services.join_token.read_or_make().split(".")[1]
    headers = {"Authorization": f"Join {secret}"}
    return await bed.http.post(JOIN_PATH, content=body_of(engine, **members), headers=headers)


def body_of(engine: str, **members: Any) -> bytes:
    """Return what an agent sends to join."""
    facts = HostFacts(hostname="box", engine_id=engine, address="10.0.0.9")
    return msgspec.json.encode(JoinRequest(facts=facts, **members))


async def joined(bed: Bed, **members: Any) -> JoinAnswer:
    """Join, expect success, and give the answer."""
    answer = await join(bed, **members)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=JoinAnswer)


async def test_an_engine_with_the_join_token_becomes_a_host(fresh_bed: Bed) -> None:
    answer = await joined(fresh_bed, tags=("ssd", "gpu"))
    host = fresh_bed.store.memory.hosts.get(answer.host_id)
    assert host is not None
    assert (answer.name, host.pool_id, host.tags) == ("box", "default", ("gpu", "ssd"))
    assert answer.instance_id == fresh_bed.store.memory.instance.id
    assert answer.credential not in repr(host)


async def test_the_join_token_is_shown_and_rotated(bed: Bed) -> None:
    token = (await bed.get("/api/v2/hosts/join_token"))["join_token"]
    assert token.startswith("berth-join-1.")
    assert token.endswith("." + "ab" * 32)
    new = (await bed.post("/api/v2/hosts/join_token/rotate/"))["join_token"]
    assert new != token
    assert (await join(bed, secret=token.split(".")[1])).status_code == 401
    assert (await join(bed)).status_code == 200


async def rotate(bed: Bed, **limits: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await bed.post("/api/v2/hosts/join_token/rotate", json=limits)
    return answer


async def test_a_join_token_with_an_end_lets_nobody_join_afterwards(bed: Bed) -> None:
    assert (await rotate(bed, lifetime_s=60))["expires_on"] == "2023-11-14T22:14:20Z"
    assert (await join(bed)).status_code == 200
    await bed.clock.advance(61)
    refused = await join(bed, engine="e2")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "join_token_ended")
    await rotate(bed)
    assert (await join(bed, engine="e2")).status_code == 200


async def test_a_join_token_for_two_hosts_is_good_for_two_even_at_once(bed: Bed) -> None:
    assert (await rotate(bed, uses=2))["uses_left"] == 2
    assert (await join(bed, name="a/b")).status_code == 422
    joins = await asyncio.gather(*(join(bed, engine=f"e{number}") for number in range(4)))
    assert sorted(answer.status_code for answer in joins) == [200, 200, 401, 401]
    assert (await bed.get("/api/v2/hosts/join_token"))["uses_left"] == 0


async def test_the_last_use_of_a_join_token_goes_to_one_whose_body_has_come(bed: Bed) -> None:
    await rotate(bed, uses=1)
    begun, first_is_in = asyncio.Event(), asyncio.Event()

    async def late_body() -> AsyncIterator[bytes]:
        begun.set()
        await first_is_in.wait()
        yield body_of("e2")

    secret = bed.services.join_token.read_or_make().split(".")[1]
    headers = {"Authorization": f"Join {secret}"}
    late = asyncio.create_task(bed.http.post(JOIN_PATH, content=late_body(), headers=headers))
    await begun.wait()
    assert (await join(bed)).status_code == 200
    first_is_in.set()
    assert (await late).json()["errors"][0]["code"] == "join_token_ended"
    assert len(bed.store.memory.hosts) == 1


async def test_a_join_that_fails_adds_no_use_to_the_token_made_meanwhile(bed: Bed) -> None:
    old = bed.services.join_token.read_or_make().split(".")[1]
    await rotate(bed, uses=1)
    bed.services.join_token.return_use(old)
    assert (await bed.get("/api/v2/hosts/join_token"))["uses_left"] == 1


@pytest.mark.parametrize("limits", [{"uses": 0}, {"uses": 10**6}, {"lifetime_s": 0}])
async def test_a_join_token_with_odd_limits_is_refused(bed: Bed, limits: dict[str, Any]) -> None:
    before = await bed.get("/api/v2/hosts/join_token")
    refused = await bed.refused("POST", "/api/v2/hosts/join_token/rotate", json=limits)
    assert refused[:2] == (422, "invalid_value")
    assert await bed.get("/api/v2/hosts/join_token") == before


async def test_limits_that_are_damaged_let_nobody_join(bed: Bed, tmp_path: Path) -> None:
    await rotate(bed, uses=2)
    (tmp_path / "join-token-limits").write_text("{")
    assert (await join(bed)).status_code == 401


@pytest.mark.parametrize("header", ["", "Join wrong", "Bearer x", "Join \xff"])
async def test_a_join_without_the_token_is_refused(fresh_bed: Bed, header: str) -> None:
    headers = {"Authorization": header.encode("latin-1")}
    answer = await fresh_bed.http.post(JOIN_PATH, content=b"{", headers=headers)
    assert answer.status_code == 401
    assert len(fresh_bed.store.memory.hosts) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"{", 400), (b"{}", 422), (b"[]", 422), (b"", 422), (NUL, 422), (b"[" * 9999, 422)],
)
async def test_a_join_that_is_not_understood_is_refused(
    bed: Bed, content: bytes, code: int
) -> None:
    secret = bed.services.join_token.read_or_make().split(".")[1]
    headers = {"Authorization": f"join {secret}"}
    answer = await bed.http.post(JOIN_PATH, content=content, headers=headers)
    assert answer.status_code == code
    assert answer.json()["errors"]


async def test_the_join_tokens_secret_comes_under_its_own_scheme(bed: Bed) -> None:
    secret = bed.services.join_token.read_or_make().split(".")[1]
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await bed.refused("POST", JOIN_PATH, headers=headers))[:2] == (401, "wrong_scheme")


async def test_anyone_may_read_the_authority(fresh_bed: Bed) -> None:
    assert await fresh_bed.get(JOIN_PATH) == {"ca": "PEM"}


async def test_an_engine_that_is_away_takes_its_record_over(bed: Bed) -> None:
    first = await joined(bed, name="alpha", tags=("a",))
    host = bed.store.memory.hosts.get(first.host_id)
    assert host is not None
    bed.set_status(host, state=HostState.INACTIVE)
    second = await joined(bed)
    assert (second.host_id, second.name) == (first.host_id, "alpha")
    assert second.credential != first.credential
    assert len(bed.store.memory.hosts) == 1


async def test_an_engine_whose_host_is_in_contact_is_refused(bed: Bed) -> None:
    first = await joined(bed)
    host = bed.store.memory.hosts.get(first.host_id)
    assert host is not None
    bed.set_status(host, state=HostState.ACTIVE)
    refused = await join(bed)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "host_active")


async def test_a_session_reaches_the_dispatcher_with_its_host(bed: Bed) -> None:
    answer = await joined(bed)
    header = {"Authorization": f"Host {answer.host_id}:{answer.credential}"}
    async with serve(bed) as address:
        url = f"ws://{address}{SESSION_PATH}"
        async with connect(url, additional_headers=header, proxy=None) as session:
            await session.send(b"hello")
            assert await asyncio.wait_for(session.recv(), 10) == b"box:hello"
            await session.send("text is no frame")
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(session.recv(), 10)
    assert bed.agents.addresses == ["127.0.0.1"]
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason.startswith("box is refused: éé")


@pytest.mark.parametrize(
    "form",
    [
        "Host {id}:wrong",
        "Host {id}",
        "Host x:{credential}",
        "Bearer {bearer}",
        "Bearer {id}:{credential}",
    ],
)
async def test_a_session_with_another_credential_is_refused_before_it_opens(
    bed: Bed, form: str
) -> None:
    answer = await joined(bed)
    value = form.format(id=answer.host_id, credential=answer.credential, bearer=bed.bearer)
    async with serve(bed) as address:
        url = f"ws://{address}{SESSION_PATH}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers={"Authorization": value}, proxy=None)
    assert refused.value.response.status_code == 401


async def test_a_deleted_hosts_credential_leads_to_its_dismissal(bed: Bed) -> None:
    answer = await joined(bed)
    host = bed.store.memory.hosts.get(answer.host_id)
    assert host is not None
    bed.set_status(host, state=HostState.INACTIVE)
    await bed.delete(f"/api/v2/hosts/{answer.host_id}")
    header = {"Authorization": f"Host {answer.host_id}:{answer.credential}"}
    async with serve(bed) as address:
        url = f"ws://{address}{SESSION_PATH}"
        async with connect(url, additional_headers=header, proxy=None) as session:
            assert await asyncio.wait_for(session.recv(), 10) == b"box is dismissed"


async def test_a_hosts_credential_is_good_for_nothing_else(bed: Bed) -> None:
    answer = await joined(bed)
    for scheme in ("Bearer", "Session", "Host"):
        value = f"{scheme} {answer.host_id}:{answer.credential}"
        refused = await bed.refused("GET", "/api/hosts/", headers={"Authorization": value})
        assert refused[0] == 401


async def test_another_engine_of_the_same_id_joins_as_a_host_of_its_own(bed: Bed) -> None:
    first = await joined(bed)
    host = bed.store.memory.hosts.get(first.host_id)
    assert host is not None
    bed.set_status(host, state=HostState.ACTIVE)
    second = await joined(bed, marker="berth-join-1")
    assert second.host_id != first.host_id
    assert second.credential != first.credential
    assert len(bed.store.memory.hosts) == 2


async def test_an_engine_that_has_the_mark_is_the_same_and_refused(bed: Bed) -> None:
    first = await joined(bed)
    host = bed.store.memory.hosts.get(first.host_id)
    assert host is not None
    bed.set_status(host, state=HostState.ACTIVE)
    bed.agents.marked = {first.host_id}
    refused = await join(bed, marker="berth-join-1")
    assert refused.status_code == 409
    assert "one engine has one agent" in refused.json()["errors"][0]["message"]


async def test_clones_that_join_at_once_do_not_share_a_host(bed: Bed) -> None:
    answers = await asyncio.gather(join(bed), join(bed))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["errors"][0]["code"] == "host_not_heard", "the agent tries again"


async def test_hosts_are_asked_for_a_mark_all_at_once(bed: Bed) -> None:
    for number in range(3):
        await joined(bed, marker=f"berth-join-{number}")
        for host in bed.store.memory.hosts.values():
            bed.set_status(host, state=HostState.ACTIVE)
    bed.agents.meeting = asyncio.Barrier(3)
    async with asyncio.timeout(5.0):
        await joined(bed, marker="berth-join-3")
    assert len(bed.store.memory.hosts) == 4
