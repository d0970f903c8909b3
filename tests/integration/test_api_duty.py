"""Hosts that are drained, paused, activated and removed, over HTTP."""

from typing import Any

import pytest

from berth.domain.ids import DeploymentId
from berth.domain.records import VolumeHome
from berth.domain.states import HostState
from integration.api_bed import Bed


async def duty(bed: Bed) -> str:
    """Return the duty that a host is shown with."""
    shown: str = (await bed.get("/api/hosts/h1"))["duty"]
    return shown


async def tasks(bed: Bed) -> list[tuple[str, str]]:
    """Return name and status of the tasks, newest first."""
    listed = (await bed.get("/api/v2/tasks/"))["tasks"]
    return [(task["Name"], task["StatusDescription"]) for task in listed]


async def keys(bed: Bed) -> list[str]:
    """Return the kinds of the events, oldest first, without those of tasks."""
    events = (await bed.get("/api/v2/events/"))["events"]
    return [event["event_key"] for event in reversed(events) if event["event_key"] != "task"]


async def test_a_host_is_paused_and_activated(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    assert await duty(each_bed) == "active"
    paused = await each_bed.post("/api/v2/hosts/h1/pause/")
    assert (paused["host"]["host_id"], paused["host"]["duty"]) == (host.id, "paused")
    await each_bed.post("/api/v2/hosts/h1/pause")
    active = await each_bed.post(f"/api/v2/hosts/{host.id}/activate")
    assert active["host"]["duty"] == await duty(each_bed) == "active"
    assert await keys(each_bed) == ["host_paused", "host_activated"]


async def test_a_hosts_access_is_revoked_by_name_and_told(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    assert (await each_bed.get("/api/hosts/h1"))["revoked"] is False
    revoked = (await each_bed.post("/api/v2/hosts/h1/revoke"))["host"]
    assert (revoked["host_id"], revoked["revoked"]) == (host.id, True)
    assert "access was revoked" in revoked["reason"]
    await each_bed.post(f"/api/v2/hosts/{host.id}/revoke")
    assert await keys(each_bed) == ["host_revoked"]
    assert await each_bed.delete("/api/v2/hosts/h1") == {"deleted": host.id}


async def test_draining_is_a_task_of_the_host(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    task_id = (await each_bed.post("/api/v2/hosts/h1/drain"))["task_id"]
    task = (await each_bed.get(f"/api/v2/tasks/{task_id}"))["Task"]
    assert (task["Name"], task["HostID"]) == ("drain host: h1", host.id)
    assert await duty(each_bed) == "drained"
    assert await each_bed.post("/api/v2/hosts/h1/drain") == {"task_id": task_id}
    assert await keys(each_bed) == ["host_drained"]


@pytest.mark.parametrize(("action", "shown"), [("activate", "active"), ("pause", "paused")])
async def test_another_duty_ends_a_drain(bed: Bed, action: str, shown: str) -> None:
    await bed.add_host("h1")
    await bed.post("/api/v2/hosts/h1/drain")
    await bed.post(f"/api/v2/hosts/h1/{action}")
    assert await duty(bed) == shown
    assert await tasks(bed) == [("drain host: h1", "Cancelled")]


async def test_a_drain_while_one_is_cancelled_remembers_the_duty_before_both(bed: Bed) -> None:
    await bed.add_host("h1")
    await bed.post("/api/v2/hosts/h1/pause")
    first = (await bed.post("/api/v2/hosts/h1/drain"))["task_id"]
    await bed.post(f"/api/v2/tasks/{first}/cancel")
    second = (await bed.post("/api/v2/hosts/h1/drain"))["task_id"]
    assert second != first
    kept = bed.store.memory.tasks.get(second)
    assert kept is not None
    assert kept.action == "paused"
    assert sorted(status for _, status in await tasks(bed)) == ["Cancelled", "Pending"]


@pytest.mark.parametrize("action", ["drain", "pause", "activate", "revoke"])
async def test_no_host_has_no_duty(bed: Bed, action: str) -> None:
    refused = await bed.refused("POST", f"/api/v2/hosts/h9/{action}")
    assert refused == (404, "unknown_host", "")


@pytest.mark.parametrize("state", [HostState.ACTIVE, HostState.UNKNOWN])
async def test_a_host_that_may_be_there_is_not_removed(each_bed: Bed, state: HostState) -> None:
    host = await each_bed.add_host("h1")
    each_bed.set_status(host, state=state)
    assert await each_bed.refused("DELETE", "/api/v2/hosts/h1") == (409, "host_active", "")
    await each_bed.get("/api/hosts/h1")


async def test_a_host_that_is_away_is_removed_with_what_was_kept_of_it(each_bed: Bed) -> None:
    host, other = await each_bed.add_host("h1"), await each_bed.add_host("h2")

    def remember(draft: Any) -> None:
        for number, of in enumerate((host, other)):
            home = VolumeHome(id=f"d/web/{number}", deployment_id=DeploymentId("d"), host_id=of.id)
            draft.volume_homes.put(home)

    await each_bed.store.run(remember)
    each_bed.set_status(host, state=HostState.INACTIVE)
    assert await each_bed.delete("/api/v2/hosts/h1") == {"deleted": host.id}
    assert await each_bed.refused("GET", f"/api/hosts/{host.id}") == (404, "unknown_host", "")
    assert [h.host_id for h in each_bed.store.memory.volume_homes.values()] == [other.id]
    assert await keys(each_bed) == ["host_removed"]
    assert (await each_bed.refused("DELETE", "/api/v2/hosts/h1"))[0] == 404
