"""A manager whose data came from a copy that was taken while it ran."""

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from berth.domain.states import Severity
from berth.testing.builders import a_deployment
from simulation.fleet import SimulatedFleet


def copy_files(source: Path, target: Path) -> None:
    """Copy the database as a copy of its folder does, and as a snapshot of the disk does."""
    for path in source.glob("berth.db*"):
        shutil.copy(path, target / path.name)


def back_up(source: Path, target: Path) -> None:
    """Copy the database as SQLite does, without the log beside it."""
    with (
        contextlib.closing(sqlite3.connect(source / "berth.db")) as old,
        contextlib.closing(sqlite3.connect(target / "berth.db")) as new,
    ):
        old.backup(new)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    await run(fleet, "before")
    yield fleet
    await fleet.down()


async def run(fleet: SimulatedFleet, name: str) -> None:
    await fleet.put(a_deployment(name, quantities={"web": 2}))
    await fleet.until(lambda: fleet.settled(name), what=f"{name} runs")


def named(*deployments: str) -> Counter[str]:
    return Counter(f"{slot}.web.{each}" for each in deployments for slot in range(2))


def held(fleet: SimulatedFleet) -> set[str]:
    """Names of the hosts with an open status that says that they obey nothing."""
    return {
        status.event.actor.label
        for status in fleet.store.memory.statuses.values()
        if status.event.key == "host_held"
        and status.event.severity is Severity.CRITICAL
        and not status.clear_event_id
    }


@pytest.mark.parametrize("take_copy", [copy_files, back_up])
async def test_what_was_deployed_since_the_copy_stays_until_it_is_confirmed(
    fleet: SimulatedFleet, tmp_path: Path, take_copy: Callable[[Path, Path], None]
) -> None:
    aside = tmp_path / "copy"
    aside.mkdir()
    take_copy(fleet.folder, aside)
    await run(fleet, "since")
    await fleet.restore(aside)
    await fleet.until(lambda: held(fleet) == {"h1", "h2"}, what="both are held")
    assert fleet.running() == named("before", "since")
    assert fleet.manager is not None
    for host in fleet.hosts.values():
        await fleet.manager.dispatcher.agents.confirm(host.host.id)
    await fleet.until(lambda: fleet.running() == named("before"), what="the rest goes")
    await fleet.until(lambda: not held(fleet), what="the statuses are cleared")


async def test_a_second_copy_is_no_better_than_the_first(
    fleet: SimulatedFleet, tmp_path: Path
) -> None:
    aside = tmp_path / "copy"
    aside.mkdir()
    back_up(fleet.folder, aside)
    await fleet.restore(aside)
    await fleet.until(lambda: fleet.settled("before"))
    await run(fleet, "since")
    await fleet.restore(aside)
    await fleet.until(lambda: held(fleet) == {"h1", "h2"}, what="both are held")
    assert fleet.running() == named("before", "since")


async def test_a_copy_of_all_that_was_deployed_is_obeyed(
    fleet: SimulatedFleet, tmp_path: Path
) -> None:
    aside = tmp_path / "copy"
    aside.mkdir()
    back_up(fleet.folder, aside)
    await fleet.restore(aside)
    await run(fleet, "since")
    assert held(fleet) == set()
    assert fleet.running() == named("before", "since")


async def test_a_manager_that_is_killed_again_and_again_is_obeyed(fleet: SimulatedFleet) -> None:
    for number in range(3):
        await fleet.put(a_deployment(f"d{number}", quantities={"web": 2}))
        await fleet.kill_manager()
        await fleet.until(lambda number=number: fleet.settled(f"d{number}"))
        assert held(fleet) == set()
    assert fleet.running() == named("before", "d0", "d1", "d2")
