"""Events, statuses, tasks and settings over HTTP."""

import pytest

from berth.domain.records import Actor
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent
from integration.api_bed import Bed

EVENTS, STATUS, TASKS, SETTINGS = (
    "/api/v2/events/", "/api/v2/status/", "/api/v2/tasks/", "/api/v2/settings",
)  # fmt: skip


def record(draft: Draft, number: int, *, severity: Severity = Severity.ERROR) -> None:
    """Record an event of a host that makes a status."""
    draft.record_event(
        NewEvent(
            key="plugin_docker_health_check",
            severity=severity,
            summary=f"event {number}",
            actor=Actor("host", f"h{number}", "box"),
            sub_actor=Actor("container", "c", "web"),
            details={"caller": "agent"},
            makes_status=True,
        )
    )


async def fill(bed: Bed, count: int) -> None:
    """Record events from 0 on."""

    def command(draft: Draft) -> None:
        for number in range(count):
            record(draft, number)

    await bed.store.run(command)


async def test_an_event_is_shown_with_all_its_members(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()  # an event, too
    await fill(fresh_bed, 1)
    event = (await fresh_bed.get(EVENTS))["events"][0]
    assert event == {
        "event_id": 2, "actor_id": "h0", "actor_type": "host", "actor_label": "box",
        "sub_actor_id": "c", "sub_actor_type": "container", "sub_actor_label": "web",
        "event_key": "plugin_docker_health_check", "summary": "event 0", "message": "event 0",
        "severity": 4, "severity_description": "Error",
        "first_seen": "2023-11-14T22:13:20.000000Z", "details": {"caller": "agent"},
    }  # fmt: skip


async def test_a_status_turns_to_cleared(bed: Bed) -> None:
    await fill(bed, 1)
    await bed.clock.advance(1)
    await bed.store.run(lambda draft: record(draft, 0, severity=Severity.CLEARED))
    answer = await bed.get(STATUS)
    assert answer["request"] == {"query": "", "start": 0, "limit": 100}
    status = answer["statuses"][0]
    assert status["fingerprint"] == "host|h0|container|c|plugin_docker_health_check"
    assert (status["severity_description"], status["count"], status["clear_event_id"]) == (
        "Cleared",
        2,
        2,
    )
    assert (status["host_id"], status["username"], status["last_event_id"]) == ("h0", "agent", 2)
    assert status["first_seen"] < status["last_seen"]


async def test_the_newest_250_are_shown_newest_first(bed: Bed) -> None:
    await fill(bed, 260)
    events = (await bed.get(EVENTS))["events"]
    assert (len(events), events[0]["event_id"], events[-1]["event_id"]) == (250, 260, 11)
    page = (await bed.get(EVENTS + "?start=2&limit=3"))["events"]
    assert [event["event_id"] for event in page] == [258, 257, 256]
    assert (await bed.get(EVENTS + "?start=249&limit=9"))["events"][0]["event_id"] == 11
    assert len((await bed.get(STATUS + "?limit=1000"))["statuses"]) == 250
    assert len((await bed.get(STATUS))["statuses"]) == 100
    assert len((await bed.get(STATUS + "?start=249&limit=9"))["statuses"]) == 1
    assert (await bed.get(STATUS + "?limit=1000"))["request"]["limit"] == 250


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=error", [3, 2, 1]),
        ("severity=warning,5", []),
        ("kind=plugin_docker_health_check&host=h1", [2]),
        ("host=box&text=EVENT%202", [3]),
        ("deployment=shop", []),
        ("since=1", [3, 2]),
        ("q=%2Bactor_id:h0", [1]),
        ("q=-actor_id:h0&limit=1", [3]),
        ("q=%22event%201%22&start=0", [2]),
    ],
)
async def test_events_and_statuses_are_filtered(bed: Bed, query: str, found: list[int]) -> None:
    await fill(bed, 3)
    events = (await bed.get(f"{EVENTS}?{query}"))["events"]
    assert [event["event_id"] for event in events] == found
    statuses = (await bed.get(f"{STATUS}?{query}"))["statuses"]
    assert [status["last_event_id"] for status in statuses] == found


async def test_the_query_of_statuses_is_told_back(bed: Bed) -> None:
    await fill(bed, 3)
    answer = await bed.get(STATUS, params={"q": "+generation:>2", "limit": 7})
    assert answer["request"] == {"query": "+generation:>2", "start": 0, "limit": 7}
    assert [status["generation"] for status in answer["statuses"]] == [3]


async def test_events_are_read_on_by_their_links(bed: Bed) -> None:
    await fill(bed, 5)
    first = await bed.http.get(f"{EVENTS}?start=1&limit=2")
    second = await bed.get(first.links["next"]["url"])
    assert [event["event_id"] for event in second["events"]] == [2, 1]


