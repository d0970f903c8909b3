"""Executes tasks on containers and images, follows moves of hosts; closes what nobody executes."""

import asyncio
import logging
from collections import Counter

from berth.domain.calls import AgentCalls, ContainerAction
from berth.domain.errors import BerthError, CallFailed, HostAway, Unavailable
from berth.domain.ids import ContainerId, HostId, TaskId
from berth.domain.image_calls import FindLogin
from berth.domain.records import Actor, Task, TaskKind
from berth.domain.states import TaskStatus
from berth.reconcilers.defects import DEFECT, Defect, Defects, describe_failure
from berth.reconcilers.tasks.host_tasks import HOST_KINDS, HostTasks
from berth.reconcilers.tasks.image_tasks import ImageTasks, record_image_event
from berth.reconcilers.tasks.progress import record_progress
from berth.runtime.loop import Wakeup
from berth.store.draft import Draft
from berth.store.feed import Change
from berth.store.store import Store
from berth.store.task_log import begin_task, close_open_task

log = logging.getLogger(__name__)

#: At most this many actions of a kind run at once; further ones wait as Pending. Thus long pulls do
#: not hold up a stop.
MAX_AT_ONCE = 64
SWEEP_S = 10.0


class TaskExecutor:
    """Runs the open tasks on containers and images, each in its own asyncio task."""

    def __init__(
        self, store: Store, calls: AgentCalls, *, find_login: FindLogin = lambda image: None
    ) -> None:
        """``find_login`` finds the logins for images."""
        self._store = store
        self._calls = calls
        self._images = ImageTasks(
            calls, find_login=find_login, instance_id=store.memory.instance.id
        )
        self._hosts = HostTasks(store)
        self._defects = Defects(store, key="task_held", cannot="be carried on")
        self._running: dict[TaskId, asyncio.Task[None]] = {}
        self._under_way: Counter[TaskKind] = Counter()
        self._ending = False
        self.wakeup = Wakeup()
        self._unlisten = store.feed.listen(self._note)

    def _note(self, changes: list[Change]) -> None:
        if any(change.table in ("tasks", "assignments", "hosts") for change in changes):
            self.wakeup.set()

    async def close(self) -> None:
        """Stop executing; tasks under way fail at the manager's next start."""
        self._unlisten()
        self._ending = True
        for running in self._running.values():
            running.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def execute_open(self) -> str:
        """Start what waits, stop what was cancelled, close what has no executor.

        A task that cannot be carried on stays open, and holds up no other.
        """
        started = 0
        failed: dict[str, Defect] = {}
        for task in self._store.memory.tasks.find("open", value=True):
            try:
                started += await self._advance(task)
            except Unavailable:
                raise
            except DEFECT as failure:
                log.exception("task %s (%s) cannot be carried on", task.id, task.name)
                actor = Actor("task", task.id, task.name)
                failed[task.id] = Defect(actor, None, describe_failure(failure))
        await self._defects.settle_all(failed)
        return f"started {started} tasks" if started else ""

    async def _advance(self, task: Task) -> bool:
        """Bring an open task one step further; return whether it was started."""
        if task.kind in HOST_KINDS:
            await self._hosts.follow(task)
        elif task.kind in (TaskKind.CONTAINER, TaskKind.IMAGE):
            return await self._attend(task)
        elif not self._has_deployment(task):
            message = "the deployment no longer exists"
            await self._close(task.id, TaskStatus.FAILED, message=message)
        return False

    def _has_deployment(self, task: Task) -> bool:
        deployment = self._store.memory.deployments.get(task.subject)
        return deployment is not None and deployment.task_id == task.id

    async def _attend(self, task: Task) -> bool:
        running = self._running.get(task.id)
        if running is not None:
            if task.status is TaskStatus.CANCELLING:
                running.cancel()
            return False
        if task.status is TaskStatus.CANCELLING:
            await self._close(task.id, TaskStatus.CANCELLED, message="cancelled")
        elif task.status is TaskStatus.RUNNING or task.epoch != self._store.memory.instance.epoch:
            message = "the manager was restarted while this was running; its outcome is not known"
            await self._close(task.id, TaskStatus.FAILED, message=message)
        elif self._under_way[task.kind] < MAX_AT_ONCE:
            work = asyncio.create_task(self._execute(task))
            self._running[task.id] = work
            self._under_way[task.kind] += 1
            work.add_done_callback(lambda _: self._finished(task))
            return True
        return False

    def _finished(self, task: Task) -> None:
        self._running.pop(task.id, None)
        self._under_way[task.kind] -= 1
        self.wakeup.set()

    async def _execute(self, task: Task) -> None:
        try:
            await self._store.run(lambda draft: begin_task(draft, task.id))
            message = await self._carry_out(task)
        except asyncio.CancelledError:
            if self._ending:
                raise
            await self._close(task.id, TaskStatus.CANCELLED, message="cancelled")
        except (CallFailed, HostAway) as failure:
            await self._close(task.id, TaskStatus.FAILED, message=failure.message)
        except BerthError as failure:
            log.warning("task %s (%s) failed: %s", task.id, task.name, failure)
            await self._close(task.id, TaskStatus.FAILED, message=str(failure))
        except DEFECT as failure:
            log.exception("task %s (%s) failed", task.id, task.name)
            await self._close(task.id, TaskStatus.FAILED, message=describe_failure(failure))
        else:
            await self._store.run(lambda draft: _finish(draft, task.id, message=message))

    async def _carry_out(self, task: Task) -> str:
        """Carry the task out, and return what came of it."""
        if task.kind is TaskKind.IMAGE:
            return await self._images.carry_out(
                task,
                on_progress=lambda step: record_progress(self._store, task.id, progress=step),
            )
        await self._calls.act(
            HostId(task.host_id), ContainerId(task.subject), action=ContainerAction(task.action)
        )
        return "done"

    async def _close(self, task_id: TaskId, status: TaskStatus, *, message: str) -> None:
        await self._store.run(
            lambda draft: close_open_task(draft, task_id, status=status, message=message)
        )


def _finish(draft: Draft, task_id: TaskId, *, message: str) -> None:
    """Close a task that was carried out, and record what it did to an image."""
    close_open_task(draft, task_id, status=TaskStatus.DONE, message=message)
    task = draft.tasks.get(task_id)
    if task is not None and task.kind is TaskKind.IMAGE:
        record_image_event(draft, task)
