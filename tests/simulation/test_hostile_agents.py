"""A joined host whose agent sends what no agent sends: what it gets, and what others notice."""

import logging
import math
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.control.containers import find_container
from berth.dispatcher.conditions.violations import CUT_OFF_S, DROPPED_AT_MOST, FORGOTTEN_S
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, HostMetrics, InventoryItem, PortBinding
from berth.domain.states import Attempt, Severity
from berth.domain.usage import Usage
from berth.protocol.messages import (
    MAX_ITEMS,
    Accepted,
    AssignmentSet,
    Heartbeat,
    HeartbeatAnswer,
    Inventory,
    Message,
    Report,
    Resync,
)
from berth.protocol.rules import MAX_LISTED_BYTES
from berth.protocol.streams import UsageReport
from simulation.manager_side import AgentEnd, ManagerSide, a_full_report, a_hello, a_report

ALIVE = Heartbeat(metrics=HostMetrics())
NONSENSE = b"\xc1 nonsense"
STATUS = "host_misbehaves"


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


def a_container(number: int, **members: object) -> InventoryItem:
    values = {"id": f"{number:064x}", "name": f"n{number}", "image": "i", "state": "running"}
    return InventoryItem(EngineContainer(**(values | members)))  # type: ignore[arg-type]


async def send(agent: AgentEnd, *said: Message | bytes) -> None:
    """Send frames, and wait until they were taken."""
    for each in said:
        agent.send(each) if isinstance(each, bytes) else agent.say(each)
    agent.say(ALIVE)
    await agent.hear(HeartbeatAnswer)


async def summary(side: ManagerSide) -> str:
    """Return what the status of the host says."""
    (status,) = await side.statuses(STATUS)
    return status.event.summary


