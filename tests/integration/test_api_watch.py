"""The watch over HTTP: every change, resumable, bounded."""

import asyncio
import json
from typing import Any

import pytest

from berth.api.streams import watch_hub
from berth.domain.fleet import HostStatus
from berth.domain.observed import ContainerReport, TaskProgress
from berth.domain.records import Actor, Tag
from berth.domain.states import HostState, Severity
from berth.store.draft import Draft, NewEvent
from integration.api_bed import Bed
from integration.served import serve
from integration.streaming import open_events
from integration.test_api_containers import ID, run_slot

WATCH = "/api/v2/watch"


def put_tags(*names: str) -> Any:
    """Return a command that stores tags."""

    def command(draft: Draft) -> None:
        for name in names:
            draft.tags.put(Tag(id=name, created_at=draft.now))

    return command


def drop_tags(*names: str) -> Any:
    """Return a command that drops tags."""

    def command(draft: Draft) -> None:
        for name in names:
            draft.tags.drop(name)

    return command


async def hold_back_report(bed: Bed) -> ContainerReport:
    """Run a slot whose report has not come yet, and give that."""
    await run_slot(bed, await bed.add_host("h1"))
    reports = bed.store.memory.observed.reports
    return reports.pop(next(iter(reports)))


def tell_report(bed: Bed, report: ContainerReport) -> None:
    bed.store.memory.observed.reports[report.assignment_id] = report
    bed.store.observe([("reports", report.assignment_id, None, report)])


