"""An agent without a manager, on a simulated engine in virtual time."""

from collections.abc import AsyncIterator

import pytest

from berth.testing.builders_agent import LonelyAgent
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def engine(clock: FakeClock) -> SimulatedEngine:
    return SimulatedEngine("host-1", clock=clock)


@pytest.fixture
async def agent(engine: SimulatedEngine, clock: FakeClock) -> AsyncIterator[LonelyAgent]:
    async with LonelyAgent(engine, clock) as agent:
        yield agent
