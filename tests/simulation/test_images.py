"""Images from end to end: tasks, their progress and their ends, logins for pulls, lists of hosts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.control.images.actions import ImageTaskRequest, request_image
from berth.control.tasks import cancel_task
from berth.domain.ids import HostId, TaskId
from berth.domain.image_calls import ImageAction
from berth.domain.images import Credentials
from berth.domain.origin import Origin
from berth.domain.records import Task
from berth.domain.spec import ContainerSpec
from berth.domain.states import TaskStatus
from berth.testing.builders import a_deployment, a_service
from simulation.fleet import SimulatedFleet, SimulatedHost

IMAGE = "reg.test/app:1"
LOGIN = Credentials("captain", "s3cret", "reg.test")


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=1)
    yield fleet
    await fleet.down()


def host_of(fleet: SimulatedFleet) -> SimulatedHost:
    return fleet.hosts["h1"]


async def begin(
    fleet: SimulatedFleet,
    action: ImageAction,
    *,
    image: str = IMAGE,
    target: str = "",
    spec: ContainerSpec | None = None,
) -> TaskId:
    """Ask for an action and give the id of its task."""
    wish = ImageTaskRequest(action=action, image=image, target=target, spec=spec)
    origin = Origin(user="admin", task_id=TaskId(f"{action.value}-{image}-{target}"))
    command = await fleet.store.run(
        lambda draft: request_image(draft, HostId("h1"), wish=wish, origin=origin)
    )
    return command.id


def task_of(fleet: SimulatedFleet, task_id: TaskId) -> Task:
    task = fleet.store.memory.tasks.get(task_id)
    assert task is not None
    return task


async def until_closed(fleet: SimulatedFleet, task_id: TaskId) -> Task:
    await fleet.until(lambda: task_of(fleet, task_id).status.closed, what=f"{task_id} closes")
    return task_of(fleet, task_id)


def names(fleet: SimulatedFleet) -> set[str]:
    """Return the names of the host's images, as the manager knows them."""
    listed = fleet.store.memory.observed.images.get(HostId("h1"), {})
    return {name for image in listed.values() for name in image.names}


async def until_half(fleet: SimulatedFleet, task_id: TaskId) -> None:
    def is_half() -> bool:
        reached = fleet.store.memory.planned.progress.get(task_id)
        return reached is not None and reached.percent == 50

    await fleet.until(is_half, what="half of it is done")


async def test_the_manager_lists_the_images_that_an_engine_has(fleet: SimulatedFleet) -> None:
    engine = host_of(fleet).engine
    await engine.pull(IMAGE)
    await fleet.until(lambda: names(fleet) == {IMAGE}, what="the image is listed")
    await engine.tag_image(IMAGE, "app:2")
    await fleet.until(lambda: names(fleet) == {IMAGE, "app:2"}, what="the new name is listed")
    engine.remove_image_by_hand(IMAGE)
    await fleet.until(lambda: names(fleet) == set(), what="the image is gone")


async def test_images_are_known_again_after_a_restart_of_the_manager(
    fleet: SimulatedFleet,
) -> None:
    await host_of(fleet).engine.pull(IMAGE)
    await fleet.until(lambda: names(fleet) == {IMAGE})
    await fleet.restart_manager()
    await fleet.until(lambda: names(fleet) == {IMAGE}, what="the image is listed again")


async def test_an_image_is_pulled_tagged_pushed_and_removed(fleet: SimulatedFleet) -> None:
    new = "reg.test/app:2"
    for action, target, said, listed in (
        (ImageAction.PULL, "", f"pulled image {IMAGE}", {IMAGE}),
        (ImageAction.TAG, new, f"tagged image {IMAGE} as {new}", {IMAGE, new}),
        (ImageAction.PUSH, "", f"pushed image {IMAGE}", {IMAGE, new}),
        (ImageAction.REMOVE, "", f"removed image {IMAGE}", {new}),
    ):
        task = await until_closed(fleet, await begin(fleet, action, target=target))
        assert (task.status, task.percent, task.message) == (TaskStatus.DONE, 100, said)
        assert names(fleet) == listed, f"{action} is done, so the list says it"
    told = [event for event in fleet.store.memory.events.values() if event.actor.type == "image"]
    assert [(event.key, event.summary) for event in told] == [
        ("image_pulled", f"pulled image {IMAGE} on h1"),
        ("image_removed", f"removed image {IMAGE} on h1"),
    ]


async def test_a_pull_and_a_push_use_the_login(fleet: SimulatedFleet) -> None:
    fleet.registry.require_login(IMAGE, username=LOGIN.username, password=LOGIN.password)
    refused = await until_closed(fleet, await begin(fleet, ImageAction.PULL))
    assert (refused.status, "pull access denied" in refused.message) == (TaskStatus.FAILED, True)
    fleet.logins[IMAGE] = LOGIN
    for action in (ImageAction.PULL, ImageAction.PUSH):
        task = await until_closed(fleet, await begin(fleet, action))
        assert task.status is TaskStatus.DONE, task.message


