"""An agent's data directory on two machines."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.dispatcher.conditions.copied_agents import FORGOTTEN_S, GIVEN_UP_S
from berth.domain.records import Host
from berth.domain.states import Severity
from berth.protocol.messages import Accepted, Heartbeat, HeartbeatAnswer, Hello, Welcome
from berth.testing.clock import settle
from simulation.manager_side import AgentEnd, ManagerSide, a_full_report, a_hello


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


def a_copy(host: Host, *, agent_epoch: int = 7) -> Hello:
    """Build the hello of an agent on another machine."""
    hello = a_hello(host)
    facts = msgspec.structs.replace(hello.facts, engine_id="another", address="10.0.0.99")
    return msgspec.structs.replace(hello, facts=facts, agent_epoch=agent_epoch)


async def in_contact(side: ManagerSide) -> tuple[Host, AgentEnd]:
    host = await side.add_host()
    own = side.connect(host)
    own.say(a_full_report())
    await own.hear(Accepted)
    await side.until(lambda: address_of(side, host) == "10.0.0.5")
    return host, own


def address_of(side: ManagerSide, host: Host) -> str:
    known = side.store.memory.hosts.get(host.id)
    return known.address if known is not None else ""


async def pass_time(side: ManagerSide, seconds: float, *, own: AgentEnd | None = None) -> None:
    for _ in range(round(seconds)):
        await side.clock.advance(1.0)
        if own is not None:
            own.say(Heartbeat(metrics=a_hello(await side.add_host("other")).metrics))
            await own.hear(HeartbeatAnswer)
        await side.liveness.expire_silent()


async def test_a_copy_is_refused_and_the_hosts_own_agent_is_undisturbed(side: ManagerSide) -> None:
    host, own = await in_contact(side)
    for _ in range(3):
        side.connect(host, a_copy(host))
        await settle()
    (status,) = await side.statuses("host_copied")
    assert status.event.severity is Severity.CRITICAL
    assert "10.0.0.5" in status.event.summary
    assert "10.0.0.99" in status.event.summary
    own.say(Heartbeat(metrics=a_hello(host).metrics))
    await own.hear(HeartbeatAnswer)
    assert address_of(side, host) == "10.0.0.5"


async def test_the_status_of_a_copy_is_cleared_when_it_tries_no_more(side: ManagerSide) -> None:
    host, own = await in_contact(side)
    side.connect(host, a_copy(host))
    await pass_time(side, FORGOTTEN_S + 2, own=own)
    (status,) = await side.statuses("host_copied")
    assert status.clear_event_id


async def test_the_status_of_a_copy_does_not_outlive_its_manager(side: ManagerSide) -> None:
    host, _ = await in_contact(side)
    side.connect(host, a_copy(host))
    await settle()
    assert len(await side.statuses("host_copied")) == 1
    side.restart()
    await side.clock.advance(FORGOTTEN_S + 2)
    await side.liveness.expire_silent()
    (status,) = await side.statuses("host_copied")
    assert status.clear_event_id


async def test_an_agent_whose_engine_was_made_anew_goes_on(side: ManagerSide) -> None:
    host, _ = await in_contact(side)
    await side.connect(host, a_copy(host, agent_epoch=a_hello(host).agent_epoch)).hear(Welcome)


async def test_a_data_directory_that_moved_is_the_host_when_the_old_machine_is_silent(
    side: ManagerSide,
) -> None:
    host, own = await in_contact(side)
    own.hang_up()
    await pass_time(side, 7)
    await side.connect(host, a_copy(host)).hear(Welcome)


async def test_a_copy_does_not_take_over_while_the_host_starts_again(side: ManagerSide) -> None:
    host, own = await in_contact(side)
    side.connect(host, a_copy(host))
    await settle()
    own.hang_up()
    for _ in range(4):
        await pass_time(side, 30)
        side.connect(host, a_copy(host))
        await settle()
    await side.connect(host).hear(Welcome)
    assert len(await side.statuses("host_copied")) == 1
    assert GIVEN_UP_S > 120


async def test_an_agent_is_told_that_its_directory_is_a_copy(side: ManagerSide) -> None:
    host, _ = await in_contact(side)
    end = AgentEnd()
    end.say(a_copy(host))
    told = await side.dispatcher.serve(end, host)
    assert told.startswith("this data directory is a copy: remove it and join this machine")
