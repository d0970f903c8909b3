"""Hosts whose access is revoked, and sessions that come from elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.control.hosts.membership import JoiningHost, join_host, revoke_host
from berth.control.origin import Origin
from berth.domain.ids import HostId, TaskId
from berth.domain.records import Host
from berth.domain.slots import is_lost
from berth.domain.states import HostState
from berth.protocol.messages import Accepted, Welcome
from simulation.manager_side import AgentEnd, ManagerSide, a_full_report, a_hello

ORIGIN = Origin(user="admin", task_id=TaskId("t"))


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


async def join(side: ManagerSide, credential_hash: str) -> Host:
    joining = JoiningHost(facts=a_hello(await side.add_host("unused")).facts)
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
