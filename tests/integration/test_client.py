"""The client at a real API: both kinds do the same."""

import asyncio
import dataclasses
import time
from pathlib import Path
from typing import Any

import pytest

from berth.client import (
    AsyncClient,
    Client,
    Draft,
    NotLoggedInError,
    RefusedError,
    UntrustedError,
)
from berth.domain.calls import Logs
from berth.domain.errors import CallFailed
from berth.domain.streams import Piece
from berth.runtime.tls import read_or_make
from integration.api_bed import ONE, PASSWORD, TWO, USER, Bed
from integration.clients import KINDS, Either, open_client
from integration.served import serve
from integration.test_api_containers import ID

each_kind = pytest.mark.parametrize("kind", KINDS, ids=["waiting", "awaited"])


@each_kind
async def test_a_client_logs_in_and_has_the_token_of_the_user(bed: Bed, kind: Any) -> None:
    async with open_client(bed, kind) as either:
        token = await either.ask(lambda berth: berth.access.log_in(USER, PASSWORD))
        assert token == bed.bearer
        with pytest.raises(NotLoggedInError, match="password"):
            await either.ask(lambda berth: berth.access.log_in(USER, "wrong horse"))


@each_kind
async def test_pools_are_created_listed_changed_and_deleted(bed: Bed, kind: Any) -> None:
    async with open_client(bed, kind) as either:
        await either.ask(lambda berth: berth.pools.create("blue", tags=["fast"]))
        changed = await either.ask(lambda berth: berth.pools.change("blue", name="Blue"))
        assert (changed.name, changed.tags) == ("Blue", ["fast"])
        ids = [pool.id for pool in await either.collect(lambda berth: berth.pools.list())]
        assert ids == ["blue", "default", "development", "production"]
        assert (await either.ask(lambda berth: berth.pools.delete("blue"))).deleted == "blue"