async def test_a_private_image_of_a_deployment_is_pulled_with_its_login(
    fleet: SimulatedFleet,
) -> None:
    fleet.registry.require_login(IMAGE, username=LOGIN.username, password=LOGIN.password)
    fleet.logins[IMAGE] = LOGIN
    await fleet.put(a_deployment(services=(a_service(image=IMAGE),)))
    await fleet.until(lambda: fleet.settled("shop"), what="the private image runs")
    saved = list((host_of(fleet).folder).rglob("*"))
    assert saved
    assert not any(LOGIN.password.encode() in f.read_bytes() for f in saved if f.is_file())


async def test_the_progress_of_a_pull_is_told_while_it_lasts(fleet: SimulatedFleet) -> None:
    host_of(fleet).engine.latencies["pull"] = 1.5
    task_id = await begin(fleet, ImageAction.PULL)
    await until_half(fleet, task_id)
    assert fleet.store.memory.planned.progress[task_id].message.startswith("pulling ")
    assert (await until_closed(fleet, task_id)).status is TaskStatus.DONE


async def test_a_cancelled_pull_ends_on_the_host(fleet: SimulatedFleet) -> None:
    engine = host_of(fleet).engine
    engine.latencies["pull"] = 1.5
    task_id = await begin(fleet, ImageAction.PULL)
    await until_half(fleet, task_id)
    await fleet.store.run(lambda draft: cancel_task(draft, task_id))
    assert (await until_closed(fleet, task_id)).status is TaskStatus.CANCELLED
    engine.latencies["pull"] = 0.0
    await engine.pull("reg.test/later:1")
    await fleet.until(lambda: names(fleet) == {"reg.test/later:1"}, what="only the later image")


async def test_a_task_fails_when_its_host_goes_away(fleet: SimulatedFleet) -> None:
    host_of(fleet).engine.latencies["pull"] = 60.0
    task_id = await begin(fleet, ImageAction.PULL)
    await fleet.until(lambda: task_of(fleet, task_id).status is TaskStatus.RUNNING)
    host_of(fleet).wire.cut = True
    task = await until_closed(fleet, task_id)
    assert (task.status, "went away" in task.message) == (TaskStatus.FAILED, True)


async def test_a_task_fails_when_its_manager_was_restarted(fleet: SimulatedFleet) -> None:
    host_of(fleet).engine.latencies["pull"] = 60.0
    task_id = await begin(fleet, ImageAction.PULL)
    await fleet.until(lambda: task_of(fleet, task_id).status is TaskStatus.RUNNING)
    await fleet.restart_manager()
    task = await until_closed(fleet, task_id)
    assert (task.status, "restarted" in task.message) == (TaskStatus.FAILED, True)


async def test_a_container_run_from_an_image_is_nobodys_to_heal(fleet: SimulatedFleet) -> None:
    spec = ContainerSpec(image=IMAGE)
    task_id = await begin(fleet, ImageAction.RUN, target="mine", spec=spec)
    task = await until_closed(fleet, task_id)
    [container] = host_of(fleet).engine.containers()
    assert task.message == f"started container mine ({container.id[:12]})"
    assert (container.name, container.running) == ("mine", True)
    assert container.labels["berth.image"] == IMAGE
    assert container.labels["berth.assignment"] == ""
    host_of(fleet).engine.exit(container.id, 1)
    await host_of(fleet).engine.pull("reg.test/later:1")
    await fleet.until(lambda: "reg.test/later:1" in names(fleet))
    [again] = host_of(fleet).engine.containers()
    assert (again.id, again.running) == (container.id, False)


async def test_a_run_is_done_when_the_manager_lists_the_container(fleet: SimulatedFleet) -> None:
    task_id = await begin(fleet, ImageAction.RUN, target="mine", spec=ContainerSpec(image=IMAGE))
    await until_closed(fleet, task_id)
    [container] = host_of(fleet).engine.containers()
    listed = fleet.store.memory.observed.inventory[HostId("h1")]
    assert listed[container.id].container.running


async def test_a_container_that_cannot_start_is_not_left_behind(fleet: SimulatedFleet) -> None:
    spec = ContainerSpec(image=IMAGE, command=("/no/such",))
    task_id = await begin(fleet, ImageAction.RUN, target="mine", spec=spec)
    task = await until_closed(fleet, task_id)
    assert (task.status, "no such file" in task.message) == (TaskStatus.FAILED, True)
    assert host_of(fleet).engine.containers() == []


async def test_a_run_uses_the_image_that_is_there_when_the_registry_is_away(
    fleet: SimulatedFleet,
) -> None:
    host_of(fleet).engine.add_image(IMAGE)
    fleet.registry.refuse(IMAGE, "the registry is away")
    spec = ContainerSpec(image=IMAGE)
    task = await until_closed(fleet, await begin(fleet, ImageAction.RUN, target="mine", spec=spec))
    assert task.status is TaskStatus.DONE
