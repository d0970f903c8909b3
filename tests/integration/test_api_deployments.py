"""Deployments over HTTP: made, listed, started, stopped, removed."""

import pytest

from berth.domain.records import Actor
from berth.domain.states import Severity
from berth.store.draft import NewEvent
from integration.api_bed import ONE, TWO, Bed

PATH = "/api/v2/deployments/"
MEMBERS = [
    "deployment_id", "placement", "created_by", "created_on", "stack", "creation_info_generation",
    "deployment_name", "quantities", "desired_state", "desired_state_changed_at", "generation",
    "current_state", "pending_state", "task_id", "rollout", "paused", "named_quantities",
]  # fmt: skip


async def test_a_deployment_lives_its_life(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    made = await fresh_bed.deploy()
    assert await fresh_bed.get(PATH + "myapp") == {"deployment": made}
    assert await fresh_bed.get(PATH) == {"deployments": [made]}
    stopped = (await fresh_bed.post(PATH + "myapp/stop"))["deployment"]
    assert (stopped["desired_state"], stopped["current_state"], stopped["generation"]) == (0, 0, 2)
    started = (await fresh_bed.post(PATH + "myapp/start"))["deployment"]
    assert (started["desired_state"], started["generation"]) == (1, 3)
    assert started["creation_info_generation"] == 1
    await fresh_bed.post(PATH + "myapp/stop/")
    assert await fresh_bed.delete(PATH + "myapp") == {"deleted": "myapp"}
    assert await fresh_bed.get(PATH) == {"deployments": []}


async def test_a_user_restarts_a_deployment(each_bed: Bed) -> None:
    await each_bed.deploy()
    restarted = (await each_bed.post(PATH + "myapp/restart"))["deployment"]
    assert restarted["generation"] == 2
    again = (await each_bed.post(PATH + "myapp/restart?wait=1ms"))["deployment"]
    assert again["generation"] == 2
    tasks = (await each_bed.get("/api/v2/tasks/"))["tasks"]
    found = [(task["Name"], task["User"]) for task in tasks if "restart" in task["Name"]]
    assert found == [("restart deployment: myapp", "admin")]


async def test_a_stopped_deployment_is_not_restarted(bed: Bed) -> None:
    await bed.deploy(desired_state=0)
    refused = await bed.refused("POST", PATH + "myapp/restart")
    assert refused == (409, "deployment_stopped", "")
    assert (await bed.refused("POST", PATH + "nope/restart"))[:2] == (404, "unknown_deployment")


async def test_a_deployment_is_answered_with_its_defaults(bed: Bed) -> None:
    made = await bed.deploy("myapp-1")
    assert list(made) == MEMBERS
    assert made["deployment_name"] == "myapp-1"
    assert made["placement"] == {"pool_id": "default"}
    assert made["quantities"] == {"web": 1}
    assert (made["created_by"], made["created_on"]) == ("admin", "2023-11-14T22:13:20Z")
    assert made["desired_state_changed_at"] == "2023-11-14T22:13:20.000000Z"
    assert (made["desired_state"], made["generation"], made["creation_info_generation"]) == (
        1,
        1,
        1,
    )
    assert (made["current_state"], made["pending_state"]) == (0, 1)
    stack = made["stack"]
    assert (stack["service_id"], stack["service_name"], stack["subtype"]) == (
        "web",
        "web",
        "service",
    )


async def test_missing_placement_entries_are_written_into_the_text(bed: Bed) -> None:
    content = (await bed.deploy())["stack"]["content"]
    assert "occs:availability=per-pool" in content
    assert "occs:scheduler=random" in content


async def test_an_id_is_made_from_the_name_and_the_time(bed: Bed) -> None:
    body = {"deployment_name": "Redis Two", "stack": {"content": ONE}}
    first, second = [(await bed.post(PATH, json=body))["deployment"] for _ in range(2)]
    assert first["deployment_id"] == "Redis-Two-20231114-221320"
    assert second["deployment_id"] == "Redis-Two-20231114-221320-2"
    unnamed = (await bed.post(PATH, json={"stack": {"content": ONE}}))["deployment"]
    assert unnamed["deployment_id"] == "web-20231114-221320"


async def test_the_definitions_name_serves_as_name(bed: Bed) -> None:
    made = await bed.deploy(stack={"content": ONE, "service_name": "My Web", "service_id": "w"})
    assert made["deployment_name"] == "My Web"
    assert (made["stack"]["service_id"], made["stack"]["service_name"]) == ("w", "My Web")


async def test_a_long_name_still_makes_an_id(bed: Bed) -> None:
    body = {"deployment_name": "n" * 200, "stack": {"content": ONE}}
    made = (await bed.post(PATH, json=body))["deployment"]
    assert len(made["deployment_id"]) <= 128
    assert made["deployment_name"] == "n" * 200


async def test_the_number_of_services_tells_the_subtype(bed: Bed) -> None:
    made = await bed.deploy(stack={"content": TWO}, quantities={"db": 0})
    assert made["stack"]["subtype"] == "stack"
    assert list(made["quantities"].items()) == [("web", 1), ("db", 0)]
    alone = await bed.deploy("alone", stack={"content": ONE, "subtype": "stack"})
    assert alone["stack"]["subtype"] == "stack"


async def test_a_stored_definition_supplies_the_text(bed: Bed) -> None:
    await bed.post("/api/v2/services/", json={"service_name": "Nginx Web", "content": ONE})
    await bed.post("/api/v2/stacks/", json={"service_id": "Nginx-Web", "content": TWO})
    first = await bed.deploy("a", stack={"service_id": "Nginx-Web"})
    assert first["stack"]["subtype"] == "service"
    assert first["deployment_name"] == "Nginx Web"
    second = await bed.deploy("b", stack={"service_id": "Nginx-Web", "subtype": "stack"})
    assert list(second["quantities"]) == ["web", "db"]


async def test_a_deployment_may_come_stopped_and_then_has_no_task(bed: Bed) -> None:
    made = await bed.deploy(desired_state="0")
    assert (made["desired_state"], made["pending_state"]) == (0, 0)
    assert (await bed.get("/api/v2/tasks/"))["tasks"] == []


async def test_extra_members_are_ignored(bed: Bed) -> None:
    stack = {"content": ONE, "deployment_name": "x", "editorTemp": {"struct": [1]}}
    assert (await bed.deploy(stack=stack, subtype="stack", unknown=[{}]))["quantities"] == {
        "web": 1
    }


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"deployment_id": "a/b"}, (422, "invalid_id", "deployment_id")),
        ({"deployment_id": "service"}, (422, "reserved_id", "deployment_id")),
        ({"deployment_id": "", "deployment_name": "é"}, (422, "invalid_id", "deployment_name")),
        ({"deployment_name": "n" * 257}, (422, "too_long", "deployment_name")),
        ({"desired_state": 2}, (422, "invalid_value", "desired_state")),
        ({"desired_state": "on"}, (422, "invalid_value", "desired_state")),
        ({"desired_state": True}, (422, "invalid_value", "desired_state")),
        ({"placement": {"pool_id": "blue"}}, (422, "unknown_pool", "placement.pool_id")),
        ({"placement": []}, (422, "invalid_value", "placement")),
        ({"quantities": {"web": -1}}, (422, "out_of_range", "quantities.web")),
        ({"quantities": {"web": 10_001}}, (422, "out_of_range", "quantities.web")),
        ({"quantities": {"web": "many"}}, (422, "invalid_value", "quantities.web")),
        ({"quantities": {"web": 1.5}}, (422, "invalid_value", "quantities.web")),
        ({"stack": {}}, (422, "required", "stack.content")),
        ({"stack": None}, (422, "required", "stack.content")),
        ({"stack": {"service_id": "x"}}, (422, "unknown_service", "stack.service_id")),
        ({"stack": {"content": ": ["}}, (422, "invalid_definition", "stack.content")),
        ({"stack": {"content": ONE, "subtype": "x"}}, (422, "invalid_value", "stack.subtype")),
        ({"stack": {"content": ONE, "service_id": "é"}}, (422, "invalid_id", "stack.service_id")),
        (
            {"stack": {"content": TWO, "subtype": "service"}},
            (422, "invalid_definition", "stack.content"),
        ),
    ],
)
async def test_a_deployment_that_cannot_be_is_refused(
    bed: Bed, members: dict[str, object], refused: tuple[int, str, str]
) -> None:
    body = {"deployment_id": "x", "stack": {"content": ONE}} | members
    assert await bed.refused("POST", PATH, json=body) == refused
    assert await bed.get(PATH) == {"deployments": []}


