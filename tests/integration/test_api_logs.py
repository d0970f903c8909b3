"""Output over HTTP: read in ranges, followed, and merged over a deployment."""

import asyncio

import pytest

from berth.api.streams.log_lines import (
    LONGEST_LINE,
    LineAssembler,
    LogLine,
    LogRange,
    LogSource,
    render_line_message,
)
from berth.domain.calls import Logs
from berth.domain.streams import FollowLogs, Piece
from berth.testing.clock import settle
from integration.api_bed import Bed
from integration.served import serve
from integration.streaming import open_events
from integration.test_api_containers import ID, run_slot

PATH = f"/api/v2/containers/{ID}/logs"
MERGED = "/api/v2/deployments/myapp/logs"


def line(second: int, text: str, *, nanos: int = 0) -> bytes:
    """Write a line as engines do."""
    return f"2023-11-14T22:13:{second:02}.{nanos:09}Z {text}\n".encode()


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ("since=10m", 1_699_999_400.0, None),
        ("since=1d2h3m4s&until=5s", 1_699_906_216.0, 1_699_999_995.0),
        ("since=90", 90.0, None),
        ("until=2023-11-14T22:13:20Z", None, 1_700_000_000.0),
        ("since=999999d", 0.0, None),
    ],
)
async def test_a_range_is_read_in_three_forms(
    bed: Bed, query: str, since: float | None, until: float | None
) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    await bed.get(f"{PATH}?{query}")
    assert (bed.agents.queries[0].since, bed.agents.queries[0].until) == (since, until)


@pytest.mark.parametrize("query", ["since=10x", "until=m", "tail=-1", "since=1h 3m", "follow=x"])
async def test_a_bad_range_is_refused(bed: Bed, query: str) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    for path in (PATH, MERGED):
        await bed.store.run(lambda draft: None)
        assert (await bed.refused("GET", f"{path}?{query}"))[0] == 400


