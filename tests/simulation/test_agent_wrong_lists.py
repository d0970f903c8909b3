"""An engine whose list shows containers as created while they run: they are left alone."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from berth.domain.observed import EngineContainer
from berth.domain.states import Attempt
from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from simulation.agent_told import container_of, told

WEB = an_assignment("a1")


class WrongEngine(SimulatedEngine):
    """Its list shows every container as never started; its documents show what is the case."""

    async def list_containers(self) -> list[EngineContainer]:
        listed = await super().list_containers()
        return [replace(one, state="created", status="Created") for one in listed]


@pytest.fixture
def engine(clock: FakeClock) -> WrongEngine:
    return WrongEngine(clock=clock)


@pytest.fixture
async def agent(engine: WrongEngine, clock: FakeClock) -> AsyncIterator[LonelyAgent]:
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey(WEB)
        yield agent


async def test_a_container_that_is_listed_as_created_while_it_runs_is_left_alone(
    agent: LonelyAgent, engine: WrongEngine
) -> None:
    first = container_of(agent)
    engine.calls.clear()
    for _ in range(3):
        await agent.watch.refresh()
        await agent.quiet()
    assert (told(agent).state, container_of(agent)) == (Attempt.RUNNING, first)
    assert engine.calls.keys() & {"remove", "create", "stop"} == set()
    assert (engine.calls["list_containers"], engine.calls["inspect"]) == (3, 3)


async def test_an_agent_that_starts_again_finds_out_that_it_runs(
    agent: LonelyAgent, engine: WrongEngine, clock: FakeClock
) -> None:
    first = container_of(agent)
    async with LonelyAgent(engine, clock, epoch=2) as another:
        engine.calls.clear()
        await another.obey(WEB)
        assert (told(another).state, container_of(another)) == (Attempt.RUNNING, first)
        assert engine.calls.keys() & {"remove", "create", "stop"} == set()


async def test_a_container_that_is_listed_as_created_ends_once_it_is_not_wanted(
    agent: LonelyAgent, engine: WrongEngine, clock: FakeClock
) -> None:
    await agent.watch.refresh()
    await agent.obey()
    await clock.advance(60)
    assert engine.containers() == []