async def test_an_id_in_use_is_refused(bed: Bed) -> None:
    await bed.deploy()
    body = {"deployment_id": "myapp", "stack": {"content": ONE}}
    assert await bed.refused("POST", PATH, json=body) == (409, "id_in_use", "deployment_id")


async def test_an_unknown_deployment_is_not_found(bed: Bed) -> None:
    for method, path in (
        ("GET", "nope"), ("PUT", "nope"), ("DELETE", "nope"), ("POST", "nope/start"),
        ("POST", "nope/stop"), ("GET", "nope/containers/"),
    ):  # fmt: skip
        assert await bed.refused(method, PATH + path) == (404, "unknown_deployment", "")


async def test_a_running_deployment_is_not_removed(bed: Bed) -> None:
    await bed.deploy()
    assert await bed.refused("DELETE", PATH + "myapp") == (409, "deployment_not_stopped", "")


async def test_starting_what_runs_and_stopping_what_is_stopped_change_nothing(bed: Bed) -> None:
    made = await bed.deploy()
    assert (await bed.post(PATH + "myapp/start"))["deployment"] == made
    stopped = (await bed.post(PATH + "myapp/stop"))["deployment"]
    assert (await bed.post(PATH + "myapp/stop"))["deployment"] == stopped


async def test_a_start_may_change_the_deployment_first(bed: Bed) -> None:
    await bed.deploy(desired_state=0)
    body = {"quantities": {"web": 4}, "placement": {"pool_id": "production"}, "services": ["x"]}
    started = (await bed.post(PATH + "myapp/start", json=body))["deployment"]
    assert (started["quantities"], started["placement"]["pool_id"]) == ({"web": 4}, "production")
    assert (started["generation"], started["creation_info_generation"]) == (2, 2)


