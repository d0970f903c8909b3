"""Containers that fail again and again: what is counted, told and kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.domain.ids import ContainerId, DeploymentId
from berth.domain.records import Event, Status
from berth.domain.settings import Settings
from berth.domain.states import Attempt
from berth.store.draft import Draft
from berth.testing.builders import a_deployment, a_service
from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.clock import FakeClock
from berth.testing.engine import Behaviour, SimulatedEngine
from simulation.agent_told import container_of, told
from simulation.fleet import SimulatedFleet


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    yield fleet
    await fleet.down()


def failures_of(fleet: SimulatedFleet) -> list[Event]:
    return [e for e in fleet.store.memory.events.values() if e.key == "container_failed"]


def status_of(fleet: SimulatedFleet) -> Status | None:
    statuses = fleet.store.memory.statuses.values()
    return next((each for each in statuses if each.event.key == "container_failed"), None)


def count(fleet: SimulatedFleet) -> int:
    status = status_of(fleet)
    return status.count if status is not None else 0


async def test_a_crash_loop_is_one_event_with_a_count(fleet: SimulatedFleet) -> None:
    fleet.registry.publish("example/failing:1", Behaviour(exit_code=3))
    await fleet.put(a_deployment(services=[a_service(image="example/failing:1")]))
    await fleet.until(lambda: count(fleet) >= 4, what="it fails some times")
    events = len(fleet.store.memory.events)
    failed = count(fleet)
    await fleet.until(lambda: count(fleet) >= failed + 8, what="it goes on")
    grown = len(fleet.store.memory.events) - events
    assert grown <= 12, f"eight attempts made {grown} more events"
    assert len(failures_of(fleet)) <= 3
    status = status_of(fleet)
    assert status is not None
    assert not status.clear_event_id
    assert "times in a row" in status.event.summary


async def test_the_failures_of_a_slot_are_counted_over_moves(fleet: SimulatedFleet) -> None:
    fleet.registry.publish("example/failing:1", Behaviour(exit_code=3))
    await fleet.put(a_deployment(services=[a_service(image="example/failing:1")]))

    def moved() -> bool:
        assignments = fleet.store.fleet.assignments_of(DeploymentId("shop"))
        return any(each.failures >= 5 for each in assignments)

    await fleet.until(moved, what="it moves, and the count with it")


async def test_the_status_of_a_failed_slot_is_cleared_after_it_ran_well(
    fleet: SimulatedFleet,
) -> None:
    def reset_later(draft: Draft) -> None:
        draft.settings = msgspec.structs.replace(draft.settings, backoff_reset_s=2.0)

    await fleet.store.run(reset_later)
    await fleet.put(a_deployment())
    await fleet.until(lambda: fleet.settled("shop"))
    (row,) = fleet.rows("shop")
    fleet.hosts[row.hostname].engine.exit(ContainerId(row.container_id), 1)
    await fleet.until(lambda: count(fleet) == 1)
    await fleet.until(lambda: fleet.settled("shop"), what="its successor runs")
    status = status_of(fleet)
    assert status is not None
    assert not status.clear_event_id, "it has only begun to run"
    await fleet.until(lambda: bool((s := status_of(fleet)) and s.clear_event_id))


async def test_waits_go_on_growing_where_the_slot_failed_elsewhere(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    settings = Settings(backoff_first_s=1.0, backoff_max_s=60.0)
    async with LonelyAgent(engine, clock, settings=settings) as agent:
        await agent.obey(msgspec.structs.replace(an_assignment("a1"), failures=6))
        engine.exit(container_of(agent), 1)
        await agent.quiet()
        assert told(agent).state is Attempt.ENDED, "it is not made again at once"
        await clock.advance(31)
        assert told(agent).attempt == 1
        await clock.advance(2)
        assert told(agent).attempt == 2
