"""The local half of an agent on a simulated engine, in virtual time."""

import msgspec
import pytest

from berth.agent.engine.protocol import ContainerRequest
from berth.domain.calls import ContainerAction
from berth.domain.errors import EngineConflict, EngineTimeout, EngineUnreachable
from berth.domain.spec import PortSpec
from berth.domain.states import Attempt, Intent
from berth.testing.builders_agent import LonelyAgent, an_assignment, labels_for
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from simulation.agent_told import container_of, told

WEB = an_assignment("a1")


async def test_a_container_costs_one_create_and_one_start(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.calls.clear()
    await agent.obey(*(an_assignment(f"a{n}", slot=n) for n in range(20)))
    assert dict(engine.calls) == {
        "pull": 1,
        "inspect_image": 1,
        "create": 20,
        "start": 20,
    }
    assert all(told(agent, f"a{n}").state is Attempt.RUNNING for n in range(20))


async def test_a_container_with_ports_is_inspected_before_it_is_reported(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.calls.clear()
    await agent.obey(an_assignment("a1", ports=(PortSpec(80),)))
    assert dict(engine.calls) == {
        "pull": 1,
        "inspect_image": 1,
        "create": 1,
        "start": 1,
        "inspect": 1,
    }
    assert [one.container for one in told(agent).ports] == [80]


async def test_a_container_bears_the_labels_of_its_attempt(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(an_assignment("a1", floor=6))
    container = engine.containers()[0]
    assert container.labels == labels_for(WEB, attempt=7)
    assert told(agent).attempt == 7


async def test_a_container_that_ends_is_replaced_at_once(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    engine.exit(first, 3)
    await agent.quiet()
    assert [one.labels["berth.attempt"] for one in engine.containers()] == ["2"]
    assert (told(agent).state, told(agent).attempt, told(agent).failures) == (
        Attempt.RUNNING,
        2,
        1,
    )


async def test_a_container_that_is_removed_is_replaced(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    engine.remove_by_hand(container_of(agent))
    await agent.quiet()
    assert told(agent).attempt == 2
    assert len(engine.containers()) == 1


async def test_failures_in_a_row_wait_longer_each_time(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment("a1", command=("false",)))
    attempts = [told(agent).attempt]
    for seconds in (0.9, 0.2, 1.7, 0.4):
        await clock.advance(seconds)
        await agent.quiet()
        attempts.append(told(agent).attempt)
    assert attempts == [2, 2, 3, 3, 4]


async def test_a_failed_attempt_tells_when_the_next_one_comes(
    agent: LonelyAgent, clock: FakeClock
) -> None:
    await agent.obey(an_assignment("a1", command=("false",)))
    report = told(agent)
    assert (report.state, report.code, report.exit_code) == (Attempt.ENDED, "exited", 1)
    assert report.retry_at == clock.now() + 1.0


async def test_a_minute_of_running_clears_the_failures(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    for _ in range(3):
        engine.exit(container_of(agent), 1)
        await agent.quiet()
        await clock.advance(70)
        await agent.quiet()
    assert (told(agent).attempt, told(agent).failures) == (4, 1)


async def test_a_run_once_container_stays_with_its_exit_code(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment("a1", restart=False, command=("sh", "-c", "exit 4")))
    await clock.advance(100)
    report = told(agent)
    assert (report.state, report.code, report.exit_code) == (Attempt.ENDED, "", 4)
    assert [one.state for one in engine.containers()] == ["exited"]


async def test_a_run_once_container_that_ends_badly_is_tried_again_so_often(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment("a1", restart=False, retries=2, command=("false",)))
    await clock.advance(1.5)
    assert (told(agent).attempt, told(agent).exit_code) == (3, 1)
    await clock.advance(300)
    assert (told(agent).state, told(agent).attempt, told(agent).code) == (Attempt.ENDED, 3, "")
    assert [one.state for one in engine.containers()] == ["exited"]


async def test_a_run_once_container_may_be_tried_without_end(
    agent: LonelyAgent, clock: FakeClock
) -> None:
    await agent.obey(an_assignment("a1", restart=False, retries=-1, command=("false",)))
    report = told(agent)
    assert (report.code, report.exit_code, report.attempt) == ("exited", 1, 2)
    assert "tried again" in report.message
    await clock.advance(600)
    assert told(agent).attempt > 10


async def test_a_renewed_container_is_replaced_at_once_by_one_that_stays(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    await agent.obey(msgspec.structs.replace(WEB, renewals=1))
    assert container_of(agent) != first
    assert (told(agent).state, told(agent).attempt, told(agent).failures) == (
        Attempt.RUNNING,
        2,
        1,
    )
    assert [one.name for one in engine.containers()] == [WEB.name]


async def test_a_renewed_container_that_may_be_tried_again_has_no_result(
    agent: LonelyAgent, clock: FakeClock
) -> None:
    once = an_assignment("a1", restart=False, retries=-1)
    await agent.obey(once)
    for renewals in (1, 2):
        await agent.obey(msgspec.structs.replace(once, renewals=renewals))
    report = told(agent)
    assert (report.state, report.code, report.attempt) == (Attempt.ENDED, "unhealthy", 2)
    assert report.exit_code is None
    await clock.advance(1.0)
    assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 3)


async def test_renewals_that_do_not_mend_it_wait_longer_each_time(
    agent: LonelyAgent, clock: FakeClock
) -> None:
    for renewals in range(3):
        await agent.obey(msgspec.structs.replace(WEB, renewals=renewals))
    report = told(agent)
    assert (report.state, report.code, report.attempt) == (Attempt.ENDED, "unhealthy", 2)
    await clock.advance(1.0)
    assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 3)


async def test_an_ending_assignment_is_stopped_removed_and_reported(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    await agent.obey(an_assignment("a1", intent=Intent.END))
    assert engine.containers() == []
    assert told(agent).state is Attempt.REMOVED


async def test_a_dropped_assignment_is_cleaned_up_and_forgotten_once_accepted(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    await agent.obey()
    assert engine.containers() == []
    assert told(agent).state is Attempt.REMOVED
    agent.shared.reporter.accept(told(agent).sequence)
    assert agent.report("a1") is None


async def test_a_container_is_adopted_without_a_restart(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    container = engine.run_unmanaged("0.web.shop", labels=labels_for(WEB, attempt=3))
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey(WEB)
        assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 3)
        assert container_of(agent) == container
    assert engine.calls["create"] == engine.calls["start"] == engine.calls["stop"] == 0


async def test_a_leftover_is_replaced_by_the_next_attempt(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.exit(engine.run_unmanaged("0.web.shop", labels=labels_for(WEB, attempt=3)), 1)
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey(an_assignment("a1", floor=1))
        assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 4)
        assert len(engine.containers()) == 1


async def test_containers_are_left_alone_until_a_set_was_obeyed(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.run_unmanaged("0.web.shop", labels=labels_for(WEB))
    async with LonelyAgent(engine, clock) as agent:
        assert told(agent).state is Attempt.RUNNING
        await agent.obey()
        assert engine.containers() == []


async def test_foreign_containers_are_never_touched(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.run_unmanaged("by-hand")
    engine.run_unmanaged("other-host", labels=labels_for(WEB, host="host-2"))
    engine.run_unmanaged("other-instance", labels=labels_for(WEB, instance="other"))
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey()
    assert [one.state for one in engine.containers()] == ["running"] * 3


async def test_the_old_generation_gives_its_name_to_the_new_one(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    await agent.obey(WEB, an_assignment("a2", image="example/web:2"))
    names = {one.labels["berth.assignment"]: one.name for one in engine.containers()}
    assert names == {"a1": "0.web.shop.a1", "a2": "0.web.shop"}


async def test_a_name_borne_by_a_foreign_container_is_a_failure_until_it_is_free(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    foreign = engine.run_unmanaged("0.web.shop")
    await agent.obey(WEB)
    assert (told(agent).state, told(agent).code) == (Attempt.ENDED, "name_taken")
    engine.remove_by_hand(foreign)
    await clock.advance(5)
    await agent.quiet()
    assert told(agent).state is Attempt.RUNNING


async def test_a_foreign_container_that_nobody_listed_yet_is_found_out(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.run_unmanaged("0.web.shop")
    engine.calls.clear()
    await agent.obey(WEB)
    assert (told(agent).code, engine.calls["create"], engine.calls["list_containers"]) == (
        "name_taken",
        1,
        1,
    )


async def test_a_name_is_not_taken_from_another_wanted_slot(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    rival = msgspec.structs.replace(an_assignment("a2", slot=1), name=WEB.name)
    await agent.obey(WEB, rival)
    assert (told(agent, "a1").state, told(agent, "a2").code) == (Attempt.RUNNING, "name_taken")


async def test_a_name_is_waited_for_while_its_bearer_is_on_its_way_out(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    rival = msgspec.structs.replace(an_assignment("a2", slot=1), name=WEB.name)
    await agent.obey(rival)
    assert (told(agent, "a2").state, told(agent, "a2").attempt) == (Attempt.RUNNING, 1)


async def test_an_orphan_that_turns_up_later_is_removed(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    engine.run_unmanaged("orphan", labels=labels_for(an_assignment("old", slot=5)))
    await agent.watch.refresh()
    await agent.quiet()
    assert [one.name for one in engine.containers()] == ["0.web.shop"]


async def test_a_fixed_port_is_waited_for_while_its_holder_is_on_its_way_out(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    port = PortSpec(80, host=8080)
    engine.add_image("example/stubborn:1")
    stubborn = ("sh", "-c", "trap '' TERM; sleep 100")
    await agent.obey(an_assignment("a1", ports=(port,), command=stubborn))
    await agent.obey(an_assignment("a2", slot=1, ports=(port,)))
    assert told(agent, "a2").attempt == 1
    await clock.advance(11)
    await agent.quiet()
    assert (told(agent, "a2").state, told(agent, "a2").attempt) == (Attempt.RUNNING, 1)


async def test_a_taken_port_is_a_failure_that_is_backed_off(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.occupy_port(8080)
    await agent.obey(an_assignment("a1", ports=(PortSpec(80, host=8080),)))
    assert (told(agent).code, told(agent).failures) == ("port_taken", 1)
    assert engine.containers() == []
    await clock.advance(1.1)
    await agent.quiet()
    assert told(agent).failures == 2


async def test_a_paused_container_is_reported_and_not_replaced(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    await engine.pause(first)
    await agent.quiet()
    assert (told(agent).paused, container_of(agent)) == (True, first)
    await engine.unpause(first)
    await agent.quiet()
    assert told(agent).paused is False


async def test_a_restart_by_a_user_keeps_the_container(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    worker = agent.supervisor.worker_of(first)
    assert worker is not None
    await worker.act(first, ContainerAction.RESTART)
    await agent.quiet()
    assert (container_of(agent), told(agent).attempt) == (first, 1)


async def test_a_stop_by_a_user_replaces_the_container(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    worker = agent.supervisor.worker_of(first)
    assert worker is not None
    await worker.act(first, ContainerAction.STOP)
    await agent.quiet()
    assert told(agent).attempt == 2


async def test_a_start_by_a_user_ends_the_wait_for_the_next_attempt(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(an_assignment("a1", command=("false",)))
    ended = container_of(agent)
    worker = agent.supervisor.worker_of(ended)
    assert worker is not None
    assert told(agent).attempt == 2
    await worker.act(ended, ContainerAction.START)
    await agent.quiet()
    assert told(agent).attempt == 3


async def test_an_action_that_the_engine_refuses_fails_for_its_user_alone(
    agent: LonelyAgent,
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    worker = agent.supervisor.worker_of(first)
    assert worker is not None
    with pytest.raises(EngineConflict):
        await worker.act(first, ContainerAction.UNPAUSE)
    await agent.quiet()
    assert (told(agent).state, container_of(agent)) == (Attempt.RUNNING, first)


async def test_containers_that_die_with_their_engine_are_replaced_when_it_is_back(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    engine.down(containers_die=True)
    await agent.quiet()
    engine.up()
    await agent.watch.refresh()
    await agent.quiet()
    assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 2)


async def test_containers_that_outlive_their_engine_are_kept(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(WEB)
    first = container_of(agent)
    engine.down()
    await agent.quiet()
    assert agent.supervisor.ready is False
    engine.up()
    await agent.watch.refresh()
    await agent.quiet()
    assert (container_of(agent), engine.calls["create"]) == (first, 1)


async def test_a_request_that_got_lost_is_followed_by_a_list(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.plant("create", EngineUnreachable("connection reset"))
    engine.calls.clear()
    await agent.obey(WEB)
    assert (engine.calls["list_containers"], engine.calls["create"]) == (1, 2)
    assert (told(agent).state, told(agent).failures) == (Attempt.RUNNING, 0)


async def test_an_assignment_that_ends_during_its_pull_gives_the_pull_up(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.latencies["pull"] = 100.0
    await agent.obey(WEB)
    assert told(agent).state is Attempt.PULLING
    await agent.obey(an_assignment("a1", intent=Intent.END))
    assert told(agent).state is Attempt.REMOVED
    await clock.advance(200)
    assert (engine.calls["create"], engine.calls["find_image"], told(agent).attempt) == (0, 0, 1)
    assert await engine.find_image("example/web:1") is None


async def test_a_run_once_container_that_never_started_is_run(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    once = an_assignment("a1", restart=False)
    engine.add_image("example/web:1")
    await engine.create(
        ContainerRequest(name=once.name, hostname="h", spec=once.spec, labels=labels_for(once))
    )
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey(once)
        assert (told(agent).state, told(agent).attempt) == (Attempt.RUNNING, 2)


async def test_a_create_without_an_answer_is_backed_off(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.plant("create", EngineTimeout("no answer within 60 s"))
    await agent.obey(WEB)
    assert told(agent).code == "engine_timeout"
    await clock.advance(1.1)
    await agent.quiet()
    assert told(agent).state is Attempt.RUNNING


async def test_a_stop_that_fails_is_tried_again(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    engine.plant("stop", EngineTimeout("no answer within 40 s"))
    await agent.obey()
    assert len(engine.containers()) == 1
    await clock.advance(1.1)
    await agent.quiet()
    assert engine.containers() == []