@pytest.mark.parametrize("path", [EVENTS, STATUS])
async def test_a_query_that_cannot_be_read_is_refused(bed: Bed, path: str) -> None:
    assert await bed.refused("GET", f"{path}?q=nosuch:1") == (400, "invalid_query", "q")


@pytest.mark.parametrize("path", [EVENTS, STATUS])
@pytest.mark.parametrize("query", ["start=-1", "limit=-1", "limit=x", "start=1.5", "limit="])
async def test_a_bad_window_is_refused(bed: Bed, path: str, query: str) -> None:
    assert (await bed.refused("GET", f"{path}?{query}"))[0] == 400


async def test_a_task_is_shown_with_all_its_members(bed: Bed) -> None:
    await bed.deploy()
    task = (await bed.get(TASKS))["tasks"][0]
    never = {"seconds": 0, "nanos": 0}
    assert {name: value for name, value in task.items() if name != "ID"} == {
        "Name": "deploy deployment: myapp", "User": "admin", "Subsystem": "API",
        "CreatedAt": {"seconds": 1_700_000_000, "nanos": 0}, "ClosedAt": never, "Percent": 0,
        "Status": 0, "HostID": "manager-1",
        "HostStartedAt": {"seconds": 1_700_000_000, "nanos": 0},
        "StatusDescription": "Pending", "Message": "", "Kind": "deploy", "Subject": "myapp",
            "Generation": 1,
    }  # fmt: skip
    assert await bed.get(TASKS + task["ID"]) == {"Task": task}


async def test_a_task_is_cancelled_once(bed: Bed) -> None:
    await bed.deploy()
    path = TASKS + (await bed.get(TASKS))["tasks"][0]["ID"]
    first = (await bed.post(path + "/cancel"))["Task"]
    assert (first["Status"], first["StatusDescription"]) == (2, "Cancelling")
    assert (await bed.post(path + "/cancel"))["Task"] == first
    await bed.post("/api/v2/deployments/myapp/stop")
    closed = (await bed.post(path + "/cancel"))["Task"]
    assert (closed["Status"], closed["ClosedAt"]["seconds"]) == (3, 1_700_000_000)


async def test_unknown_tasks_and_actions_are_not_found(bed: Bed) -> None:
    assert await bed.refused("GET", TASKS + "x") == (404, "unknown_task", "")
    assert await bed.refused("POST", TASKS + "x/cancel") == (404, "unknown_task", "")
    assert await bed.refused("POST", TASKS + "x/retry") == (404, "unknown_action", "")


async def test_every_task_keeps_a_status(bed: Bed) -> None:
    await bed.deploy()
    status = (await bed.get(STATUS))["statuses"][0]
    assert (status["actor_type"], status["event_key"]) == ("task", "task")
    assert status["username"] == "admin"


async def test_settings_change_in_parts_and_are_in_force_at_once(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    before = (await fresh_bed.get(SETTINGS))["settings"]
    changed = await fresh_bed.put(SETTINGS, json={"settings": {"host_ttl_s": "9.5"}})
    assert changed["settings"] == before | {"host_ttl_s": 9.5}
    assert fresh_bed.store.memory.settings.host_ttl_s == 9.5
    bare = await fresh_bed.put(SETTINGS, json={"engine_concurrency": 8})
    assert bare["settings"] == before | {"host_ttl_s": 9.5, "engine_concurrency": 8}
    assert await fresh_bed.put(SETTINGS, content="") == bare


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"host_ttl_s": 0}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": "x"}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": "nan"}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": "inf"}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": None}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": True}, ("invalid_setting", "host_ttl_s")),
        ({"host_ttl_s": [1]}, ("invalid_setting", "host_ttl_s")),
        ({"engine_concurrency": 2.5}, ("invalid_setting", "engine_concurrency")),
        ({"typo_s": 1}, ("unknown_setting", "typo_s")),
        ({"backoff_first_s": 90}, ("invalid_setting", "backoff_first_s")),
    ],
)
async def test_a_setting_out_of_range_is_refused_by_name(
    bed: Bed, values: dict[str, object], refused: tuple[str, str]
) -> None:
    body = {"settings": {"resync_s": 77} | values}
    assert await bed.refused("PUT", SETTINGS, json=body) == (422, *refused)
    assert (await bed.get(SETTINGS))["settings"]["resync_s"] == 30


@pytest.mark.parametrize("content", ["[]", '{"settings": []}', '{"settings": null}', "7"])
async def test_settings_that_are_no_object_are_refused(bed: Bed, content: str) -> None:
    assert (await bed.refused("PUT", SETTINGS, content=content))[0] == 422
