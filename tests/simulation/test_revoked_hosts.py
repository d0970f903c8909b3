"""Hosts whose access is revoked, and sessions that come from elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.control.hosts.membership import JoiningHost, get_host, join_host, revoke_host
from berth.dispatcher.conditions.session_addresses import (
    FORGOTTEN_S,
    MOVE_PAUSE_S,
    RETURN_S,
)
from berth.domain.ids import HostId, TaskId
from berth.domain.observed import HostFacts
from berth.domain.origin import Origin
from berth.domain.records import Host
from berth.domain.slots import is_lost
from berth.domain.states import HostState, Severity
from berth.protocol.messages import Accepted, Welcome
from berth.testing.clock import settle
from simulation.manager_side import AgentEnd, ManagerSide, a_full_report

ORIGIN = Origin(user="admin", task_id=TaskId("t"))


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


async def join(side: ManagerSide, credential_hash: str) -> Host:
    joining = JoiningHost(facts=HostFacts(hostname="h1", engine_id="engine-h1"))
    return await side.store.run(
        lambda draft: join_host(
            draft, joining, new_id=HostId("h1"), credential_hash=credential_hash
        )
    )


async def revoke(side: ManagerSide, host: Host) -> None:
    await side.store.run(lambda draft: revoke_host(draft, host.id, origin=ORIGIN))


async def in_contact(side: ManagerSide, host: Host) -> AgentEnd:
    agent = side.connect(host)
    agent.say(a_full_report())
    await agent.hear(Accepted)
    return agent


def state_of(side: ManagerSide, host: Host) -> HostState:
    return side.dispatcher.observer.status_of(host.id).state


async def test_a_revoked_host_is_lost_at_once_and_its_session_ends(side: ManagerSide) -> None:
    host = await join(side, "first")
    assignment = await side.assign("a1", host)
    agent = await in_contact(side, host)
    await revoke(side, host)
    await side.until(lambda: not side.is_served(agent))
    assert state_of(side, host) is HostState.INACTIVE
    assert is_lost(side.store.memory.fleet, assignment)
    (status,) = await side.statuses("host_inactive")
    assert "its access was revoked" in status.event.summary


async def test_a_session_that_began_before_the_revocation_is_refused(side: ManagerSide) -> None:
    host = await join(side, "first")
    await revoke(side, host)
    late = side.connect(host)
    await side.until(lambda: not side.is_served(late))
    assert state_of(side, host) is HostState.INACTIVE
    assert await side.statuses("session_refused") == []


async def test_a_revoked_host_comes_back_by_joining_again(side: ManagerSide) -> None:
    await revoke(side, await join(side, "first"))
    again = await join(side, "second")
    assert again.revoked_at == 0
    await side.connect(again).hear(Welcome)
    await in_contact(side, again)
    assert state_of(side, again) is HostState.ACTIVE


async def come(side: ManagerSide, host: Host, *addresses: str) -> None:
    """Let sessions come one after another from these addresses."""
    for address in addresses:
        await side.connect(host, address=address).hear(Welcome)
        await settle()


async def test_a_session_from_another_address_is_told_also_after_a_new_start(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    await come(side, host, "10.0.0.1", "10.0.0.1")
    side.restart()
    kept = get_host(side.store.memory.hosts, "h1")
    await come(side, kept, "10.0.0.1", "10.0.0.2")
    assert await side.statuses("host_two_sessions") == []
    told = [e.summary for e in side.store.memory.events.values() if e.key == "host_session_moved"]
    assert told == ["a session of host h1 comes from 10.0.0.2; the one before came from 10.0.0.1"]


@pytest.mark.parametrize("network", ["10.0.0.", "2001:db8::"])
async def test_two_agents_that_take_turns_raise_one_status_until_one_is_left(
    side: ManagerSide, network: str
) -> None:
    host = await side.add_host()
    await come(side, host, *[f"{network}1", f"{network}2"] * 5)
    (status,) = await side.statuses("host_two_sessions")
    assert (status.count, status.event.severity) == (1, Severity.CRITICAL)
    assert f"from {network}2 and from {network}1" in status.event.summary
    await side.clock.advance(FORGOTTEN_S + 1)
    await side.liveness.expire_silent()
    (status,) = await side.statuses("host_two_sessions")
    assert status.clear_event_id


async def test_a_host_that_moves_there_and_back_is_one(side: ManagerSide) -> None:
    host = await side.add_host()
    await come(side, host, "10.0.0.1", "10.0.0.2")
    await side.clock.advance(RETURN_S + 1)
    await come(side, host, "10.0.0.1")
    assert await side.statuses("host_two_sessions") == []


async def test_the_status_of_two_agents_does_not_outlive_its_manager(side: ManagerSide) -> None:
    host = await side.add_host()
    await come(side, host, *["10.0.0.1", "10.0.0.2"] * 2)
    assert len(await side.statuses("host_two_sessions")) == 1
    side.restart()
    await side.clock.advance(FORGOTTEN_S + 1)
    await side.liveness.expire_silent()
    (status,) = await side.statuses("host_two_sessions")
    assert status.clear_event_id


async def moves(side: ManagerSide) -> int:
    """Return how many events say that a host moved."""
    await side.statuses("host_session_moved")
    return sum(e.key == "host_session_moved" for e in side.store.memory.events.values())


def stored_address(side: ManagerSide) -> str:
    return get_host(side.store.memory.hosts, "h1").session_address


async def test_addresses_of_one_network_of_ipv6_are_one_place(side: ManagerSide) -> None:
    host = await side.add_host()
    await come(side, host, "2001:db8::1")
    await side.until(lambda: stored_address(side) == "2001:db8::1")
    await come(side, host, *(f"2001:db8::{number}" for number in range(2, 21)))
    assert await moves(side) == 0
    assert stored_address(side) == "2001:db8::1", "each would be a write"


async def test_a_host_that_moves_with_each_session_makes_one_event_a_minute(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    await come(side, host, *(f"10.0.{number}.1" for number in range(20)))
    assert await moves(side) == 1
    await side.clock.advance(MOVE_PAUSE_S)
    await come(side, host, *(f"10.1.{number}.1" for number in range(20)))
    assert await moves(side) == 2
