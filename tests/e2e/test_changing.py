"""Changing a deployment: more and fewer, stop and start, new content, removal."""

from __future__ import annotations

from typing import Any

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    host_of,
    inspect,
    names_to_ids,
    on_engines,
    open_statuses,
    set_settings,
    settle_state,
    wait_replaced,
    wait_status,
)
from e2e.texts import service, text


def put(berth: BerthBed, deployment_id: str, **body: Any) -> Any:
    """Change a deployment and return the API's object."""
    return berth.api.put(f"/api/v2/deployments/{deployment_id}", body)["deployment"]


def put_text(berth: BerthBed, deployment_id: str, *services: str) -> Any:
    """Change a deployment's definition."""
    return put(berth, deployment_id, stack={"content": text(*services)})


def test_growing_adds_slots_and_leaves_the_others_alone(berth: BerthBed) -> None:
    berth.deploy("grow", replicas=2)
    berth.wait_running("grow")
    before = names_to_ids(berth, "grow")
    answer = put(berth, "grow", quantities={"app": 4})
    assert answer["quantities"] == {"app": 4}
    settle_state(berth, "grow", replicas=4)
    after = names_to_ids(berth, "grow")
    assert before.items() <= after.items()
    assert list(after) == [f"{slot}.app.grow" for slot in range(4)]


def test_shrinking_removes_the_highest_slots(berth: BerthBed) -> None:
    berth.deploy("shrink", replicas=5)
    berth.wait_running("shrink")
    before = names_to_ids(berth, "shrink")
    put(berth, "shrink", quantities={"app": 2})
    settle_state(berth, "shrink", replicas=2)
    kept = {name: before[name] for name in ("0.app.shrink", "1.app.shrink")}
    assert names_to_ids(berth, "shrink") == kept
    assert on_engines(berth, "shrink", running=False) == sorted(kept.values())


def test_stop_removes_the_containers_and_keeps_the_deployment(berth: BerthBed) -> None:
    berth.deploy("rest", replicas=3)
    berth.wait_running("rest")
    berth.api.post("/api/v2/deployments/rest/stop")
    berth.wait_state("rest", 0)
    assert on_engines(berth, "rest", running=False) == []
    assert berth.containers("rest") == []
    assert berth.deployment("rest")["desired_state"] == 0


def test_start_makes_new_containers_under_the_same_id(berth: BerthBed) -> None:
    berth.deploy("again", replicas=2)
    berth.wait_running("again")
    before = names_to_ids(berth, "again")
    berth.api.post("/api/v2/deployments/again/stop")
    berth.wait_state("again", 0)
    berth.api.post("/api/v2/deployments/again/start")
    berth.wait_running("again")
    after = names_to_ids(berth, "again")
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())


def test_only_a_stopped_deployment_is_deleted(berth: BerthBed) -> None:
    berth.deploy("gone")
    berth.wait_running("gone")
    refused = berth.api.ask("DELETE", "/api/v2/deployments/gone")
    assert refused.status == 409
    assert refused.json["errors"][0]["message"] != ""
    berth.api.post("/api/v2/deployments/gone/stop")
    berth.wait_state("gone", 0)
    assert berth.api.delete("/api/v2/deployments/gone") == {"deleted": "gone"}
    assert berth.api.ask("GET", "/api/v2/deployments/gone").status == 404