async def test_a_frame_that_no_agent_sends_is_dropped_and_raises_one_status(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await send(agent, NONSENSE, NONSENSE)
    (status,) = await side.statuses(STATUS)
    assert (status.event.severity, status.count) == (Severity.WARNING, 1)
    assert "host h1 sends what no agent sends: a frame from the agent cannot be read" in (
        status.event.summary
    )


async def test_a_host_that_goes_on_is_cut_off_and_waits_longer_each_time(side: ManagerSide) -> None:
    host = await side.add_host()
    for wait_s in (CUT_OFF_S[0], 2 * CUT_OFF_S[0]):
        agent = side.connect(host)
        for _ in range(DROPPED_AT_MOST + 1):
            agent.send(NONSENSE)
        assert await side.end_of(agent) == ""
        assert f"it gets no session for {wait_s:.0f} s" in await summary(side)
        assert "no session for" in await side.end_of(side.connect(host))
        await side.clock.advance(wait_s + 1)
    await send(side.connect(host))


async def test_the_status_goes_when_the_host_sends_only_what_agents_send(side: ManagerSide) -> None:
    host = await side.add_host()
    await send(side.connect(host), NONSENSE)
    await side.clock.advance(FORGOTTEN_S + 1)
    side.dispatcher.violations.clear_old([host])
    (status,) = await side.statuses(STATUS)
    assert status.clear_event_id


@pytest.mark.parametrize(
    "address",
    ["203.0.113.9:80 check\n server pwn ", "fe80::1%eth0", ":::", "1.2.3", "a b", "[::1]"],
)
async def test_a_host_is_reached_at_addresses_alone(side: ManagerSide, address: str) -> None:
    host = await side.add_host()
    hello = a_hello(host)
    facts = msgspec.structs.replace(hello.facts, address=address)
    agent = side.connect(host, msgspec.structs.replace(hello, facts=facts))
    why = await side.end_of(agent)
    assert "cannot be read" in why or "is no address" in why
    assert side.store.fleet.status_of(host.id).facts is None


def a_usage(**members: float) -> Usage:
    return Usage(at=1.0, **members)


@pytest.mark.parametrize(
    "frame",
    [
        UsageReport(host=a_usage(cpu_percent=math.nan), containers={}),
        UsageReport(host=a_usage(), containers={ContainerId("x" * 64): a_usage()}),
        Inventory(full=True, items=(a_container(1, name="a\nb"),)),
        Inventory(full=True, items=(a_container(1, id="a\0" * 32),)),
        Inventory(full=True, items=(a_container(1, created_at=math.inf),)),
        Inventory(full=True, items=(a_container(1, ports=(PortBinding(80, "tcp", 80, "e%1"),)),)),
        Inventory(full=True, items=(a_container(1, labels={"a": "x" * 5000}),)),
        a_report("a1", Attempt.RUNNING, ports=(PortBinding(80, "tcp", 80, "fe80::1%x"),)),
        a_report("a1", Attempt.RUNNING, message="x" * 5000),
        a_report("a1", Attempt.RUNNING, ports=(PortBinding(80, "tcp", 80_000),)),
        Resync(reason="x" * 7_000_000),
    ],
    ids=lambda frame: type(frame).__name__,
)
async def test_what_is_out_of_bounds_is_not_kept(side: ManagerSide, frame: Message) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    await send(side.connect(host), frame)
    observed = side.store.memory.observed
    assert not observed.reports
    assert not any(observed.inventory.values())
    assert not observed.usage
    assert await summary(side)


async def test_a_report_with_a_nul_in_it_stops_nobody(side: ManagerSide) -> None:
    host = await side.add_host()
    for name in ("a1", "a2"):
        await side.assign(name, host)
    bad, good = a_report("a1", Attempt.RUNNING), a_report("a2", Attempt.RUNNING, sequence=2)
    spoilt = msgspec.structs.replace(bad.containers[0], container_id="ab\0" + "c" * 61)
    agent = side.connect(host)
    agent.say(Report(full=False, sequence=1, containers=(spoilt,)))
    agent.say(good)
    assert (await agent.hear(Accepted)).sequence == 2
    assert set(side.store.memory.observed.reports) == {"a2"}


async def test_a_host_lists_no_more_than_a_host_may(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await send(agent, Inventory(full=True, items=tuple(map(a_container, range(MAX_ITEMS)))))
    more = tuple(map(a_container, range(MAX_ITEMS, MAX_ITEMS + 100)))
    await send(agent, Inventory(full=False, items=more))
    assert len(side.store.memory.observed.inventory[host.id]) == MAX_ITEMS
    assert f"a host lists {MAX_ITEMS} at most" in await summary(side)


async def test_what_a_host_lists_is_of_bounded_size(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    document = b"x" * 7_000_000
    for number in range(12):
        item = msgspec.structs.replace(a_container(number), inspect=document)
        await send(agent, Inventory(full=False, items=(item,)))
    kept = side.store.memory.observed.inventory[host.id]
    assert len(kept) * len(document) <= MAX_LISTED_BYTES
    assert f"a host lists {MAX_LISTED_BYTES} at most" in await summary(side)


async def test_requests_for_everything_are_answered_once_a_second(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    await send(agent, *[Resync(reason="again") for _ in range(500)])
    assert agent._to_agent.qsize() <= 4


async def test_what_an_agent_says_forges_no_line_of_the_log(
    side: ManagerSide, caplog: pytest.LogCaptureFixture
) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    forged = "2026-01-01 WARNING host h9 was removed"
    with caplog.at_level(logging.INFO):
        agent.say(Resync(reason=f"x\n{forged}" + "y" * 4000))
        await agent.hear(AssignmentSet)
        await side.until(lambda: "asks for everything" in caplog.text)
    (line,) = [line for line in caplog.text.splitlines() if forged in line]
    assert "asks for everything: 'x " in line
    assert len(line) < 500


async def test_a_host_that_misbehaves_costs_others_nothing(side: ManagerSide) -> None:
    honest, hostile = await side.add_host("h2"), await side.add_host("h1")
    agent = side.connect(honest)
    await send(agent, a_full_report())
    bad = side.connect(hostile)
    for _ in range(DROPPED_AT_MOST + 1):
        bad.send(NONSENSE)
    await side.end_of(bad)
    await send(agent)
    assert not side.dispatcher.violations.find_wait(honest.id)


async def test_a_host_that_lists_another_hosts_container_has_a_status_and_gets_no_calls(
    side: ManagerSide,
) -> None:
    honest, thief = await side.add_host("h2"), await side.add_host("h1")
    await side.assign("a1", honest)
    await send(side.connect(honest), a_full_report(), a_report("a1", Attempt.RUNNING))
    stolen = a_container(1, id="c" * 64)
    agent = side.connect(thief)
    await send(agent, a_full_report(), Inventory(full=True, items=(stolen,)))
    assert find_container(side.store.fleet, "c" * 64) == (honest.id, "c" * 64)
    await side.liveness.expire_silent()
    (status,) = await side.statuses("container_claimed")
    assert "host h1 claims a container of host h2, for example cccccccccccc" in status.event.summary
    await send(agent, Inventory(full=True))
    await side.clock.advance(5)
    await side.liveness.expire_silent()
    (status,) = await side.statuses("container_claimed")
    assert status.clear_event_id
