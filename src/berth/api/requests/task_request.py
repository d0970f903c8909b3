"""Endpoints that begin something long: who asks, and how long the answer waits for its end."""

import asyncio
import re
from typing import Annotated, Final

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.types import Receive

from berth.api.endpoints.auth import CurrentUser, ServicesOf
from berth.api.http.responses import Json
from berth.api.http.sse import wait_for_hang_up
from berth.api.presenters.deployments import show_deployment, show_task
from berth.api.requests.deployment_body import make_origin
from berth.api.schemas.deployments import OneDeployment
from berth.api.schemas.tasks import TaskAnswer, TaskStarted
from berth.api.services import Services
from berth.domain.errors import Unreadable
from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.records import Deployment, Task, User
from berth.domain.report import ReportEntry
from berth.runtime.aio import run_until_first
from berth.store.feed import Change
from berth.store.store import Store

#: Longest wait that a caller may ask for.
MAX_WAIT_S: Final = 600.0
_WAIT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class TaskRequest:
    """A request for something that a task follows."""

    def __init__(self, services: Services, user: User, *, wait_s: float, caller: Receive) -> None:
        self.services = services
        self.origin: Origin = make_origin(user)
        self._wait_s = wait_s
        self._caller = caller

    async def wait(self, task_id: TaskId) -> TaskAnswer | None:
        """Wait for the end of a task as long as was asked for; none when nothing was asked."""
        task = self.services.store.memory.tasks.get(task_id)
        if not self._wait_s or task is None:
            return None
        closed = await wait_closed(
            self.services.store, task, wait_s=self._wait_s, caller=self._caller
        )
        return show_task(self.services, closed)

    async def answer(self, task_id: TaskId) -> Json[TaskStarted]:
        """Answer with the task, as it ended when that was waited for."""
        return Json(TaskStarted.make(task_id, await self.wait(task_id)))

    async def answer_deployment(
        self,
        deployment: Deployment,
        *,
        task_id: TaskId | None = None,
        report: tuple[ReportEntry, ...] = (),
    ) -> Json[OneDeployment]:
        """Answer with a deployment, as it is after what was asked for, where that was waited for.

        ``task_id`` names a task that was under way before; else it is that of the request.
        ``report`` is what of the request has no effect, or another than the one written.
        """
        await self.wait(task_id or self.origin.task_id)
        now = self.services.store.memory.deployments.get(deployment.id) or deployment
        return Json(OneDeployment(show_deployment(self.services, now), report))


async def _read_acting(
    services: ServicesOf,
    user: CurrentUser,
    *,
    request: Request,
    wait: Annotated[
        str | None,
        Query(
            description="A time such as `30s`: the longest wait for the task's end before the answer."
        ),
    ] = None,
) -> TaskRequest:
    wait_s = 0.0 if wait is None else parse_wait(wait)
    return TaskRequest(services, user, wait_s=wait_s, caller=request.receive)


#: For endpoints: raises Unreadable for a wait that is no time.
TaskRequestOf = Annotated[TaskRequest, Depends(_read_acting)]


def parse_wait(text: str) -> float:
    """Read a wait such as ``30s``, ``500ms``, ``2m`` or ``30`` seconds; raises Unreadable."""
    found = _WAIT.fullmatch(text)
    wait_s = float(found[1]) * _UNITS[found[2] or "s"] if found else -1.0
    if not 0 <= wait_s <= MAX_WAIT_S:
        raise Unreadable(
            f"wait must be a time from 0s to {MAX_WAIT_S:.0f}s, for example 30s",
            code="invalid_query",
            field="wait",
        )
    return wait_s


async def wait_closed(store: Store, task: Task, *, wait_s: float, caller: Receive) -> Task:
    """Return a task when it is closed, or as it is when the time is over or the caller is gone."""
    ended = asyncio.Event()

    def note(changes: list[Change]) -> None:
        if any(change.table == "tasks" and change.key == task.id for change in changes):
            now = store.memory.tasks.get(task.id)
            if now is None or now.status.closed:
                ended.set()

    unlisten = store.feed.listen(note)
    try:
        if not task.status.closed:
            async with asyncio.timeout(wait_s):
                await run_until_first(ended.wait(), wait_for_hang_up(caller))
    except TimeoutError:
        pass
    finally:
        unlisten()
    return store.memory.tasks.get(task.id) or task
