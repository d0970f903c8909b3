"""Checks of containers by their agent, on a simulated engine in virtual time."""

import msgspec

from berth.domain.calls import ContainerAction
from berth.domain.observed import ContainerReport
from berth.domain.spec import ENGINE_CHECK, Probe
from berth.domain.states import Attempt, Health
from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.clock import FakeClock
from berth.testing.engine import Behaviour, SimulatedEngine
from simulation.agent_told import container_of, told

SCRIPT = Probe(
    label="JOB", kind="script", path="/opt/check.sh", interval_s=10.0, start_period_s=5.0
)


def counts(report: ContainerReport) -> tuple[Health, int, int]:
    return report.health, report.checks_total, report.checks_passed


async def test_a_container_is_being_checked_until_its_first_success(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.registry.publish("example/web:1", Behaviour(script_exit=1))
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    assert (told(agent).state, counts(told(agent))) == (Attempt.RUNNING, (Health.CHECKING, 1, 0))
    engine.set_script(container_of(agent), 0)
    await clock.advance(1.1)
    assert counts(told(agent)) == (Health.HEALTHY, 1, 1)


async def test_a_failing_container_is_checked_every_second_and_then_reported(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.registry.publish("example/web:1", Behaviour(script_exit=3))
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(4.5)
    assert told(agent).health is Health.CHECKING
    assert engine.calls["execute"] == 5
    # From 5 s on a failure counts every 10 s.
    await clock.advance(19.5)
    assert told(agent).health is Health.CHECKING
    await clock.advance(2.0)
    assert (told(agent).health, told(agent).was_healthy) == (Health.UNHEALTHY, False)
    assert told(agent).message == "JOB: script /opt/check.sh ended with exit code 3"


async def test_a_container_that_needs_a_while_after_the_start_period_is_healthy_then(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.registry.publish("example/web:1", Behaviour(script_exit=1))
    old_form = Probe(label="JOB", kind="script", path="/opt/check.sh")
    await agent.obey(an_assignment(probes=(old_form,)))
    await clock.advance(80.0)
    assert told(agent).health is Health.CHECKING
    engine.set_script(container_of(agent), 0)
    await clock.advance(1.1)
    assert (told(agent).health, told(agent).was_healthy) == (Health.HEALTHY, True)


async def test_a_healthy_container_is_checked_at_its_interval(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(20.0)
    before = engine.calls["execute"]
    await clock.advance(100.0)
    assert engine.calls["execute"] - before == 10


async def test_three_failures_in_a_row_make_it_unhealthy_and_one_success_healthy_again(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(1.0)
    engine.set_script(container_of(agent), 1, output="no space left")
    # The next check comes by chance 1 to 10 s after the first, the third failure 20 s later.
    await clock.advance(19.9)
    assert (told(agent).health, told(agent).attempt) == (Health.HEALTHY, 1)
    await clock.advance(10.6)
    assert (told(agent).health, told(agent).attempt) == (Health.UNHEALTHY, 1)
    assert told(agent).was_healthy
    assert "no space left" in told(agent).message
    engine.set_script(container_of(agent), 0)
    await clock.advance(10.0)
    assert (told(agent).health, told(agent).message) == (Health.HEALTHY, "")


async def test_a_script_that_does_not_end_is_a_failure(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(1.0)
    engine.set_script(container_of(agent), None)
    await clock.advance(60.0)
    assert told(agent).message == "JOB: script /opt/check.sh did not end within 10 s"
    assert told(agent).health is Health.UNHEALTHY


async def test_a_paused_container_is_not_checked(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(1.0)
    worker = agent.supervisor.worker_of(container_of(agent))
    assert worker is not None
    await worker.act(container_of(agent), ContainerAction.PAUSE)
    await agent.quiet()
    before = engine.calls["execute"]
    await clock.advance(100.0)
    assert (engine.calls["execute"], told(agent).health) == (before, Health.HEALTHY)
    await worker.act(container_of(agent), ContainerAction.UNPAUSE)
    await clock.advance(10.5)
    assert engine.calls["execute"] > before


async def test_the_next_container_is_checked_afresh(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(1.0)
    engine.registry.publish("example/web:1", Behaviour(script_exit=1))
    engine.exit(container_of(agent), 1)
    await agent.quiet()
    assert (told(agent).attempt, counts(told(agent))) == (2, (Health.CHECKING, 1, 0))
    engine.set_script(container_of(agent), 0)
    await clock.advance(1.1)
    assert told(agent).health is Health.HEALTHY


async def test_nothing_is_checked_of_an_assignment_that_ended(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await agent.obey()
    before = engine.calls["execute"]
    await clock.advance(100.0)
    assert (engine.calls["execute"], told(agent).health) == (before, Health.NONE)


async def test_without_its_engine_an_agent_gives_no_verdict(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(1.0)
    engine.down()
    await clock.advance(100.0)
    assert told(agent).health is Health.HEALTHY


async def test_the_check_of_an_image_is_read_from_the_engine(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.registry.publish("example/web:1", Behaviour(has_check=True))
    await agent.obey(an_assignment())
    assert counts(told(agent)) == (Health.CHECKING, 1, 0)
    engine.set_health(container_of(agent), "healthy")
    await agent.quiet()
    assert counts(told(agent)) == (Health.HEALTHY, 1, 1)
    engine.set_health(container_of(agent), "unhealthy", output="connection refused")
    await agent.quiet()
    assert counts(told(agent)) == (Health.UNHEALTHY, 1, 0)
    assert told(agent).message == "HEALTHCHECK: connection refused"


async def test_a_check_that_prints_nothing_is_told_with_its_exit_code(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.registry.publish("example/web:1", Behaviour(has_check=True))
    await agent.obey(an_assignment())
    engine.set_health(container_of(agent), "unhealthy")
    await agent.quiet()
    assert told(agent).message == (
        "HEALTHCHECK: the check ended with exit code 1 and printed nothing"
    )


async def test_checks_of_the_text_take_the_place_of_the_images_own(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.registry.publish("example/web:1", Behaviour(has_check=True))
    await agent.obey(an_assignment(probes=(SCRIPT,)))
    await clock.advance(0.1)
    assert counts(told(agent)) == (Health.HEALTHY, 1, 1)


async def test_a_check_of_the_engine_and_one_of_the_agent_count_together(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    own = Probe(label=ENGINE_CHECK, kind="image", test=("CMD", "check"))
    await agent.obey(an_assignment(probes=(SCRIPT, own)))
    await clock.advance(0.1)
    assert counts(told(agent)) == (Health.CHECKING, 2, 1)
    engine.set_health(container_of(agent), "healthy")
    await agent.quiet()
    assert counts(told(agent)) == (Health.HEALTHY, 2, 2)


async def test_a_verdict_that_no_event_told_is_found_in_the_list(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.registry.publish("example/web:1", Behaviour(has_check=True))
    await agent.obey(an_assignment())
    engine.get_container(container_of(agent)).health = "unhealthy"
    await agent.watch.refresh()
    await agent.quiet()
    assert told(agent).health is Health.UNHEALTHY


async def test_a_renewed_container_tells_why_it_went(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    assignment = an_assignment(probes=(SCRIPT,))
    await agent.obey(assignment)
    await clock.advance(1.0)
    engine.set_script(container_of(agent), 1)
    await clock.advance(40.0)
    await agent.obey(msgspec.structs.replace(assignment, renewals=1))
    await clock.advance(0.1)
    assert (told(agent).attempt, told(agent).health) == (2, Health.HEALTHY)


async def test_an_agent_that_starts_again_checks_what_it_finds(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    assignment = an_assignment(probes=(SCRIPT,))
    for _ in range(2):
        async with LonelyAgent(engine, clock) as agent:
            engine.calls.clear()
            await agent.obey(assignment)
            await clock.advance(1.1)
            assert engine.calls["execute"] == 1
            assert (told(agent).health, told(agent).attempt) == (Health.HEALTHY, 1)