async def test_the_wanted_slots_are_listed_before_anything_runs(bed: Bed) -> None:
    await bed.deploy(stack={"content": TWO, "service_id": "s"}, quantities={"web": 2, "db": 0})
    rows = (await bed.get(PATH + "myapp/containers"))["containers"]
    assert [row["container_name"] for row in rows] == ["0.web.myapp", "1.web.myapp"]
    assert list(rows[0])[:20] == [
        "deployment_id", "deployment_name", "deployment_key", "environment_id", "stack_id",
        "service_id", "service_slot", "container_name", "container_id", "container_hostname",
        "host_id", "hostname", "host_group", "subtype", "phase_id", "state", "started_at",
        "message", "checks_total", "checks_passed",
    ]  # fmt: skip
    assert (rows[1]["service_slot"], rows[1]["state"], rows[1]["container_id"]) == (
        1,
        "Pending",
        "",
    )
    assert (rows[0]["deployment_key"], rows[0]["stack_id"]) == ("web-myapp", "s")


async def test_deployments_are_summarized(bed: Bed) -> None:
    await bed.deploy("a", quantities={"web": 2})
    await bed.deploy("b", desired_state=0)
    answer = await bed.get("/api/v2/deployments_summary/")
    first, second = answer["deployments_summary"]
    assert (first["deployment_id"], first["health"], first["containers_total"]) == (
        "a",
        "Pending",
        2,
    )
    assert (first["services_total"], first["containers_running"]) == (1, 0)
    assert (second["health"], second["pool_id"]) == ("Stopped", "default")
    assert answer["totals"] == {"deployments": 2, "running": 1, "stopped": 1, "healthy": 0}


async def test_health_is_told_in_one_word(bed: Bed) -> None:
    await bed.deploy("idle", quantities={"web": 0})
    await bed.deploy("ill")
    trouble = NewEvent(
        key="slot_unfilled",
        severity=Severity.ERROR,
        summary="no host",
        actor=Actor("deployment", "ill", "ill"),
        makes_status=True,
    )
    await bed.store.run(lambda draft: draft.record_event(trouble))
    answer = await bed.get("/api/v2/deployments_summary/")
    words = {each["deployment_id"]: each["health"] for each in answer["deployments_summary"]}
    assert words == {"idle": "Healthy", "ill": "Unhealthy"}
    assert answer["totals"]["healthy"] == 1
