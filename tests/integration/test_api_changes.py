"""Changes of a deployment over HTTP, and the tasks that follow them."""

from typing import Any

import pytest

from integration.api_bed import TWO, Bed

PATH = "/api/v2/deployments/myapp"


async def change(bed: Bed, **members: Any) -> Any:
    """Change the deployment ``myapp`` and give it."""
    return (await bed.put(PATH, json=members))["deployment"]


async def tasks(bed: Bed) -> dict[str, tuple[str, str]]:
    """Return status and message of each task by its name."""
    listed = (await bed.get("/api/v2/tasks/"))["tasks"]
    return {task["Name"]: (task["StatusDescription"], task["Message"]) for task in listed}


async def test_missing_members_keep_their_value(bed: Bed) -> None:
    made = await bed.deploy(quantities={"web": 3})
    named = await change(bed, deployment_name="My App")
    kept = ("quantities", "placement", "stack", "desired_state")
    assert {name: named[name] for name in kept} == {name: made[name] for name in kept}
    assert (named["generation"], named["creation_info_generation"]) == (2, 2)


async def test_the_usual_body_changes_the_numbers(bed: Bed) -> None:
    await bed.deploy()
    body = {
        "deployment_id": "other", "desired_state": 1, "placement": {"pool_id": "default"},
        "quantities": {"web": 5}, "subtype": "service",
    }  # fmt: skip
    changed = await change(bed, **body)
    assert (changed["deployment_id"], changed["quantities"]) == ("myapp", {"web": 5})


async def test_sending_back_what_was_read_changes_nothing(bed: Bed) -> None:
    made = await bed.deploy(stack={"content": TWO})
    assert await change(bed, **made) == made
    assert len(await tasks(bed)) == 1


async def test_a_changed_text_drops_and_adds_services(bed: Bed) -> None:
    made = await bed.deploy(stack={"content": TWO}, quantities={"web": 2, "db": 3})
    text = TWO.replace("web:", "api:")
    made["stack"]["content"] = text
    changed = await change(bed, **made)
    assert changed["quantities"] == {"api": 1, "db": 3}
    assert "occs:availability=per-pool" in changed["stack"]["content"]
    assert changed["creation_info_generation"] == 2


async def test_a_second_service_makes_a_stack(bed: Bed) -> None:
    await bed.deploy()
    assert (await change(bed, stack={"content": TWO}))["stack"]["subtype"] == "stack"


async def test_another_stored_definition_brings_its_text(bed: Bed) -> None:
    await bed.deploy()
    await bed.post("/api/v2/stacks/", json={"service_id": "pair", "content": TWO})
    changed = await change(bed, stack={"service_id": "pair"})
    assert changed["stack"]["service_id"] == "pair"
    assert list(changed["quantities"]) == ["web", "db"]


async def test_a_definition_may_get_a_new_name_alone(bed: Bed) -> None:
    made = await bed.deploy()
    changed = await change(bed, stack={"service_id": "web", "service_name": "My Web"})
    assert changed["stack"] == made["stack"] | {"service_name": "My Web"}
    assert list(await tasks(bed)) == ["deploy deployment: myapp"]


async def test_the_desired_state_starts_and_stops(bed: Bed) -> None:
    await bed.deploy()
    await bed.clock.advance(60)
    stopped = await change(bed, desired_state=0)
    assert stopped["desired_state_changed_at"] == "2023-11-14T22:14:20.000000Z"
    assert (stopped["generation"], stopped["creation_info_generation"]) == (2, 1)
    assert (await change(bed, desired_state="1", quantities={"web": 2}))["generation"] == 3


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"placement": {"pool_id": "blue"}}, (422, "unknown_pool", "placement.pool_id")),
        ({"desired_state": 3}, (422, "invalid_value", "desired_state")),
        ({"quantities": {"web": -1}}, (422, "out_of_range", "quantities.web")),
        ({"stack": {"content": "x"}}, (422, "invalid_definition", "stack.content")),
        ({"stack": {"service_id": "no"}}, (422, "unknown_service", "stack.service_id")),
        ({"deployment_name": 7}, (422, "invalid_value", "deployment_name")),
    ],
)
async def test_a_change_that_cannot_be_is_refused_whole(
    bed: Bed, body: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    made = await bed.deploy()
    body = {"quantities": {"web": 9}} | body
    assert await bed.refused("PUT", PATH, json=body) == refused
    assert (await bed.get(PATH))["deployment"] == made


async def test_a_newer_change_takes_the_task_of_an_older_ones_place(bed: Bed) -> None:
    await bed.deploy()
    await change(bed, quantities={"web": 2})
    found = await tasks(bed)
    assert found["update deployment: myapp"] == ("Pending", "")
    status, message = found["deploy deployment: myapp"]
    assert status == "Cancelled"
    assert message.startswith("superseded by task ")


async def test_start_and_stop_have_tasks(bed: Bed) -> None:
    await bed.deploy()
    await bed.post(PATH + "/stop")
    await bed.post(PATH + "/start")
    found = await tasks(bed)
    assert [found[f"{verb} deployment: myapp"][0] for verb in ("deploy", "stop", "start")] == [
        "Cancelled", "Cancelled", "Pending",
    ]  # fmt: skip


async def test_a_stopped_deployment_changes_without_a_task(bed: Bed) -> None:
    await bed.deploy(desired_state=0)
    await change(bed, quantities={"web": 2})
    assert await tasks(bed) == {}


async def test_a_cancelled_task_pauses_until_the_next_change(bed: Bed) -> None:
    made = await bed.deploy()
    task_id = (await bed.get("/api/v2/tasks/"))["tasks"][0]["ID"]
    await bed.post(f"/api/v2/tasks/{task_id}/cancel")
    deployment = bed.store.memory.deployments.get("myapp")
    assert deployment is not None
    assert deployment.paused
    resumed = await change(bed, **made)
    assert resumed["generation"] == 1
    deployment = bed.store.memory.deployments.get("myapp")
    assert deployment is not None
    assert not deployment.paused


async def test_changes_are_events_in_order(bed: Bed) -> None:
    await bed.deploy()
    await change(bed, quantities={"web": 2})
    for action in ("stop", "start", "stop"):
        await bed.post(f"{PATH}/{action}")
    await bed.delete(PATH)
    events = (await bed.get("/api/v2/events/"))["events"]
    keys = [event["event_key"] for event in reversed(events)]
    verbs = ("added", "updated", "stopped", "started", "stopped", "deleted")
    assert [key for key in keys if key != "task"] == [f"deployment_{verb}" for verb in verbs]