async def test_every_change_is_told_in_the_shape_of_the_api(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    async with (
        serve(fresh_bed) as address,
        open_events(address, WATCH, bearer=fresh_bed.bearer) as events,
    ):
        begin = fresh_bed.store.memory.revision
        assert await events.next() == ("begin", {"revision": begin})
        made = await fresh_bed.deploy()
        message = await events.until("deployment", "myapp")
        del made["stack"]["content"]
        assert message["type"] == "put"
        assert {name: message["object"][name] for name in made} == made
        assert message["revision"] > begin
        await fresh_bed.post("/api/v2/deployments/myapp/stop")
        await fresh_bed.delete("/api/v2/deployments/myapp")
        while (message := await events.until("deployment", "myapp"))["type"] == "put":
            assert message["object"]["deployment_id"] == "myapp"
        assert message["object"] is None


async def test_a_lost_stream_goes_on_where_it_ended(bed: Bed) -> None:
    async with serve(bed) as address:
        async with open_events(address, f"{WATCH}?kinds=tag", bearer=bed.bearer) as events:
            await events.next()
            await bed.store.run(put_tags("a"))
            assert (await events.next())[1]["id"] == "a"
            seen = events.last_id
        await bed.store.run(put_tags("b", "c"))
        async with open_events(
            address, f"{WATCH}?kinds=tag&since=0", bearer=bed.bearer,
            headers={"Last-Event-ID": seen},
        ) as events:  # fmt: skip
            assert await events.next() == ("begin", {"revision": int(seen)})
            found = [(await events.next())[1]["id"] for _ in range(2)]
            await bed.store.run(put_tags("d"))
            assert [*found, (await events.next())[1]["id"]] == ["b", "c", "d"]


async def test_only_the_kinds_asked_for_are_told(bed: Bed) -> None:
    async with (
        serve(bed) as address,
        open_events(address, f"{WATCH}?kinds=pool,event", bearer=bed.bearer) as events,
    ):
        await events.next()
        await bed.deploy()
        await bed.post("/api/pools/", json={"id": "blue"})
        kinds = []
        while kinds[-1:] != ["pool"]:
            kinds.append((await events.next())[1]["kind"])
        assert set(kinds) == {"event", "pool"}


async def test_a_deployment_is_told_when_its_container_runs(bed: Bed) -> None:
    report = await hold_back_report(bed)
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        tell_report(bed, report)
        row = (await events.until("container", report.assignment_id))["object"]
        assert (row["container_id"], row["state"]) == (ID, "Running")
        deployment = (await events.until("deployment", "myapp"))["object"]
        assert deployment["current_state"] == 1


async def test_a_host_that_goes_is_told_with_what_it_runs(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await run_slot(bed, host)
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        before = bed.store.memory.observed.hosts[host.id]
        after = HostStatus(host_id=host.id, state=HostState.INACTIVE)
        bed.store.memory.observed.hosts[host.id] = after
        bed.store.observe([("host_status", host.id, before, after)])
        assert (await events.until("host", host.id))["object"]["info"]["is_active"] is False
        assert (await events.until("container", "a1"))["object"]["state"] == "Unknown"


async def test_the_progress_of_a_task_is_told(bed: Bed) -> None:
    await bed.deploy()
    task = next(iter(bed.store.memory.tasks.values()))
    async with (
        serve(bed) as address,
        open_events(address, f"{WATCH}?kinds=task", bearer=bed.bearer) as events,
    ):
        await events.next()
        progress = TaskProgress(40, "4 of 10 containers are running")
        bed.store.memory.planned.progress[task.id] = progress
        bed.store.observe([("progress", task.id, None, progress)])
        told = (await events.until("task", task.id))["object"]
        assert (told["Percent"], told["Message"]) == (40, "4 of 10 containers are running")


async def test_containers_without_a_slot_are_told_too(bed: Bed) -> None:
    host = await bed.add_host("h1")
    async with (
        serve(bed) as address,
        open_events(address, f"{WATCH}?kinds=container", bearer=bed.bearer) as events,
    ):
        await events.next()
        container = bed.add_container(host, "f" * 64)
        bed.store.observe([("inventory", host.id, (), (container.id,))])
        assert (await events.next())[1]["object"]["container_id"] == container.id
        bed.store.observe([("inventory", host.id, (container.id,), ())])
        assert (await events.next())[1]["type"] == "drop"


async def test_a_stream_goes_on_from_no_id_before_all_that_follows_from_it_was_told(
    bed: Bed,
) -> None:
    report = await hold_back_report(bed)
    before = bed.store.memory.revision
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        tell_report(bed, report)
        await events.until("container", report.assignment_id)
        # Its deployment is told later: whoever comes back with this id still hears of it.
        assert int(events.last_id) == before
        await events.until("deployment", "myapp")
        await bed.store.run(put_tags("a"))
        await events.until("tag", "a")
        assert int(events.last_id) > before


async def test_keys_catalog_webhooks_generations_and_images_are_told(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await bed.deploy()
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        await bed.http.put("/api/kv/shop/id?flags=7", content=b"hidden")
        key = (await events.until("key", "shop/id"))["object"]
        assert (key["Key"], key["Flags"], "Value" in key) == ("shop/id", 7, False)
        entry = {"Service": "shop", "ID": "s1", "Address": "10.0.0.1", "Port": 80}
        await bed.put("/api/catalog/register", json=entry)
        assert (await events.until("catalog", "s1"))["object"]["Port"] == 80
        await bed.put("/api/v2/deployments/myapp/webhook/restart", json={"enabled": True})
        hook = await events.until("webhook", "myapp")
        assert hook["object"] == {"deployment_id": "myapp", "enabled": False, "deliveries": []}
        assert (await events.until("webhook", "myapp"))["object"]["enabled"]
        bed.store.observe([("images", host.id, None, None)])
        assert (await events.until("images", host.id))["object"] == {"host_id": host.id}


async def test_no_secret_is_told(bed: Bed) -> None:
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        body = {"url": "r.test", "username": "u", "password": "hush-hush"}
        await bed.post("/api/v2/registries/", json=body)
        password = {"old_password": "correct horse", "password": "another one"}
        await bed.put("/api/users/admin", json=password)
        await bed.open_session("another one")
        await bed.store.run(put_tags("last"))
        told = []
        while not told or told[-1].get("id") != "last":
            told.append((await events.next())[1])
        text = json.dumps(told)
        assert "user" in {each["kind"] for each in told}
        assert not [word for word in ("hush-hush", "argon2", "another one") if word in text]


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("since=x", (400, "invalid_query", "since")),
        ("since=-1", (400, "invalid_query", "since")),
        ("kinds=token", (400, "invalid_query", "kinds")),
        ("since=999999999999999999", (410, "resync", "")),
    ],
)
async def test_a_stream_that_cannot_begin_is_refused(
    bed: Bed, query: str, refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("GET", f"{WATCH}?{query}") == refused


async def test_what_changes_while_a_stream_opens_is_told(bed: Bed) -> None:
    watch: watch_hub.WatchHub = bed.app.state.watch
    stream = watch.follow(None, frozenset({"tag"}))
    again = watch.follow(bed.store.memory.revision, frozenset({"tag"}))
    await bed.store.run(put_tags("a"))  # before the server takes the first message
    for each in (again, stream):
        begin = await anext(each)
        told_before = b"id: %d\n" % bed.store.memory.revision in begin
        assert told_before == (each is stream)
        await bed.store.run(put_tags("b", "c"))
        told = b""
        async with asyncio.timeout(10):
            while b'"c"' not in told:
                told += await anext(each)
        assert b'"b"' in told
        assert (b'"a"' in told) == (each is again)
        await bed.store.run(drop_tags("b", "c"))
    await asyncio.gather(stream.aclose(), again.aclose())


def test_a_stream_that_was_overrun_gives_no_id_to_go_on_from() -> None:
    watcher = watch_hub.Subscriber(frozenset({"tag"}), heartbeat=lambda: b"")
    watcher.put([watch_hub.EncodedChange("tag", b"x")] * (watch_hub.MAX_WAITING + 1))
    watcher.settle(4711)
    watcher.put([watch_hub.EncodedChange("tag", b"y")])
    assert (watcher.overflown, list(watcher.waiting)) == (True, [])


async def test_a_silent_watcher_learns_how_far_the_others_are(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_hub, "HEARTBEAT_S", 0.02)
    watch: watch_hub.WatchHub = bed.app.state.watch
    stream = watch.follow(None, frozenset({"tag"}))
    await anext(stream)
    await bed.post("/api/pools/", json={"id": "blue"})
    expected = b": heartbeat\nid: %d\n\n" % bed.store.memory.revision
    async with asyncio.timeout(10):
        while (message := await anext(stream)) != expected:
            assert message.startswith(b": heartbeat\n")
    await stream.aclose()


async def test_a_watcher_that_falls_behind_is_told_to_read_afresh(bed: Bed) -> None:
    watch: watch_hub.WatchHub = bed.app.state.watch
    stream = watch.follow(None, frozenset({"tag"}))
    await anext(stream)
    await bed.store.run(put_tags(*(f"t{number}" for number in range(watch_hub.MAX_WAITING + 1))))
    for _ in range(2 * watch_hub.MAX_WAITING // watch_hub.SLICE):
        await asyncio.sleep(0)
    last = [message async for message in stream][-1]
    assert last.startswith(b"event: resync\n")


async def test_streams_end_with_the_manager(bed: Bed) -> None:
    async with (
        serve(bed) as address,
        open_events(address, WATCH, bearer=bed.bearer) as events,
    ):
        await events.next()
        bed.services.stopping.set()
        with pytest.raises(EOFError):
            await events.next()


async def test_a_change_is_encoded_once_for_all(bed: Bed) -> None:
    watch: watch_hub.WatchHub = bed.app.state.watch
    streams = [watch.follow(None, frozenset({"tag"})) for _ in range(2)]
    for stream in streams:
        await anext(stream)
    await bed.store.run(put_tags("a"))
    told = [await anext(stream) for stream in streams]
    assert told[0] == told[1]
    for stream in streams:
        await stream.aclose()


async def test_a_container_is_told_again_when_its_engine_lists_it(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await run_slot(bed, host, listed=False)
    async with serve(bed) as address, open_events(address, WATCH, bearer=bed.bearer) as events:
        await events.next()
        bed.add_container(host, ID, image_id="sha256:1")
        bed.store.observe([("inventory", host.id, (), (ID,))])
        told = await events.until("container", "a1")
        assert told["object"]["image_id"] == "sha256:1"


async def test_a_deployment_is_told_in_numbers_and_without_its_text(bed: Bed) -> None:
    async with serve(bed) as address, open_events(address, WATCH, bearer=bed.bearer) as events:
        await events.next()
        await bed.deploy(quantities={"web": 2})
        told = (await events.until("deployment", "myapp"))["object"]
        assert list(told["stack"]) == ["service_id", "service_name", "subtype"]
        assert (told["health"], told["containers_total"], told["services_healthy"]) == (
            "Pending", 2, 0
        )  # fmt: skip
        task_id = told["task_id"]
        await bed.post(f"/api/v2/tasks/{task_id}/cancel")
        assert (await events.until("deployment", "myapp"))["object"]["task_id"] in ("", task_id)


async def test_a_deployment_is_told_when_an_error_makes_it_unhealthy(bed: Bed) -> None:
    await bed.deploy()
    error = NewEvent(
        key="slot_unfilled",
        severity=Severity.ERROR,
        summary="web waits",
        actor=Actor("deployment", "myapp", "myapp"),
        makes_status=True,
    )
    async with serve(bed) as address, open_events(address, WATCH, bearer=bed.bearer) as events:
        await events.next()
        await bed.store.run(lambda draft: draft.record_event(error))
        assert (await events.until("deployment", "myapp"))["object"]["health"] == "Unhealthy"
