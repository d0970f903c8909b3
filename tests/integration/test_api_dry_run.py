"""What a change would do, asked over HTTP."""

from typing import Any

import pytest

from berth.domain.states import HostState
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
    message = "waits for phase 0: 0 of 1 containers of web run"
    reason = {"host_id": "", "code": "phase", "message": message}
    assert (waiting["service_id"], waiting["reasons"]) == ("db", [reason])