@each_kind
async def test_a_long_list_comes_whole(
    bed: Bed, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("berth.client.requests.pages.PAGE", 2)
    async with open_client(bed, kind) as either:
        pools = await either.collect(lambda berth: berth.pools.list())
    assert [pool.id for pool in pools] == ["default", "development", "production"]


@each_kind
async def test_a_deployment_is_planned_created_changed_and_deleted(bed: Bed, kind: Any) -> None:
    await bed.add_host("h1")
    async with open_client(bed, kind) as either:
        draft = Draft(deployment_id="shop", content=TWO, quantities={"web": 2})
        plan = await either.ask(lambda berth: berth.deployments.plan(draft))
        assert len(plan.placements) == 3
        made = await either.ask(lambda berth: berth.deployments.create(draft))
        assert (made.deployment_id, made.quantities) == ("shop", {"web": 2, "db": 1})
        less = Draft(quantities={"web": 0})
        changed = await either.ask(lambda berth: berth.deployments.change("shop", less))
        assert (changed.generation, changed.quantities["web"]) == (2, 0)
        with pytest.raises(RefusedError) as caught:
            await either.ask(lambda berth: berth.deployments.delete("shop"))
        assert caught.value.fix.startswith("Stop the deployment")


@each_kind
async def test_what_is_wrong_in_a_text_is_told_with_its_place(bed: Bed, kind: Any) -> None:
    text = ONE.replace("image", "imge")
    async with open_client(bed, kind) as either:
        with pytest.raises(RefusedError) as caught:
            await either.ask(lambda berth: berth.deployments.create(Draft(content=text)))
        checked = await either.ask(lambda berth: berth.definitions.validate(text))
    assert caught.value.place.startswith("3:")
    assert (checked.valid, checked.errors[0].line) == (False, 3)


@each_kind
async def test_keys_are_written_under_a_condition_and_read_as_they_are(bed: Bed, kind: Any) -> None:
    async with open_client(bed, kind) as either:
        assert await either.ask(lambda berth: berth.keys.write("a/b", b"\xff\0", cas=0))
        assert not await either.ask(lambda berth: berth.keys.write("a/b", b"2", cas=0))
        assert await either.ask(lambda berth: berth.keys.value("a/b")) == b"\xff\0"
        assert [pair.value for pair in await either.ask(lambda b: b.keys.below("a"))] == [b"\xff\0"]
        assert await either.ask(lambda berth: berth.keys.names("a")) == ["a/b"]


@each_kind
async def test_the_watch_tells_what_changed_since(bed: Bed, kind: Any) -> None:
    since = bed.store.memory.revision
    await bed.post("/api/tags/fast")
    async with open_client(bed, kind) as either:
        watch = either.collect(lambda b: b.watch(kinds=["tag"], since=since), count=1)
        change = (await asyncio.wait_for(watch, 10))[0]
    assert (change.type, change.kind, change.id) == ("put", "tag", "fast")


@each_kind
async def test_output_is_read_and_followed(bed: Bed, kind: Any) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    written = b"2026-01-01T00:00:00.000000001Z hello\n"
    bed.agents.logs = Logs(written, b"")
    bed.agents.say(ID, Piece("stdout", written), None)
    async with open_client(bed, kind) as either:
        output = await either.ask(lambda b: b.containers.logs(ID, timestamps=False))
        lines = await either.collect(lambda b: b.containers.follow_logs(ID), count=1)
    assert (output.stdout, lines[0].text) == ("hello\n", "hello")


def run_blocking(client: Client) -> Any:
    with client.containers.run(ID, ["cat"], env={"A": "b"}) as program:
        program.send(b"in")
        program.resize(24, 80)
        return program.finish()


async def run_awaited(client: AsyncClient) -> Any:
    async with client.containers.run(ID, ["cat"], env={"A": "b"}) as program:
        await program.send(b"in")
        await program.resize(24, 80)
        return await program.finish()


async def run(either: Either) -> Any:
    blocking = isinstance(either.client, Client)
    return await either.ask(run_blocking if blocking else run_awaited)


@each_kind
async def test_a_program_gets_input_and_tells_output_and_exit_code(bed: Bed, kind: Any) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.agents.say(ID, Piece("stdout", b"out"), Piece("stderr", b"err"), Piece("exit", b"3"), None)
    async with open_client(bed, kind) as either:
        finished = await run(either)
    assert (finished.exit_code, finished.stdout, finished.stderr) == (3, b"out", b"err")
    assert bed.agents.opened[0].env == ("A=b",)
    assert bed.agents.sent.get_nowait() == Piece("stdin", b"in")


@each_kind
async def test_a_program_that_cannot_start_says_why(bed: Bed, kind: Any) -> None:
    async with open_client(bed, kind) as either:
        with pytest.raises(RefusedError) as unknown:
            await run(either)
        bed.add_container(await bed.add_host("h1"), ID)
        bed.agents.failure = CallFailed("no such program: cat", code="failed")
        with pytest.raises(RefusedError) as failed:
            await run(either)
    assert (unknown.value.code, failed.value.message) == (
        "unknown_container",
        "no such program: cat",
    )


@each_kind
async def test_a_client_trusts_the_instance_alone(bed: Bed, kind: Any, tmp_path: Path) -> None:
    tls = read_or_make(tmp_path / "tls", names=frozenset({"elsewhere"}), now=time.time())
    other = read_or_make(tmp_path / "other", names=frozenset({"127.0.0.1"}), now=time.time())
    async with serve(bed, tls=tls) as address:
        right = Either(kind(f"https://{address}", token=bed.bearer, authority=tls.ca_pem()))
        assert (await right.ask(lambda berth: berth.instance.version())).version == "1.2.3"
        wrong = Either(kind(f"https://{address}", token=bed.bearer, authority=other.ca_pem()))
        with pytest.raises(UntrustedError):
            await wrong.ask(lambda berth: berth.instance.version())
        for either in (right, wrong):
            await either.close()


async def test_a_client_pins_the_authority_by_its_fingerprint(bed: Bed, tmp_path: Path) -> None:
    tls = read_or_make(tmp_path / "tls", names=frozenset({"localhost"}), now=time.time())
    bed.app.state.services = dataclasses.replace(bed.services, ca_pem=tls.ca_pem())
    async with serve(bed, tls=tls) as address:
        fingerprint = tls.ca_fingerprint()
        url = f"https://{address}"
        async with await AsyncClient.pinned(url, fingerprint=fingerprint) as berth:
            assert (await berth.instance.version()).version == "1.2.3"
        with pytest.raises(UntrustedError, match=fingerprint):
            await asyncio.to_thread(Client.pinned, url, fingerprint="ab" * 32)
