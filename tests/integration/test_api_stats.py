"""What containers and hosts use, over HTTP."""

import msgspec
import pytest

from berth.dispatcher.observer import Observer
from berth.domain.ids import ContainerId
from berth.domain.streams import FollowStats, Piece
from berth.domain.usage import HostUsage, Usage
from berth.protocol.streams import UsageReport
from integration.api_bed import Bed
from integration.served import serve
from integration.streaming import open_events
from integration.test_api_containers import ID, run_slot

CONTAINER = f"/api/v2/containers/{ID}/stats"


def usage_at(at: float) -> Usage:
    """Measure something."""
    return Usage(at=at, cpu_percent=12.345, memory_bytes=2048, sent_bytes_s=1.25)


async def test_the_last_hour_is_told_with_the_newest_measurement(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    fresh_bed.add_container(host, ID)
    observer = Observer(fresh_bed.store, clock=fresh_bed.clock)
    for number in range(4):
        measured = usage_at(1_700_000_010.0 + 10 * number)
        observer.record_usage(
            host, UsageReport(host=measured, containers={ContainerId(ID): measured})
        )
    stats = (await fresh_bed.get(CONTAINER))["stats"]
    assert stats["latest"] == {
        "time": "2023-11-14T22:14:00.000000Z", "cpu_percent": 12.35, "memory_bytes": 2048,
        "memory_limit_bytes": 0, "received_bytes_s": 0.0, "sent_bytes_s": 1.2,
        "read_bytes_s": 0.0, "written_bytes_s": 0.0,
    }  # fmt: skip
    assert [point["time"][14:19] for point in stats["history"]] == ["13:30", "14:00"]
    assert (stats["container_id"], stats["host_id"]) == (ID, host.id)
    of_host = (await fresh_bed.get("/api/v2/hosts/h1/stats"))["stats"]
    assert (of_host["history"], of_host["container_id"]) == (stats["history"], "")


async def test_what_is_gone_is_forgotten(bed: Bed) -> None:
    host = await bed.add_host("h1")
    observer = Observer(bed.store, clock=bed.clock)
    gone = {ContainerId("f" * 64): usage_at(1.0)}
    observer.record_usage(host, UsageReport(host=usage_at(1.0), containers=gone))
    kept: HostUsage = bed.store.memory.observed.usage[host.id]
    assert kept.containers == {}


async def test_nothing_measured_yet_is_no_failure(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    stats = (await bed.get(CONTAINER))["stats"]
    assert (stats["latest"], stats["history"]) == (None, [])


async def test_measurements_are_followed(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    for key in (ID, host.id):
        bed.agents.say(key, Piece("usage", msgspec.json.encode(usage_at(1.0))), None)
    paths = (f"{CONTAINER}?follow&interval=5", "/api/v2/hosts/h1/stats?follow")
    async with serve(bed) as address:
        for path in paths:
            async with open_events(address, path, bearer=bed.bearer) as events:
                assert (await events.next())[1]["memory_bytes"] == 2048
    assert bed.agents.opened == [FollowStats(ContainerId(ID), 5.0), FollowStats(None, 2.0)]


@pytest.mark.parametrize("query", ["interval=0", "interval=61", "interval=x", "follow=maybe"])
async def test_a_bad_question_is_refused(bed: Bed, query: str) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    assert (await bed.refused("GET", f"{CONTAINER}?{query}"))[0] == 400


async def test_who_is_not_there_has_no_stats(bed: Bed) -> None:
    assert (await bed.refused("GET", CONTAINER))[0] == 404
    assert (await bed.refused("GET", "/api/v2/hosts/h9/stats"))[0] == 404
    bed.add_container(await bed.add_host("h1"), ID)
    bed.store.memory.observed.hosts.clear()
    assert (await bed.refused("GET", f"{CONTAINER}?follow"))[0] == 409


async def test_the_use_of_all_comes_in_one_answer(each_bed: Bed) -> None:
    observer = Observer(each_bed.store, clock=each_bed.clock)
    for name, container in (("h1", ID), ("h2", "b" * 64)):
        host = await each_bed.add_host(name)
        each_bed.add_container(host, container)
        measured = usage_at(1_700_000_010.0)
        observer.record_usage(
            host, UsageReport(host=measured, containers={ContainerId(container): measured})
        )
    every = await each_bed.get("/api/v2/usage")
    row = dict(zip(every["columns"], every["containers"][0], strict=True))
    assert (row["id"], row["cpu_percent"], row["memory_bytes"]) == (ID, 12.35, 2048)
    assert (len(every["hosts"]), len(every["containers"])) == (2, 2)
    some = await each_bed.get("/api/v2/usage?of=containers&host=h2")
    assert [each[0] for each in some["containers"]] == ["b" * 64]
    assert some["hosts"] == []
    assert (await each_bed.get("/api/v2/usage?pool=production"))["hosts"] == []


async def test_the_use_of_a_deployment_is_that_of_its_containers(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await run_slot(bed, host)
    bed.add_container(host, "b" * 64)
    measured = usage_at(1_700_000_010.0)
    Observer(bed.store, clock=bed.clock).record_usage(
        host,
        UsageReport(
            host=measured,
            containers={ContainerId(ID): measured, ContainerId("b" * 64): measured},
        ),
    )
    some = await bed.get("/api/v2/usage?deployment=myapp")
    assert ([each[0] for each in some["containers"]], some["hosts"]) == ([ID], [])
    assert await bed.refused("GET", "/api/v2/usage?of=pools") == (400, "invalid_query", "of")
