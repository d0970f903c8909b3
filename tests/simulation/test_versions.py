"""A manager and an agent of which one is of a later version."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.dispatcher.conditions.refusals import MAX_REASONS
from berth.domain.ids import ContainerId, HostId
from berth.domain.states import Attempt, HostState, Severity
from berth.protocol.messages import (
    PROTOCOL_VERSION,
    Accepted,
    Call,
    CallDone,
    Heartbeat,
    HeartbeatAnswer,
    InspectRequest,
    Message,
    Report,
    Resync,
    Welcome,
)
from berth.testing.builders_agent import an_assignment
from berth.testing.clock import settle
from berth.testing.engine import SimulatedEngine
from later_version import UNKNOWN_FRAME, add_members, encode_later
from simulation.agent_side import FakeManager, RunningAgent, until
from simulation.manager_side import ManagerSide, a_full_report, a_hello, a_report


class LaterManager(FakeManager):
    """Sends members and frames that come later."""

    async def say(self, message: Message) -> None:
        if not isinstance(message, Welcome):
            await self.send(UNKNOWN_FRAME)
        await self.send(encode_later(message))


@pytest.fixture
async def manager() -> AsyncIterator[FakeManager]:
    manager = await LaterManager().start()
    yield manager
    await manager.stop()


@pytest.fixture
def engine() -> SimulatedEngine:
    return SimulatedEngine("host-1")


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


async def test_an_agent_obeys_a_later_manager_and_replaces_what_dies(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        await manager.put(an_assignment("a1"))
        await manager.until_running("a1")
        engine.exit(ContainerId(manager.report("a1").container_id), 1)
        await manager.until_running("a1", attempt=2)
    assert len(manager.joins) == 1
    assert manager.all(Resync) == []


async def test_what_a_later_manager_assigned_is_kept_over_a_start_without_it(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        await manager.put(an_assignment("a1"))
        await manager.until_running("a1")
    await manager.stop()
    engine.exit(ContainerId(manager.report("a1").container_id), 1)
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: any(one.running for one in engine.containers()))


async def test_a_request_that_comes_later_is_answered_and_ends_no_session(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        call = add_members(Call(id=9, deadline_s=5.0, request=InspectRequest(ContainerId("c"))))
        assert isinstance(call, dict)
        call["request"]["t"] = "of_a_later_version"
        await manager.send(msgspec.msgpack.encode(call))
        await until(lambda: manager.all(CallDone))
        manager.heard.clear()
        await until(lambda: manager.all(Heartbeat))
    assert manager.all(Resync) == []


async def test_a_manager_serves_a_later_agent(side: ManagerSide) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    for message in (a_full_report(), a_report("a1", Attempt.RUNNING)):
        agent.send(UNKNOWN_FRAME)
        agent.send(encode_later(message))
    await agent.hear(Accepted)
    agent.send(encode_later(Heartbeat(metrics=a_hello(host).metrics)))
    await agent.hear(HeartbeatAnswer)
    status = side.store.fleet.status_of(HostId("h1"))
    assert (status.state, status.protocol) == (HostState.ACTIVE, 1)
    assert side.store.fleet.report_of("a1").state is Attempt.RUNNING


async def test_an_agent_of_another_protocol_raises_a_status_until_it_speaks_ours(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    side.connect(host, msgspec.structs.replace(a_hello(host), protocol=2))
    await settle()
    (status,) = await side.statuses("session_refused")
    assert status.event.severity is Severity.ERROR
    assert "speaks version 2 of the protocol, and this manager speaks version 1" in (
        status.event.summary
    )
    assert side.store.fleet.status_of(host.id).protocol == 2
    await side.connect(host).hear(Welcome)
    (status,) = await side.statuses("session_refused")
    assert status.clear_event_id


async def test_an_agent_that_is_refused_for_ever_new_reasons_makes_few_events(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    for number in range(20):
        hello = msgspec.structs.replace(a_hello(host), protocol=PROTOCOL_VERSION + 1 + number)
        await side.end_of(side.connect(host, hello))
    (status,) = await side.statuses("session_refused")
    assert status.count == MAX_REASONS
    await side.connect(host).hear(Welcome)
    (status,) = await side.statuses("session_refused")
    assert status.clear_event_id
