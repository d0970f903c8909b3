"""A whole agent against a manager in the test's hand, on a simulated engine."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from berth.agent.app import run_agent
from berth.agent.data_directory import DataDirectory
from berth.agent.link.join_marker import JoinMarker
from berth.agent.options import AgentOptions
from berth.domain.calls import ContainerAction
from berth.domain.errors import StartupError
from berth.domain.ids import ContainerId, InstanceId
from berth.domain.observed import LogQuery
from berth.domain.states import Attempt, Intent
from berth.protocol.messages import (
    MAX_FRAME_BYTES,
    ActRequest,
    AssignmentChange,
    Call,
    CallDone,
    Cancel,
    Confirm,
    FindMarkerRequest,
    Heartbeat,
    Hello,
    InspectRequest,
    Inventory,
    LogsRequest,
    Report,
    Resync,
    SettingsChange,
)
from berth.runtime.exit_codes import Exit
from berth.testing.builders_agent import an_assignment
from berth.testing.engine import SimulatedEngine
from simulation.agent_side import QUICK, FakeManager, RunningAgent, until

WEB = an_assignment("a1")


@pytest.fixture
async def manager() -> AsyncIterator[FakeManager]:
    manager = await FakeManager().start()
    yield manager
    await manager.stop()


@pytest.fixture
def engine() -> SimulatedEngine:
    return SimulatedEngine("host-1")


@pytest.fixture
async def agent(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> AsyncIterator[RunningAgent]:
    """Run an agent to which ``a1`` is assigned, and which runs it."""
    manager.assignments["a1"] = WEB
    async with RunningAgent(manager, engine, folder=tmp_path) as agent:
        await manager.until_running("a1")
        yield agent


async def test_an_agent_joins_and_says_what_its_host_is(
    manager: FakeManager, agent: RunningAgent
) -> None:
    facts = manager.joins[0].facts
    assert (facts.engine_id, facts.address) == ("SIM:host-1", "10.0.0.1")
    hello = manager.all(Hello)[0]
    assert (hello.host_id, hello.obeyed_epoch) == ("host-1", 0)
    identity = agent.folder / "identity.json"
    assert identity.stat().st_mode & 0o777 == 0o600


async def test_changes_are_carried_out(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    await manager.put(an_assignment("a2", slot=1))
    await manager.until_running("a2")
    await manager.put(an_assignment("a2", slot=1, intent=Intent.END))
    await until(lambda: manager.state("a2") is Attempt.REMOVED)
    await manager.drop("a2")
    assert [one.name for one in engine.containers()] == ["0.web.shop"]


async def test_a_killed_container_is_replaced_and_reported(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    first = manager.report("a1").container_id
    await engine.kill(ContainerId(first))
    await manager.until_running("a1", attempt=2)
    assert manager.report("a1").container_id != first
    assert len(engine.containers()) == 1


async def test_a_change_that_does_not_follow_is_answered_with_a_question(
    manager: FakeManager, agent: RunningAgent
) -> None:
    await manager.say(AssignmentChange(epoch=1, applies_to=77, results_in=78))
    await until(lambda: manager.all(Resync))


async def test_containers_are_replaced_while_the_manager_is_away(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    await manager.stop()
    engine.exit(ContainerId(manager.report("a1").container_id), 1)
    await until(lambda: [one.labels["berth.attempt"] for one in engine.containers()] == ["2"])
    manager.heard.clear()
    await manager.start()
    await manager.until_running("a1", attempt=2)
    assert manager.all(Report)[0].full


async def test_an_agent_that_starts_without_a_manager_keeps_its_containers(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = WEB
    async with RunningAgent(manager, engine, folder=tmp_path):
        await manager.until_running("a1")
    await manager.stop()
    async with RunningAgent(manager, engine, folder=tmp_path):
        engine.exit(ContainerId(manager.report("a1").container_id), 1)
        await until(lambda: [one.state for one in engine.containers()] == ["running"])
    assert engine.containers()[0].labels["berth.attempt"] == "2"


async def test_an_agent_that_starts_again_adopts_and_does_not_join_again(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = WEB
    async with RunningAgent(manager, engine, folder=tmp_path):
        await manager.until_running("a1")
    manager.latest.clear()
    async with RunningAgent(manager, engine, folder=tmp_path):
        await manager.until_running("a1")
    assert (len(manager.joins), engine.calls["create"], engine.calls["stop"]) == (1, 1, 0)
    first, second = (one.agent_epoch for one in manager.all(Hello))
    assert first < second


async def test_a_run_once_service_is_not_run_again_by_a_new_start(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = an_assignment("a1", restart=False, command=("false",))
    for _ in range(2):
        manager.latest.clear()
        async with RunningAgent(manager, engine, folder=tmp_path):
            await until(lambda: manager.state("a1") is Attempt.ENDED)
    assert (manager.report("a1").exit_code, engine.calls["create"]) == (1, 1)
    first = next(one for one in reversed(manager.all(Report)) if one.full)
    assert [one.exit_code for one in first.containers] == [1], "the full report knows it already"


async def test_retries_of_a_run_once_service_are_counted_over_starts_of_the_agent(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    twice = an_assignment("a1", restart=False, retries=1, command=("false",))
    manager.assignments["a1"] = twice
    for _ in range(2):
        manager.latest.clear()
        async with RunningAgent(manager, engine, folder=tmp_path):
            await until(lambda: manager.state("a1") is Attempt.ENDED)
            await until(lambda: manager.report("a1").attempt == 2)
            await until(lambda: manager.report("a1").state is Attempt.ENDED)
    assert engine.calls["create"] == 2


async def test_a_restored_manager_is_held_until_it_is_confirmed(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    await manager.stop()
    manager.epoch, manager.assignments = 0, {}
    manager.heard.clear()
    await manager.start()
    await until(lambda: any(report.held for report in manager.all(Report)))
    assert [one.state for one in engine.containers()] == ["running"]
    await manager.say(Confirm(epoch=0, revision=1))
    await until(lambda: engine.containers() == [])
    assert manager.all(Report)[-1].held is False


async def test_a_manager_of_another_instance_is_held(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    await manager.stop()
    manager.instance_id, manager.assignments = InstanceId("another"), {}
    manager.heard.clear()
    await manager.start()
    await until(lambda: any(report.held for report in manager.all(Report)))
    assert [one.state for one in engine.containers()] == ["running"]


async def test_without_an_engine_there_are_heartbeats_and_no_report(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        engine.down()
        await until(lambda: _said_unreachable(manager))
        await manager.stop()
        manager.heard.clear()
        await manager.start()
        await until(lambda: _said_unreachable(manager))
        assert manager.all(Report) == []
        engine.up()
        await until(lambda: manager.all(Report))


async def test_an_agent_whose_engine_is_known_marks_it_and_asks_again(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    known = {"message": "this engine is host h1 already", "code": "host_active"}
    manager.refusals = [web.json_response({"errors": [known]}, status=409)]
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        (request,) = manager.joins
        assert request.marker.startswith("berth-join-")
        assert engine.calls["create_network"] == 1
        done, mark = await manager.call(FindMarkerRequest(request.marker))
        assert (done.code, mark) == ("", b""), "the mark is gone after the join"
        async with JoinMarker(engine, DataDirectory(tmp_path)) as marker:
            _, mark = await manager.call(FindMarkerRequest(marker.name))
        assert mark == b"1"


async def test_the_mark_of_an_agent_that_was_killed_goes_at_its_next_start_and_no_other(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    own = JoinMarker(engine, DataDirectory(tmp_path))
    others = JoinMarker(engine, DataDirectory(tmp_path / "other"))
    for marker in (own, others):
        await marker.__aenter__()
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
    marks = [n.name for n in await engine.list_networks() if n.name.startswith("berth-join-")]
    assert marks == [others.name]
    assert not (tmp_path / "join_marker").exists()


async def test_an_engine_that_does_not_tell_about_itself_is_alive(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
    engine.latencies["info"] = 3600.0
    manager.heard.clear()
    manager.assignments["a1"] = WEB
    async with RunningAgent(manager, engine, folder=tmp_path):
        await manager.until_running("a1")
        beats = len(manager.all(Heartbeat))
        await until(lambda: len(manager.all(Heartbeat)) > beats + 1)
        assert manager.all(Heartbeat)[-1].metrics.engine_reachable


async def test_calls_fail_at_once_while_the_engine_hangs_and_nothing_breaks_off(
    manager: FakeManager,
    agent: RunningAgent,
    engine: SimulatedEngine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    container = ContainerId(manager.report("a1").container_id)
    engine.read_s = 0.6
    engine.run_unmanaged("makes-the-list-old")
    engine.freeze()
    await until(lambda: _said_unreachable(manager))
    done, _ = await manager.call(InspectRequest(container))
    assert done.code == "engine_unreachable", "it does not wait for its deadline"
    assert "silent for" in done.message
    assert manager.all(Heartbeat)[-1].metrics.engine_silent_s > 0.0
    engine.thaw()
    await until(lambda: manager.all(Heartbeat)[-1].metrics.engine_reachable)
    assert [each for each in caplog.records if each.exc_info] == []


def _said_unreachable(manager: FakeManager) -> bool:
    return any(not beat.metrics.engine_reachable for beat in manager.all(Heartbeat))


async def test_a_silent_manager_is_dialled_anew(manager: FakeManager, agent: RunningAgent) -> None:
    manager.silent = True
    await until(lambda: len(manager.all(Hello)) > 1)
    manager.silent = False
    manager.heard.clear()
    await until(lambda: manager.all(Report))


async def test_new_settings_are_in_force_at_once(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.settings = msgspec.structs.replace(QUICK, host_ttl_s=3600.0)
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: manager.all(Report))
        await manager.say(SettingsChange(settings=QUICK, host_name="host-1", pool_id="default"))
        await until(lambda: manager.all(Heartbeat))


async def test_the_inventory_names_all_containers_with_their_documents(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    engine.run_unmanaged("by-hand")
    await until(lambda: {"by-hand", "0.web.shop"} <= _inspected(manager))
    engine.remove_by_hand(
        ContainerId(next(c.id for c in engine.containers() if c.name == "by-hand"))
    )
    await until(lambda: any(message.gone for message in manager.all(Inventory)))


def _inspected(manager: FakeManager) -> set[str]:
    items = [item for message in manager.all(Inventory) for item in message.items]
    return {item.container.name for item in items if item.inspect}


async def test_calls_are_answered(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    container = ContainerId(manager.report("a1").container_id)
    engine.write_output(container, "hello")
    done, output = await manager.call(LogsRequest(container, LogQuery()))
    assert (done.code, output.split(b" ", 1)[1]) == ("", b"hello\n")
    done, document = await manager.call(InspectRequest(container))
    assert container.encode() in document
    done, _ = await manager.call(ActRequest(ContainerId("nobody"), ContainerAction.STOP))
    assert done.code == "not_found"


async def test_an_action_on_an_unmanaged_container_is_carried_out(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    container = engine.run_unmanaged("by-hand")
    done, _ = await manager.call(ActRequest(container, ContainerAction.PAUSE))
    assert (done.code, engine.get_container(container).state) == ("", "paused")
    done, _ = await manager.call(ActRequest(container, ContainerAction.PAUSE))
    assert done.code == "conflict"


async def test_a_call_ends_at_its_deadline_or_when_it_is_cancelled(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    container = ContainerId(manager.report("a1").container_id)
    engine.freeze()
    done, _ = await manager.call(InspectRequest(container), deadline_s=0.1)
    assert done.code == "timeout"
    await manager.say(Call(id=99, deadline_s=60.0, request=InspectRequest(container)))
    await manager.say(Cancel(id=99))
    engine.thaw()
    await manager.call(InspectRequest(container))
    assert all(one.id != 99 for one in manager.all(CallDone))


async def test_a_start_waits_for_engine_and_manager(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = WEB
    await manager.stop()
    engine.down()
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: engine.calls["info"] > 1)
        engine.up()
        await manager.start()
        await manager.until_running("a1")


async def test_a_refused_join_ends_the_agent_with_the_reason(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    taken = {"message": "the name host-1 is taken"}
    manager.refusals = [web.json_response({"errors": [taken]}, status=409)]
    with pytest.raises(StartupError, match="the name host-1 is taken") as caught:
        async with RunningAgent(manager, engine, folder=tmp_path) as agent:
            await agent.ended()
    assert caught.value.exit_code == Exit.JOIN_REFUSED


async def test_a_join_that_comes_too_early_is_tried_again(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    early = {"message": "this manager just started", "code": "host_not_heard"}
    manager.refusals = [web.json_response({"errors": [early]}, status=409)]
    async with RunningAgent(manager, engine, folder=tmp_path):
        await until(lambda: bool(manager.all(Hello)))
    assert len(manager.joins) == 1


async def test_a_second_agent_on_the_same_directory_is_refused(
    manager: FakeManager, agent: RunningAgent
) -> None:
    options = AgentOptions(data_dir=agent.folder)
    with pytest.raises(StartupError) as caught:
        await run_agent(options, engine=agent.engine, stopped=asyncio.Event())
    assert caught.value.exit_code == Exit.HELD


async def test_a_host_that_the_manager_does_not_know_keeps_its_containers(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    await manager.stop()
    manager.credential = "another"
    await manager.start()
    await until(lambda: manager.refused)
    engine.exit(ContainerId(manager.report("a1").container_id), 1)
    await until(lambda: [one.labels["berth.attempt"] for one in engine.containers()] == ["2"])


async def test_a_frame_that_is_too_large_is_named(
    manager: FakeManager, agent: RunningAgent, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "berth.agent.link.connector"):
        with contextlib.suppress(ConnectionError):
            await manager.put(an_assignment("a2", slot=1, hostname="x" * MAX_FRAME_BYTES))
        await until(lambda: f"exceeds limit {MAX_FRAME_BYTES}" in caplog.text)


async def test_a_set_in_parts_is_obeyed_over_a_real_connection(
    manager: FakeManager, agent: RunningAgent, engine: SimulatedEngine
) -> None:
    text = (("TEXT", "x" * 1024 * 1024),)
    for number in range(10):
        one = an_assignment(f"b{number}", slot=number, environment=text)
        manager.assignments[one.id] = one
    del manager.assignments["a1"]
    await manager.say_set()
    await manager.until_running("b9")
    await until(lambda: len(engine.containers()) == 10)
    assert len(manager.all(Hello)) == 1
