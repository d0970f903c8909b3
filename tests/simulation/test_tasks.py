"""Tasks: executed, cancelled, and closed when nobody executes them any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from berth.domain.calls import ContainerAction
from berth.domain.errors import CallFailed
from berth.domain.ids import ContainerId, HostId, TaskId
from berth.domain.image_calls import OnProgress
from berth.domain.images import Credentials
from berth.domain.records import Status, Task, TaskKind
from berth.domain.states import Severity, TaskStatus
from berth.reconcilers.retention import KEEP_TASKS, Retention
from berth.reconcilers.tasks.executor import MAX_AT_ONCE, TaskExecutor
from berth.store.draft import Draft
from berth.testing.agents import IdleAgents
from berth.testing.clock import settle
from simulation.manager_side import ManagerSide

#: A pass is made after that many seconds even if nothing asks for one.
RESYNC_S = 0.05


class Agents(IdleAgents):
    """Calls that end when the test says so."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, ContainerAction]] = []
        self.go_on = asyncio.Event()
        self.pulled = asyncio.Event()
        self.pulling = 0
        self.failure: CallFailed | None = None

    async def act(
        self, host_id: HostId, container_id: ContainerId, *, action: ContainerAction
    ) -> None:
        self.acts.append((container_id, action))
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure

    async def pull_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        self.pulling += 1
        await self.pulled.wait()


class Bench:
    """A store, agents, and the executor between them."""

    def __init__(self, side: ManagerSide) -> None:
        self.side = side
        self.store = side.store
        self.agents = Agents()
        self.executor = TaskExecutor(side.store, self.agents)

    async def open_task(self, task_id: str = "t1", **members: object) -> None:
        values: dict[str, object] = {
            "id": TaskId(task_id),
            "kind": TaskKind.CONTAINER,
            "name": f"stop container: {task_id}",
            "user": "admin",
            "created_at": 0.0,
            "subject": "c1",
            "action": "stop",
            "host_id": "h1",
            "epoch": self.store.memory.instance.epoch,
        }
        task = Task(**(values | members))  # type: ignore[arg-type]
        await self.store.run(lambda draft: draft.tasks.put(task))

    def task(self, task_id: str = "t1") -> Task:
        task = self.store.memory.tasks.get(task_id)
        assert task is not None
        return task

    def open_statuses(self, key: str) -> list[Status]:
        statuses = self.store.memory.statuses.values()
        return [each for each in statuses if each.event.key == key and not each.clear_event_id]

    async def until_closed(self, task_id: str = "t1") -> Task:
        await self.execute_until(lambda: self.task(task_id).status.closed)
        return self.task(task_id)

    async def execute_until(self, done: Callable[[], bool]) -> None:
        """Make a pass whenever the executor asks for one, as its loop does, until it is done."""
        async with asyncio.timeout(20):
            while not done():
                self.executor.wakeup.clear()
                await self.executor.execute_open()
                if not done():
                    await self.executor.wakeup.wait(RESYNC_S)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    side = await ManagerSide.open(tmp_path)
    bench = Bench(side)
    yield bench
    await bench.executor.close()
    await side.close()


async def test_a_task_on_a_container_is_carried_out_once(bench: Bench) -> None:
    await bench.open_task()
    bench.agents.go_on.set()
    task = await bench.until_closed()
    assert (task.status, task.percent) == (TaskStatus.DONE, 100)
    assert bench.agents.acts == [("c1", ContainerAction.STOP)]


async def test_a_failed_task_says_why_and_raises_an_error(bench: Bench) -> None:
    await bench.open_task()
    bench.agents.failure = CallFailed("it does not run", code="conflict")
    bench.agents.go_on.set()
    task = await bench.until_closed()
    assert (task.status, task.message) == (TaskStatus.FAILED, "it does not run")
    statuses = list(bench.store.memory.statuses.values())
    assert [s.event.severity for s in statuses] == [Severity.ERROR]


async def test_cancelling_a_task_stops_its_work(bench: Bench) -> None:
    await bench.open_task()
    await bench.executor.execute_open()
    await settle()

    def cancel(draft: Draft) -> None:
        task = msgspec.structs.replace(bench.task(), status=TaskStatus.CANCELLING)
        draft.tasks.put(task)

    await bench.store.run(cancel)
    assert (await bench.until_closed()).status is TaskStatus.CANCELLED


@pytest.mark.parametrize("status", [TaskStatus.PENDING, TaskStatus.RUNNING])
async def test_a_task_of_an_earlier_manager_ends_as_failed(
    bench: Bench, status: TaskStatus
) -> None:
    await bench.open_task(epoch=0, status=status)
    task = await bench.until_closed()
    assert task.status is TaskStatus.FAILED
    assert bench.agents.acts == []


async def test_a_task_of_a_deployment_that_is_gone_ends_as_failed(bench: Bench) -> None:
    await bench.open_task(kind=TaskKind.DEPLOY, subject="shop")
    assert (await bench.until_closed()).status is TaskStatus.FAILED


async def test_a_task_that_cannot_be_carried_on_holds_up_no_other(bench: Bench) -> None:
    drain = {"kind": TaskKind.DRAIN, "subject": "h1", "status": TaskStatus.CANCELLING}
    await bench.side.add_host("h1")
    await bench.open_task("broken", **drain, action="no duty of a host")
    await bench.open_task()
    bench.agents.go_on.set()
    assert (await bench.until_closed()).status is TaskStatus.DONE
    assert not bench.task("broken").status.closed
    (held,) = bench.open_statuses("task_held")
    assert "cannot be carried on: ValueError: 'no duty of a host'" in held.event.summary
    await bench.open_task("broken", **drain, action="active")
    await bench.executor.execute_open()
    await bench.executor.execute_open()
    assert bench.task("broken").status is TaskStatus.CANCELLED
    assert bench.open_statuses("task_held") == []


async def test_a_task_that_meets_a_defect_ends_with_its_words(bench: Bench) -> None:
    await bench.open_task(action="no action on a container")
    task = await bench.until_closed()
    assert task.status is TaskStatus.FAILED
    assert task.message.startswith("ValueError: 'no action on a container'")


async def test_only_the_last_tasks_are_kept_and_open_ones_always(bench: Bench) -> None:
    await bench.open_task("open", created_at=-1.0)
    for number in range(KEEP_TASKS + 5):
        await bench.open_task(f"t{number}", status=TaskStatus.DONE, created_at=float(number))
    await Retention(bench.store).drop_old()
    kept = {task.id for task in bench.store.memory.tasks.values()}
    assert len(kept) == KEEP_TASKS
    assert "open" in kept
    assert "t0" not in kept


async def test_long_pulls_hold_up_no_action_on_a_container(bench: Bench) -> None:
    for number in range(MAX_AT_ONCE + 1):
        await bench.open_task(f"p{number}", kind=TaskKind.IMAGE, action="pull", subject="app:1")
    await bench.execute_until(lambda: bench.agents.pulling == MAX_AT_ONCE)
    await bench.open_task()
    bench.agents.go_on.set()
    assert (await bench.until_closed()).status is TaskStatus.DONE
    assert bench.agents.pulling == MAX_AT_ONCE
    bench.agents.pulled.set()
    for number in range(MAX_AT_ONCE + 1):
        assert (await bench.until_closed(f"p{number}")).status is TaskStatus.DONE
