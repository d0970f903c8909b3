"""Containers that the engine cannot remove: nothing waits for them."""

from berth.domain.states import Attempt
from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from simulation.agent_told import container_of, told

WEB = an_assignment("a1")


async def test_the_next_attempt_does_not_wait_for_one_that_cannot_be_removed(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    old = container_of(agent)
    engine.jam(old)
    engine.exit(old, 1)
    await clock.advance(1)
    running = [one for one in engine.containers() if one.running]
    assert [one.name for one in running] == ["0.web.shop.2"], "its name is still borne"
    assert told(agent).state is Attempt.RUNNING


async def test_what_can_be_removed_at_last_goes_and_leaves_its_name(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    old = container_of(agent)
    engine.jam(old)
    engine.exit(old, 1)
    await clock.advance(1)
    engine.jam(old, free=True)
    await clock.advance(120)
    assert [one.name for one in engine.containers()] == ["0.web.shop"]
    assert agent.shared.stuck.describe() == ()


async def test_waits_between_removals_grow(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    engine.jam(container_of(agent))
    engine.exit(container_of(agent), 1)
    engine.calls.clear()
    await clock.advance(600)
    assert 5 <= engine.calls["remove"] <= 20
    (stuck,) = agent.shared.stuck.describe()
    assert stuck.name == "0.web.shop"
    assert "resource busy" in stuck.message


async def test_a_stop_is_done_when_the_container_is_known_not_to_run(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    old = container_of(agent)
    engine.jam(old)
    await agent.obey()
    await clock.advance(5)
    assert told(agent).state is Attempt.REMOVED
    assert [one.state for one in engine.containers()] == ["exited"]
    engine.jam(old, free=True)
    await clock.advance(120)
    assert engine.containers() == [], "it is still tried"


async def test_another_assignment_takes_the_slot_beside_what_is_stuck(
    agent: LonelyAgent, engine: SimulatedEngine, clock: FakeClock
) -> None:
    await agent.obey(WEB)
    engine.jam(container_of(agent))
    await agent.obey(an_assignment("a2"))
    await clock.advance(30)
    assert told(agent, "a2").state is Attempt.RUNNING
