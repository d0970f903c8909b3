"""Task: cancellable long actions."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.listing.filters import Words, check_words, is_among
from berth.api.listing.pages import MAX_ITEMS, PageOf, Shape, answer_list, one_by_one
from berth.api.presenters.deployments import show_task
from berth.api.requests.task_request import parse_wait, wait_closed
from berth.api.schemas.tasks import ManyTasks, OneTask, TaskAnswer
from berth.control.tasks import cancel_task, get_task
from berth.domain.errors import NotFound
from berth.domain.records import Task
from berth.domain.states import TaskStatus
from berth.store.memory import Memory

endpoints = Endpoints("Task")


@endpoints.get("/api/v2/tasks/")
async def list_tasks(
    page: PageOf,
    services: ServicesOf,
    *,
    state: Words = None,
    user: Words = None,
    host: Words = None,
) -> Json[ManyTasks]:
    """List the newest tasks; ``state`` is the word or number of a status, ``host`` an id or name."""
    check_words(state, TaskStatus.__members__, field="state", numbers=TaskStatus)
    memory = services.store.memory
    tasks = [
        task
        for task in sorted(memory.tasks.values(), key=_age)[:MAX_ITEMS]
        if is_among(state, task.status.name, str(task.status.value))
        and is_among(user, task.user)
        and is_among(host, task.host_id, *_name_of(memory, task.host_id))
    ]
    shape = Shape(
        id_of=lambda task: task.id,
        render=one_by_one(partial(show_task, services)),
        kind=TaskAnswer,
        envelope="tasks",
        by_id=False,
    )
    return await answer_list(page, tasks, shape=shape)


@endpoints.get("/api/v2/tasks/{task_id}")
async def get_one_task(
    task_id: str,
    services: ServicesOf,
    *,
    request: Request,
    wait: Annotated[str | None, Query()] = None,
) -> Json[OneTask]:
    """Return a task; with `wait=30s` as soon as it is closed, or after that time as it is."""
    wait_s = parse_wait(wait) if wait is not None else 0.0
    task = get_task(services.store.memory.tasks, task_id)
    if wait_s:
        task = await wait_closed(services.store, task, wait_s=wait_s, caller=request.receive)
    return Json(OneTask(show_task(services, task)))


@endpoints.post("/api/v2/tasks/{task_id}/{action}")
async def act_on_task(task_id: str, action: str, services: ServicesOf) -> Json[OneTask]:
    """Act on a task; the one action is ``cancel``."""
    if action != "cancel":
        raise NotFound(f"tasks have no action {action!r}", code="unknown_action")
    task = await services.commands.run(lambda draft: cancel_task(draft, task_id))
    return Json(OneTask(show_task(services, task)))


def _name_of(memory: Memory, host_id: str) -> list[str]:
    """Return the name of a host; nothing for one that is gone, and for the manager."""
    host = memory.hosts.get(host_id)
    return [] if host is None else [host.name]


def _age(task: Task) -> tuple[float, str]:
    """Sort the newest first."""
    return -task.created_at, task.id
