"""Tasks over HTTP: how far they are, and waiting for their end."""

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest

from berth.domain.observed import TaskProgress
from berth.domain.records import Task
from berth.domain.states import TaskStatus
from berth.store.draft import Draft
from berth.testing.clock import settle
from integration.api_bed import Bed
from integration.served import serve

#: Longest time for something that takes no time.
SOON_S = 10.0

TEXT = "version: 2\nservices:\n  web:\n    image: nginx\n"


async def begin(bed: Bed) -> str:
    """Begin a pull and give the path of its task."""
    await bed.add_host("h1")
    answer = await bed.post("/api/v2/images/redis/hosts/h1/pull")
    return f"/api/v2/tasks/{answer['task_id']}"


async def close(bed: Bed) -> None:
    """Close the one task, as its executor does."""

    def command(draft: Draft) -> None:
        [task] = draft.tasks.values()
        draft.tasks.put(
            msgspec.structs.replace(
                task, status=TaskStatus.DONE, message="pulled", percent=100, closed_at=draft.now
            )
        )

    await bed.store.run(command)


async def until_a_task_is_open(bed: Bed) -> None:
    """Wait until the feed has told of a task."""
    opened = asyncio.Event()
    unlisten = bed.store.feed.listen(
        lambda changes: opened.set() if any(c.table == "tasks" for c in changes) else None
    )
    async with asyncio.timeout(SOON_S):
        await opened.wait()
    unlisten()
    await settle()


async def ask(bed: Bed, path: str) -> Any:
    """Read a task, within a deadline."""
    async with asyncio.timeout(SOON_S):
        return (await bed.get(path))["Task"]


async def test_a_task_tells_what_it_does_and_what_it_is_about(bed: Bed) -> None:
    made = await bed.deploy()
    (task,) = (await bed.get("/api/v2/tasks/"))["tasks"]
    assert (task["Kind"], task["Subject"], task["Generation"]) == ("deploy", "myapp", 1)
    assert made["task_id"] == task["ID"]
    pull = (await bed.get(await begin(bed)))["Task"]
    assert (pull["Kind"], pull["Subject"], pull["Generation"]) == ("image", "redis:latest", 0)


