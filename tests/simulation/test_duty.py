"""Hosts that are drained, moved and removed, with agents on simulated engines."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.control.hosts.duty import drain_host
from berth.control.hosts.membership import delete_host, move_host
from berth.control.tasks import cancel_task
from berth.domain.ids import PoolId, TaskId
from berth.domain.origin import Origin
from berth.domain.records import Pool, Task
from berth.domain.spec import MountSpec
from berth.domain.states import Duty, HostState, TaskStatus
from berth.runtime.ids import new_uuid
from berth.testing.builders import a_deployment, a_service
from simulation.fleet import SimulatedFleet


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    yield fleet
    await fleet.down()


def an_origin() -> Origin:
    return Origin(user="admin", task_id=TaskId(new_uuid()))


async def drain(fleet: SimulatedFleet, host: str) -> str:
    """Drain a host and give the task."""
    origin = an_origin()
    task = await fleet.store.run(lambda draft: drain_host(draft, host, origin=origin))
    return task.id


def task_of(fleet: SimulatedFleet, task_id: str) -> Task:
    task = fleet.store.memory.tasks.get(task_id)
    assert task is not None
    return task


async def until_closed(fleet: SimulatedFleet, task_id: str) -> Task:
    await fleet.until(lambda: task_of(fleet, task_id).status.closed, what="the task closes")
    return task_of(fleet, task_id)


def message_of(fleet: SimulatedFleet, task_id: str) -> str:
    progress = fleet.store.memory.planned.progress.get(TaskId(task_id))
    return progress.message if progress is not None else ""


async def test_a_drained_host_is_emptied_without_a_gap(fleet: SimulatedFleet) -> None:
    await fleet.put(a_deployment(quantities={"web": 4}))
    await fleet.until(lambda: fleet.settled("shop"))
    task_id, fewest = await drain(fleet, "h1"), 4
    async with asyncio.timeout(20):
        while not task_of(fleet, task_id).status.closed:  # looks at every turn
            fewest = min(fewest, len({*fleet.running()}))
            await asyncio.sleep(0.005)
    assert (task_of(fleet, task_id).status, task_of(fleet, task_id).message) == (
        TaskStatus.DONE, "no containers are left on it",
    )  # fmt: skip
    assert fewest == 4
    assert [len(host.running()) for host in fleet.hosts.values()] == [0, 4]


async def test_a_volume_stays_and_the_task_says_so(fleet: SimulatedFleet) -> None:
    mounts = (MountSpec(kind="volume", source="data", target="/data"),)
    await fleet.put(a_deployment(services=[a_service("db", mounts=mounts), a_service("web")]))
    await fleet.until(lambda: fleet.settled("shop"))
    home = next(row.hostname for row in fleet.rows("shop") if row.service == "db")
    await fleet.until(lambda: bool(list(fleet.store.memory.volume_homes.values())))
    task = await until_closed(fleet, await drain(fleet, home))
    assert task.status is TaskStatus.DONE
    assert (
        task.message
        == "all containers have left but those whose volumes are on this host: db of shop"
    )
    assert fleet.hosts[home].running() == ["0.db.shop"]


async def test_a_drain_that_finds_no_room_waits_and_can_be_cancelled(
    fleet: SimulatedFleet,
) -> None:
    await drain(fleet, "h2")
    await fleet.put(a_deployment())
    await fleet.until(lambda: fleet.settled("shop"))
    task_id = await drain(fleet, "h1")
    await fleet.until(lambda: "1 container is left" in message_of(fleet, task_id))
    assert fleet.hosts["h1"].running() == ["0.web.shop"]
    await fleet.store.run(lambda draft: cancel_task(draft, task_id))
    task = await until_closed(fleet, task_id)
    assert (task.status, task.message) == (
        TaskStatus.CANCELLED, "cancelled; the host is active again",
    )  # fmt: skip
    host = fleet.store.memory.hosts.get("h1")
    assert host is not None
    assert host.duty is Duty.ACTIVE


async def test_a_drain_goes_on_with_the_next_manager(fleet: SimulatedFleet) -> None:
    await fleet.put(a_deployment(quantities={"web": 2}))
    await fleet.until(lambda: fleet.settled("shop"))
    task_id = await drain(fleet, "h1")
    await fleet.restart_manager()
    assert (await until_closed(fleet, task_id)).status is TaskStatus.DONE
    assert fleet.hosts["h1"].running() == []


async def test_a_busy_host_that_moves_is_replaced_in_its_old_pool(fleet: SimulatedFleet) -> None:
    await fleet.store.run(lambda d: d.pools.put(Pool(id=PoolId("lab"), name="lab")))
    await fleet.put(a_deployment(quantities={"web": 4}))
    await fleet.until(lambda: fleet.settled("shop"))
    origin = an_origin()
    await fleet.store.run(lambda d: move_host(d, "h1", pool_id="lab", origin=origin))
    task = await until_closed(fleet, origin.task_id)
    assert task.message == "no containers of other pools are left on it"
    await fleet.until(lambda: fleet.settled("shop"))
    assert [len(host.running()) for host in fleet.hosts.values()] == [0, 4]


async def test_a_removed_host_leaves_nothing_behind(fleet: SimulatedFleet) -> None:
    await fleet.put(a_deployment(quantities={"web": 2}))
    await fleet.until(lambda: fleet.settled("shop"))
    await fleet.hosts["h1"].stop_agent()
    await fleet.until(lambda: fleet.state("h1") is HostState.INACTIVE)
    await fleet.store.run(lambda draft: delete_host(draft, "h1", origin=an_origin()))
    await fleet.until(lambda: fleet.settled("shop"))
    await fleet.until(lambda: not fleet.store.fleet.assignments_on(fleet.hosts["h1"].host.id))
    assert "h1" not in fleet.store.memory.observed.inventory
    assert {row.hostname for row in fleet.rows("shop")} == {"h2"}