def test_new_content_replaces_only_the_services_that_changed(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    same = service(image, key="same")
    berth.deploy("part", text=text(same, service(berth.bed.image("web:1"), key="new")))
    berth.wait_running("part")
    before = names_to_ids(berth, "part")
    old = next(r for r in berth.containers("part") if r["service_id"] == "new")
    put_text(berth, "part", same, service(berth.bed.image("web:2"), key="new"))
    wait_replaced(berth, "part", old=old)
    after = names_to_ids(berth, "part")
    assert after["0.same.part"] == before["0.same.part"]
    (row,) = (r for r in berth.containers("part") if r["service_id"] == "new")
    assert "VERSION=2" in inspect(host_of(berth, row), row["container_id"])["Config"]["Env"]


def test_services_that_the_new_content_lacks_go_and_new_ones_come(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    berth.deploy("swap", text=text(service(image, key="old"), service(image, key="stays")))
    berth.wait_running("swap")
    kept = names_to_ids(berth, "swap")["0.stays.swap"]
    put_text(berth, "swap", service(image, key="stays"), service(image, key="fresh"))
    settle_state(berth, "swap", replicas=2)
    after = names_to_ids(berth, "swap")
    assert sorted(after) == ["0.fresh.swap", "0.stays.swap"]
    assert after["0.stays.swap"] == kept


def test_an_update_keeps_every_slot_served_where_ports_allow_it(berth: BerthBed) -> None:
    berth.deploy("roll", text=text(service(berth.bed.image("web:1"))), quantities={"app": 3})
    berth.wait_running("roll")
    old = set(on_engines(berth, "roll"))
    put_text(berth, "roll", service(berth.bed.image("web:2")))
    fewest = 3

    def is_rolled() -> bool:
        nonlocal fewest
        now = set(on_engines(berth, "roll"))
        fewest = min(fewest, len(now))
        return len(now) == 3 and not now & old

    berth.wait_until(is_rolled, SOON * 2, what="all three slots to be replaced")
    berth.wait_running("roll")
    assert fewest == 3


def test_an_update_goes_one_slot_at_a_time(berth: BerthBed) -> None:
    berth.deploy("slow", text=text(service(berth.bed.image("web:1"))), quantities={"app": 3})
    berth.wait_running("slow")
    old = set(on_engines(berth, "slow"))
    put_text(berth, "slow", service(berth.bed.image("web:2")))
    most = 3

    def is_rolled() -> bool:
        nonlocal most
        now = set(on_engines(berth, "slow"))
        most = max(most, len(now))
        return not now & old

    berth.wait_until(is_rolled, SOON * 2, what="all three slots to be replaced")
    assert most == 4


def test_a_service_with_a_host_port_stops_first_and_comes_back(berth: BerthBed) -> None:
    ports = 'ports: ["8088:80"]'
    berth.deploy("port", text=text(service(berth.bed.image("web:1"), ports)),
                 quantities={"app": 3})  # fmt: skip
    berth.wait_running("port")
    before = set(on_engines(berth, "port"))
    put_text(berth, "port", service(berth.bed.image("web:2"), ports))
    berth.wait_until(
        lambda: not before & set(on_engines(berth, "port")),
        SOON * 2,
        what="the ports to change hands",
    )
    settle_state(berth, "port", replicas=3)
    pages = [host.call("busybox", "wget", "-q", "-O-", f"http://{host.ip}:8088/")
             for host in berth.bed.hosts]  # fmt: skip
    assert pages == ["2", "2", "2"]


def test_an_update_that_is_to_pause_when_it_fails_keeps_the_old(berth: BerthBed) -> None:
    berth.deploy("bad", replicas=3)
    berth.wait_running("bad")
    before = on_engines(berth, "bad")
    set_settings(berth, {"rollout_settle_s": 2})
    pause = "deploy: {update_config: {failure_action: pause}}"
    put_text(berth, "bad", service(berth.bed.image("exits:1"), pause))
    wait_status(berth, "rollout_paused", word="bad")
    assert set(before) <= set(on_engines(berth, "bad"))
    put_text(berth, "bad", service(berth.bed.image("busybox:1")))
    settle_state(berth, "bad", replicas=3)
    assert on_engines(berth, "bad") == before
    assert open_statuses(berth, "rollout_paused") == []


def test_content_that_means_the_same_replaces_nothing(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    berth.deploy("calm", text=text(service(image)))
    berth.wait_running("calm")
    before = on_engines(berth, "calm")
    put(berth, "calm", stack={"content": "# a comment\n" + text(service(image, "", ""))})
    settle_state(berth, "calm", replicas=1)
    assert on_engines(berth, "calm") == before