async def test_an_open_task_shows_how_far_it_is(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    path = await begin(fresh_bed)
    [task] = fresh_bed.store.memory.tasks.values()
    assert isinstance(task, Task)
    fresh_bed.store.memory.planned.progress[task.id] = TaskProgress(40, "pulling redis: 2 of 5")
    shown = await ask(fresh_bed, path)
    assert (shown["Percent"], shown["Message"]) == (40, "pulling redis: 2 of 5")
    assert (shown["Name"], shown["User"]) == ("pull image: redis:latest", "admin")


async def test_a_wait_ends_with_the_task(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    path = await begin(fresh_bed)
    waiting = asyncio.create_task(ask(fresh_bed, f"{path}?wait=10m"))
    await settle(50)
    await close(fresh_bed)
    shown = await waiting
    assert (shown["Status"], shown["Percent"], shown["Message"]) == (4, 100, "pulled")


@pytest.mark.parametrize("wait", ["0", "50ms", "0.05s", "0.001m"])
async def test_a_wait_ends_with_its_time(bed: Bed, wait: str) -> None:
    path = await begin(bed)
    assert (await ask(bed, f"{path}?wait={wait}"))["Status"] == 0


async def test_a_wait_for_a_closed_task_ends_at_once(bed: Bed) -> None:
    path = await begin(bed)
    await close(bed)
    assert (await ask(bed, f"{path}?wait=10m"))["Status"] == 4


@pytest.mark.parametrize("wait", ["", "soon", "-1s", "601s", "1h", "1e9", "٣s"])
async def test_a_bad_wait_is_refused(bed: Bed, wait: str) -> None:
    path = await begin(bed)
    assert await bed.refused("GET", f"{path}?wait={wait}") == (400, "invalid_query", "wait")


async def test_a_wait_for_an_unknown_task_ends_at_once(bed: Bed) -> None:
    refused = await bed.refused("GET", "/api/v2/tasks/nope?wait=10s")
    assert refused == (404, "unknown_task", "")


async def test_an_action_answers_when_its_task_has_ended(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    await fresh_bed.add_host("h1")
    pull = fresh_bed.post("/api/v2/images/redis/hosts/h1/pull?wait=10m")
    waiting = asyncio.create_task(pull)
    await until_a_task_is_open(fresh_bed)
    assert not waiting.done()
    await close(fresh_bed)
    async with asyncio.timeout(SOON_S):
        answer = await waiting
    assert (answer["task"]["ID"], answer["task"]["Status"]) == (answer["task_id"], 4)
    assert answer["task"]["Message"] == "pulled"


async def test_a_deployment_is_answered_as_it_is_after_its_task(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    body = {"deployment_id": "myapp", "stack": {"content": TEXT}}
    made = fresh_bed.post("/api/v2/deployments/?wait=10m", json=body)
    waiting = asyncio.create_task(made)
    await until_a_task_is_open(fresh_bed)
    assert not waiting.done()

    def rename(draft: Draft) -> None:
        deployment = draft.deployments.get("myapp")
        assert deployment is not None
        draft.deployments.put(msgspec.structs.replace(deployment, name="meanwhile"))

    await fresh_bed.store.run(rename)
    await close(fresh_bed)
    async with asyncio.timeout(SOON_S):
        assert (await waiting)["deployment"]["deployment_name"] == "meanwhile"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/deployments/"),
        ("POST", "/api/v2/deployments/myapp/stop"),
        ("POST", "/api/v2/images/redis/hosts/h1/pull"),
        ("DELETE", "/api/v2/containers/abc"),
    ],
)
async def test_an_action_with_a_bad_wait_is_not_begun(bed: Bed, method: str, path: str) -> None:
    refused = await bed.refused(method, f"{path}?wait=soon")
    assert refused == (400, "invalid_query", "wait")
    assert not list(bed.store.memory.tasks.values())


async def test_without_a_wait_an_action_answers_at_once(bed: Bed) -> None:
    await bed.add_host("h1")
    answer = await bed.post("/api/v2/images/redis/hosts/h1/pull")
    assert list(answer) == ["task_id"]
    answer = await bed.post("/api/v2/images/redis/hosts/h1/pull?wait=1ms")
    assert answer["task"]["Status"] == 0


async def test_a_wait_ends_when_its_caller_is_gone(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    path = await begin(fresh_bed)
    listeners = fresh_bed.store.feed._listeners  # what would be left behind
    before = len(listeners)
    headers = {"Authorization": f"Bearer {fresh_bed.bearer}"}
    async with serve(fresh_bed) as address, aiohttp.ClientSession(headers=headers) as http:
        get = asyncio.create_task(http.get(f"http://{address}{path}?wait=10m"))
        pull = asyncio.create_task(
            http.post(f"http://{address}/api/v2/images/app/hosts/h1/pull?wait=10m")
        )
        async with asyncio.timeout(SOON_S):
            while len(listeners) < before + 2:  # noqa: ASYNC110 - they set no event
                await asyncio.sleep(0.01)
            get.cancel()
            pull.cancel()
            while len(listeners) > before:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_repeated_request_is_under_way_while_the_first_one_waits(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    await fresh_bed.add_host("h1")
    path, key = "/api/v2/images/redis/hosts/h1/pull?wait=10m", {"Idempotency-Key": "k"}
    first = asyncio.create_task(fresh_bed.post(path, headers=key))
    await until_a_task_is_open(fresh_bed)
    refused = await fresh_bed.refused("POST", path, headers=key)
    assert refused[:2] == (409, "request_under_way")
    await close(fresh_bed)
    assert (await first)["task"]["Message"] == "pulled"
