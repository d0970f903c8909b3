"""A whole agent against a manager in the test's hand, on a simulated engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.domain.states import Attempt
from berth.testing.builders_agent import an_assignment
from berth.testing.engine import SimulatedEngine
from simulation.agent_side import FakeManager, RunningAgent, until


@pytest.fixture
async def manager() -> AsyncIterator[FakeManager]:
    manager = await FakeManager().start()
    yield manager
    await manager.stop()


@pytest.fixture
def engine() -> SimulatedEngine:
    return SimulatedEngine("host-1")


async def test_an_agent_joins_and_runs_what_is_assigned(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = an_assignment("a1")
    async with RunningAgent(manager, engine, tmp_path):
        await manager.until_running("a1")
    assert manager.joins[0].facts.engine_id == "SIM:host-1"
    assert [one.name for one in await engine.list_containers()] == ["0.web.shop"]


async def test_a_killed_container_is_replaced(
    manager: FakeManager, engine: SimulatedEngine, tmp_path: Path
) -> None:
    manager.assignments["a1"] = an_assignment("a1")
    async with RunningAgent(manager, engine, tmp_path):
        await manager.until_running("a1")
        first = manager.report("a1").container_id
        await engine.kill(first)
        await manager.until_running("a1", attempt=2)
    assert manager.report("a1").container_id != first
    assert len(await engine.list_containers()) == 1
