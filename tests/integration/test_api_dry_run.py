"""What a change would do, asked over HTTP."""

from typing import Any

import pytest

from berth.api.requests.dry_run import MAX_STEPS, run_forecast
from berth.domain.ids import DeploymentId
from berth.domain.observed import ContainerReport
from berth.domain.states import Attempt, HostState
from berth.reconcilers.deployments.reconciler import DeploymentReconciler
from berth.runtime.ids import new_uuid
from berth.scheduler.forecast import Forecast
from integration.api_bed import ONE, Bed

PATH = "/api/v2/deployments/"
BODY = {"deployment_id": "myapp", "stack": {"content": ONE}, "quantities": {"web": 2}}


async def plan(bed: Bed, path: str = PATH, *, method: str = "POST", **members: Any) -> Any:
    """Ask for a plan."""
    answer = await bed.ask(method, path + "?dry_run=true", code=200, json=BODY | members)
    return answer["plan"]


async def test_a_plan_names_the_hosts_and_changes_nothing(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    before = fresh_bed.store.memory.revision
    assert await plan(fresh_bed) == {
        "placements": [
            {"service_id": "web", "service_slot": slot, "host_id": host.id, "hostname": "h1"}
            for slot in (0, 1)
        ],
        "unplaced": [],
    }
    assert fresh_bed.store.memory.revision == before
    assert await fresh_bed.get(PATH) == {"deployments": []}
    assert (await fresh_bed.get("/api/v2/tasks/")) == {"tasks": []}


async def test_a_plan_tells_why_a_slot_has_no_host(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.set_status(host, state=HostState.INACTIVE)
    unplaced = (await plan(bed, quantities={"web": 1}))["unplaced"]
    assert [(slot["service_id"], slot["service_slot"]) for slot in unplaced] == [("web", 0)]
    reason = unplaced[0]["reasons"][0]
    assert reason["host_id"] == host.id
    assert reason["code"]
    assert reason["message"]


async def test_a_plan_of_a_change_starts_from_what_is(bed: Bed) -> None:
    await bed.add_host("h1")
    made = await bed.deploy()
    planned = await plan(bed, PATH + "myapp", method="PUT", quantities={"web": 3})
    assert len(planned["placements"]) == 3
    assert (await bed.get(PATH + "myapp"))["deployment"] == made


async def test_a_plan_is_refused_like_the_change_itself(bed: Bed) -> None:
    await bed.deploy()
    path = PATH + "?dry_run=1"
    assert (await bed.refused("POST", path, json=BODY))[:2] == (409, "id_in_use")
    refused = await bed.refused("PUT", PATH + "nope?dry_run=true", json={})
    assert refused == (404, "unknown_deployment", "")


@pytest.mark.parametrize(
    ("query", "dry"), [("", True), ("=1", True), ("=0", False), ("=FALSE", False)]
)
async def test_a_flag_may_stand_without_a_value(bed: Bed, query: str, dry: bool) -> None:
    answer = await bed.post(f"{PATH}?dry_run{query}", json=BODY)
    assert ("plan" in answer) is dry


async def test_a_flag_that_is_none_is_refused(bed: Bed) -> None:
    refused = await bed.refused("POST", PATH + "?dry_run=maybe", json=BODY)
    assert refused == (400, "invalid_value", "dry_run")


async def test_a_plan_shows_which_services_wait_for_a_phase(bed: Bed) -> None:
    await bed.add_host("h1")
    later = "  db:\n    image: redis\n    environment: [OCCS_PHASE_ID=1]\n"
    planned = await plan(bed, stack={"content": ONE + later}, quantities={})
    assert [each["service_id"] for each in planned["placements"]] == ["web"]
    (waiting,) = planned["unplaced"]
    message = "waits for phase 0: 0 of 1 containers of web are running"
    reason = {"host_id": "", "code": "phase", "message": message}
    assert (waiting["service_id"], waiting["reasons"]) == ("db", [reason])


HOSTS = ("h1", "h2")


async def foresee(bed: Bed, call: str, **members: Any) -> Any:
    """Ask what a call comes to."""
    method, _, path = call.partition(" ")
    answer = await bed.ask(method, f"{PATH}{path}?dry_run=full", code=200, json=members)
    return answer["plan"]


def hosts_of(slots: list[Any]) -> list[str]:
    return [slot["hostname"] for slot in slots]


async def run(bed: Bed, *, content: str = ONE, slots: int = 2) -> None:
    """Let the deployment ``myapp`` run on two hosts."""
    for name in HOSTS:
        await bed.add_host(name)
    await bed.deploy(stack={"content": content}, quantities={"web": slots})
    reconciler = DeploymentReconciler(bed.store, clock=bed.clock, new_id=new_uuid)
    reconciler.wakeup.set()
    for _ in range(3):
        await reconciler.reconcile_dirty()
    reconciler.close()
    for assignment in bed.store.memory.assignments.values():
        bed.store.memory.observed.reports[assignment.id] = ContainerReport(
            assignment_id=assignment.id, attempt=1, state=Attempt.RUNNING, agent_epoch=1,
            sequence=1, container_id=assignment.id,
        )  # fmt: skip


async def test_a_stack_in_phases_is_shown_to_its_end(each_bed: Bed) -> None:
    await each_bed.add_host("h1")
    later = "  db:\n    image: redis\n    environment: [OCCS_PHASE_ID=1]\n"
    planned = await foresee(each_bed, "POST ", deployment_id="shop", stack={"content": ONE + later})
    assert {slot["service_id"]: slot["step"] for slot in planned["placed"]} == {"web": 1, "db": 2}
    assert (planned["unplaced"], planned["more"]) == ([], False)
    assert [each["change"] for each in planned["services"]] == ["added", "added"]
    assert await each_bed.get(PATH) == {"deployments": []}


async def test_an_update_is_shown_to_its_end(each_bed: Bed) -> None:
    await run(each_bed)
    before = each_bed.store.memory.revision
    text = {"content": ONE.replace("nginx", "nginx:2")}
    planned = await foresee(each_bed, "PUT myapp", stack=text, quantities={"web": 3})
    assert len(planned["replaced"]) == 2
    assert {slot["service_slot"] for slot in planned["placed"]} == {2}
    assert planned["generation"] == 2
    (service,) = planned["services"]
    assert (service["change"], service["image_before"], service["image"]) == (
        "changed", "nginx", "nginx:2"
    )  # fmt: skip
    assert (service["quantity_before"], service["quantity"]) == (2, 3)
    assert service["policy"]["parallelism"] == 1
    assert each_bed.store.memory.revision == before


async def test_a_stop_is_shown_with_what_it_ends(bed: Bed) -> None:
    await run(bed)
    planned = await foresee(bed, "POST myapp/stop")
    assert [slot["reason"] for slot in planned["ended"]] == ["stopped", "stopped"]
    assert (await bed.get(PATH + "myapp"))["deployment"]["desired_state"] == 1


async def test_a_restart_is_shown_as_new_containers_of_the_same_settings(bed: Bed) -> None:
    await run(bed)
    planned = await foresee(bed, "POST myapp/restart")
    assert len(planned["replaced"]) == 2
    assert [each["change"] for each in planned["services"]] == ["restarted"]
    assert (await bed.get(PATH + "myapp"))["deployment"]["generation"] == 1


async def test_a_return_to_an_earlier_generation_is_shown(bed: Bed) -> None:
    await run(bed)
    text = {"content": ONE.replace("nginx", "nginx:2")}
    await bed.put(PATH + "myapp", json={"stack": text})
    planned = await foresee(bed, "POST myapp/rollback", generation=1)
    assert [each["image"] for each in planned["services"]] == ["nginx"]
    assert len(planned["kept"]) == 2


async def test_a_start_and_a_stored_service_are_shown(bed: Bed) -> None:
    await bed.add_host("h1")
    await bed.deploy(desired_state=0)
    assert hosts_of((await foresee(bed, "POST myapp/start"))["placed"]) == ["h1"]
    await bed.post("/api/v2/services/", json={"content": ONE, "service_id": "stored"})
    path = "/api/v2/services/stored/deploy?dry_run=full"
    planned = (await bed.post(path, json={"deployment_id": "other"}))["plan"]
    assert (planned["deployment_id"], hosts_of(planned["placed"])) == ("other", ["h1"])


async def test_slots_that_wait_for_the_same_reasons_are_told_together(bed: Bed) -> None:
    for name in HOSTS:
        bed.set_status(await bed.add_host(name), state=HostState.INACTIVE)
    planned = await foresee(bed, "POST ", **(BODY | {"quantities": {"web": 3}}))
    (waiting,) = planned["unplaced"]
    assert waiting["service_slots"] == [0, 1, 2]
    assert [reason["code"] for reason in waiting["reasons"]] == ["inactive", "inactive"]


async def test_a_forecast_is_refused_like_the_call_itself(bed: Bed) -> None:
    await bed.deploy(desired_state=0)
    assert await bed.refused("POST", PATH + "myapp/restart?dry_run=full") == (
        409, "deployment_stopped", ""
    )  # fmt: skip
    refused = await bed.refused("POST", PATH + "myapp/rollback?dry_run=full", json={})
    assert refused[:2] == (409, "no_generation")


async def test_a_drain_is_shown_with_where_everything_goes(each_bed: Bed) -> None:
    await run(each_bed)
    before = each_bed.store.memory.revision
    answer = await each_bed.post("/api/v2/hosts/h1/drain?dry_run=full")
    (planned,) = answer["plans"]
    assert planned["deployment_id"] == "myapp"
    moves = [(each["from_hostname"], each["hostname"]) for each in planned["replaced"]]
    assert moves == [("h1", "h2")]
    assert (hosts_of(planned["kept"]), answer["more"]) == (["h2"], False)
    assert each_bed.store.memory.revision == before
    assert (await each_bed.get("/api/hosts/h1"))["duty"] == "active"


async def test_a_drain_of_the_only_host_is_shown_with_what_waits(bed: Bed) -> None:
    await run(bed)
    await bed.post("/api/v2/hosts/h2/pause")
    (planned,) = (await bed.post("/api/v2/hosts/h1/drain?dry_run=full"))["plans"]
    (waiting,) = planned["unplaced"]
    assert {reason["code"] for reason in waiting["reasons"]} == {"drained", "paused"}


async def test_a_move_to_another_pool_is_shown_with_what_leaves(bed: Bed) -> None:
    await run(bed)
    path = "/api/hosts/h1/pool?dry_run=full"
    (planned,) = (await bed.put(path, json={"pool_id": "production"}))["plans"]
    assert [each["from_hostname"] for each in planned["replaced"]] == ["h1"]
    assert (await bed.get("/api/hosts/h1"))["info"]["pool_id"] == "default"
    refused = await bed.refused("PUT", path, json={"pool_id": "nope"})
    assert refused == (422, "unknown_pool", "pool_id")


async def test_what_a_drain_leaves_alone_is_left_out(bed: Bed) -> None:
    await run(bed)
    await bed.add_host("h3")
    assert await bed.post("/api/v2/hosts/h3/drain?dry_run=full") == {"plans": [], "more": False}


class EndlessForecast(Forecast):
    """Never settles."""

    taken = 0

    def take_step(self) -> None:
        self.taken += 1


async def test_a_forecast_that_never_settles_ends_all_the_same(bed: Bed) -> None:
    deployment_id = DeploymentId((await bed.deploy())["deployment_id"])
    forecast = EndlessForecast(bed.store.memory, [deployment_id], now=bed.clock.now())
    await run_forecast(bed.services, forecast)
    assert forecast.taken == MAX_STEPS
    assert forecast.describe()[deployment_id].more