async def test_times_are_left_out_on_request(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.agents.logs = Logs(line(1, "a") + line(2, ""), line(3, "b c"))
    logs = (await bed.get(f"{PATH}?timestamps=false"))["container"]
    assert (logs["stdout"], logs["stderr"]) == ("a\n\n", "b c\n")


async def test_only_a_line_feed_ends_a_line(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    text = "10 %\r20 % done\fx y\u2028x y\x85x y"
    bed.agents.logs = Logs(line(1, text) + line(2, "next"), b"")
    logs = (await bed.get(f"{PATH}?timestamps=false"))["container"]
    assert logs["stdout"] == f"{text}\nnext\n"


async def test_times_are_left_out_of_the_lines_of_a_deployment(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"))
    bed.agents.logs = Logs(line(2, "b") + line(3, "c"), line(1, "a"))
    lines = (await bed.get(f"{MERGED}?timestamps=false"))["logs"]["lines"]
    assert [each["text"] for each in lines] == ["a", "b", "c"]
    assert all("time" not in each for each in lines)


def test_a_message_without_a_time_still_has_its_id() -> None:
    told = LogLine(time="2026-01-01T00:00:01Z", stream="stdout", text="a")
    message = render_line_message(told, LogRange(timed=False))
    assert message == b'id: 2026-01-01T00:00:01Z\ndata: {"stream":"stdout","text":"a"}\n\n'


async def test_output_is_followed_until_the_container_ends(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    fresh_bed.add_container(await fresh_bed.add_host("h1"), ID)
    fresh_bed.agents.say(ID, Piece("stdout", line(1, "a") + line(2, "b")))
    async with (
        serve(fresh_bed) as address,
        open_events(address, f"{PATH}?follow=true&tail=5", bearer=fresh_bed.bearer) as events,
    ):
        told = [(await events.next())[1] for _ in range(2)]
        assert [each["text"] for each in told] == ["a", "b"]
        fresh_bed.agents.say(ID, Piece("stderr", line(3, "c")), None)
        assert (await events.next())[1]["stream"] == "stderr"
        assert events.last_id == "2023-11-14T22:13:03.000000000Z"
        assert await events.next() == ("end", {})
    request = fresh_bed.agents.opened[0]
    assert isinstance(request, FollowLogs)
    assert (request.container_id, request.query.tail) == (ID, 5)


@pytest.mark.parametrize("size", [7, 32_768])
async def test_a_line_in_many_pieces_is_followed_whole(bed: Bed, size: int) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    texts = ["ä" * 40_000, "short", "x" * 100_000, "last"]
    sent = b"".join(line(second, text) for second, text in enumerate(texts, 1))
    pieces = [Piece("stdout", sent[i : i + size]) for i in range(0, len(sent), size)]
    bed.agents.say(ID, *pieces, None)
    async with (
        serve(bed) as address,
        open_events(address, f"{PATH}?follow=true", bearer=bed.bearer) as events,
    ):
        for second, text in enumerate(texts, 1):
            assert (await events.next())[1]["text"] == text
            assert events.last_id == f"2023-11-14T22:13:{second:02}.000000000Z"


def test_a_line_without_a_time_has_that_of_the_one_before() -> None:
    lines = [*LogSource(container_id=ID, host_id="h").lines("stdout", line(1, "a") + b"odd one\n")]
    assert [(each.time, each.text) for each in lines] == [
        ("2023-11-14T22:13:01.000000000Z", "a"),
        ("2023-11-14T22:13:01.000000000Z", "odd one"),
    ]


def test_output_that_never_ends_its_line_is_cut_and_not_kept() -> None:
    assembler = LineAssembler(LogSource(container_id=ID, host_id="h"))
    assert [*assembler.feed("nonsense", b"x\n")] == []
    pieces = [b"y" * (LONGEST_LINE // 4)] * 10
    lines = [each for piece in pieces for each in assembler.feed("stdout", piece)]
    assert [len(each.text) for each in lines] == [LONGEST_LINE // 4 * 5] * 2


async def test_a_lost_follower_goes_on_after_the_last_line(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    seen = "2023-11-14T22:13:02.000000005Z"
    lines = line(2, "a", nanos=4) + line(2, "b", nanos=5) + line(2, "c", nanos=6)
    bed.agents.say(ID, Piece("stdout", lines), None)
    async with (
        serve(bed) as address,
        open_events(
            address, f"{PATH}?follow&tail=1", bearer=bed.bearer, headers={"Last-Event-ID": seen}
        ) as events,
    ):
        assert (await events.next())[1]["text"] == "c"
    request = bed.agents.opened[0]
    assert isinstance(request, FollowLogs)
    assert request.query.tail is None
    assert request.query.since == pytest.approx(1_699_999_982.0, abs=0.01)


async def test_a_follower_that_hangs_up_ends_its_stream(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.agents.say(ID, Piece("stdout", line(1, "a")))
    async with serve(bed) as address:
        async with open_events(address, f"{PATH}?follow", bearer=bed.bearer) as events:
            await events.next()
            assert bed.agents.open == 1
        async with asyncio.timeout(10):
            while bed.agents.open:
                await settle()


async def test_a_host_that_is_away_cannot_be_followed(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.store.memory.observed.hosts.clear()
    assert (await bed.refused("GET", f"{PATH}?follow"))[:2] == (409, "host_inactive")


async def test_output_of_a_deployment_is_merged_by_time(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"))
    bed.agents.logs = Logs(line(1, "a") + line(3, "c"), line(2, "b"))
    logs = (await bed.get(MERGED))["logs"]
    assert [(each["stream"], each["text"]) for each in logs["lines"]] == [
        ("stdout", "a"), ("stderr", "b"), ("stdout", "c"),
    ]  # fmt: skip
    assert logs["lines"][0] | {"time": ""} == {
        "time": "", "stream": "stdout", "text": "a", "container_id": ID,
        "container_name": "0.web.myapp", "service_id": "web", "service_slot": 0, "hostname": "h1",
    }  # fmt: skip
    assert (logs["deployment_id"], logs["unavailable"]) == ("myapp", [])
    newest = (await bed.get(f"{MERGED}?tail=2"))["logs"]["lines"]
    assert [each["text"] for each in newest] == ["b", "c"]
    assert (await bed.get(f"{MERGED}?tail=0"))["logs"]["lines"] == []


async def test_a_container_that_cannot_be_asked_is_named(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"))
    bed.agents.away = True
    logs = (await bed.get(MERGED))["logs"]
    assert logs["lines"] == []
    assert logs["unavailable"][0].startswith("0.web.myapp: ")


async def test_output_of_an_unknown_deployment_is_not_found(bed: Bed) -> None:
    assert (await bed.refused("GET", MERGED))[0] == 404
    assert (await bed.refused("GET", f"{MERGED}?follow"))[0] == 404


async def test_a_deployment_is_followed_over_its_containers(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"))
    bed.agents.logs = Logs(line(1, "old"), b"")
    bed.agents.say(ID, Piece("stdout", line(1, "old") + line(2, "new")))
    async with (
        serve(bed) as address,
        open_events(address, f"{MERGED}?follow", bearer=bed.bearer) as events,
    ):
        assert [(await events.next())[1]["text"] for _ in range(2)] == ["old", "new"]
        report = bed.store.memory.observed.reports["a1"]  # type: ignore[index]
        later = type(report)(
            assignment_id=report.assignment_id, attempt=2, state=report.state, agent_epoch=1,
            sequence=2, container_id="e" * 64, name=report.name,
        )  # fmt: skip
        bed.agents.say("e" * 64, Piece("stdout", line(4, "next")))
        bed.store.memory.observed.reports[report.assignment_id] = later
        bed.store.observe([("reports", report.assignment_id, report, later)])
        told = (await events.next())[1]
        assert (told["text"], told["container_id"]) == ("next", "e" * 64)
        await bed.store.run(lambda draft: draft.deployments.drop("myapp"))
        assert await events.next() == ("end", {})
