"""Endpoints that begin something long: who asks, and how long the answer waits for its end."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.types import Receive

from berth.api.endpoints.auth import CurrentUser, ServicesOf
from berth.api.http.responses import Json
from berth.api.presenters.deployments import show_deployment
from berth.api.requests.deployment_body import make_origin
from berth.api.schemas.deployments import OneDeployment
from berth.api.schemas.tasks import TaskAnswer, TaskStarted
from berth.api.services import Services
from berth.api.tasked import show_task
from berth.api.waiting import parse_wait, wait_closed
from berth.control.origin import Origin
from berth.domain.ids import TaskId
from berth.domain.records import Deployment, User
from berth.domain.report import ReportEntry


class Acting:
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
        Query(description="A time such as `30s`: the answer waits so long for the task's end."),
    ] = None,
) -> Acting:
    wait_s = 0.0 if wait is None else parse_wait(wait)
    return Acting(services, user, wait_s=wait_s, caller=request.receive)


#: For endpoints: raises Unreadable for a wait that is no time.
Acts = Annotated[Acting, Depends(_read_acting)]
