"""Slots that no host takes: they wait, say why for every host, and are placed when it goes."""

from __future__ import annotations

from typing import Any

import pytest

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    host_named,
    hostnames,
    open_statuses,
    set_settings,
    settle_state,
    wait_inactive,
    wait_status,
)
from e2e.texts import service, text


def waiting_row(berth: BerthBed, deployment_id: str) -> Any:
    """Wait for a slot without a host that gives its reason, and return its row."""

    def rows() -> list[Any]:
        every = berth.containers(deployment_id)
        return [r for r in every if not r["hostname"] and r["message"] and r["state"] == "Pending"]

    berth.wait_until(rows, SOON, what=f"a waiting slot of {deployment_id}")
    return rows()[0]


def test_a_taken_host_port_leaves_a_slot_waiting_until_it_is_free(berth: BerthBed) -> None:
    web = service(berth.bed.image("web:1"), 'ports: ["8090:80"]')
    berth.deploy("port", text=text(web), quantities={"app": 4})
    row = waiting_row(berth, "port")
    assert "host port 8090/tcp is used by" in row["message"]
    wait_status(berth, "slot_unfilled", word="port")
    berth.wait_state("port", 2)
    berth.api.put("/api/v2/deployments/port", {"quantities": {"app": 3}})
    settle_state(berth, "port", replicas=3)
    assert open_statuses(berth, "slot_unfilled") == []


def test_a_port_of_an_unmanaged_container_counts_until_that_is_gone(berth: BerthBed) -> None:
    image = berth.bed.image("web:1")
    for host in berth.bed.hosts:
        host.docker("run", "-d", "--name", "mine", "-p", "8091:80", image)
    wanted = text(service(image, 'ports: ["8091:80"]'))
    berth.wait_until(lambda: _refusals(berth, wanted) == 3, SOON, what="Berth to see the ports")
    berth.deploy("late", text=wanted)
    assert "8091" in waiting_row(berth, "late")["message"]
    host_named(berth, "h2").docker("rm", "-f", "mine")
    settle_state(berth, "late", replicas=1)
    assert hostnames(berth, "late") == ["h2"]


def test_a_missing_tag_is_named_and_the_slot_goes_to_a_host_that_bears_it(berth: BerthBed) -> None:
    env = ("occs:availability=per-tag", "occs:availability_context=gold")
    berth.api.put("/api/hosts/h3/pool", {"pool_id": "production"})
    berth.deploy("tag", text=text(service(berth.bed.image("busybox:1"), env=env)))
    assert "does not have the tag 'gold' (2 hosts)" in waiting_row(berth, "tag")["message"]
    berth.api.put("/api/hosts/h3/pool", {"pool_id": "default"})
    settle_state(berth, "tag", replicas=1)
    assert hostnames(berth, "tag") == ["h3"]


def test_too_little_memory_is_a_reason(berth: BerthBed) -> None:
    greedy = service(berth.bed.image("busybox:1"), "mem_limit: 999g")
    berth.deploy("greedy", text=text(greedy))
    assert "memory limit of" in waiting_row(berth, "greedy")["message"]
    assert "999g" not in wait_status(berth, "slot_unfilled", word="greedy")["summary"]


def test_an_inactive_host_is_a_reason_until_it_is_back(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    host = host_named(berth, "h1")
    host.cut()
    wait_inactive(berth, host)
    bound = service(berth.bed.image("busybox:1"), env=("constraint:hostname==h1",))
    berth.deploy("bound", text=text(bound))
    assert "the host is inactive" in waiting_row(berth, "bound")["message"]
    host.heal()
    settle_state(berth, "bound", replicas=1)


def test_an_empty_pool_says_so_and_fills_with_the_first_host(berth: BerthBed) -> None:
    body = {
        "deployment_id": "empty",
        "placement": {"pool_id": "production"},
        "stack": {"content": text(service(berth.bed.image("busybox:1")))},
    }
    berth.api.post("/api/v2/deployments/", body)
    assert "pool" in waiting_row(berth, "empty")["message"]
    berth.api.put("/api/hosts/h1/pool", {"pool_id": "production"})
    settle_state(berth, "empty", replicas=1)


@pytest.mark.parametrize("reason", ["port_taken", "tag_missing", "memory", "inactive"])
def test_a_dry_run_gives_a_reason_for_every_host(berth: BerthBed, reason: str) -> None:
    image = berth.bed.image("busybox:1")
    services = {
        "port_taken": service(image, 'ports: ["8092:80"]'),
        "tag_missing": service(
            image, env=("occs:availability=per-tag", "occs:availability_context=none")
        ),
        "memory": service(image, "mem_limit: 999g"),
        "inactive": service(image),
    }
    if reason == "inactive":
        set_settings(berth, {"host_ttl_s": 1})
        for host in berth.bed.hosts:
            host.cut()
            wait_inactive(berth, host)
    number = 4 if reason == "port_taken" else 1
    body = {"quantities": {"app": number}, "stack": {"content": text(services[reason])}}
    plan = berth.api.post("/api/v2/deployments/?dry_run=true", body)["plan"]
    (unplaced,) = plan["unplaced"]
    assert (unplaced["service_id"], unplaced["service_slot"]) == ("app", number - 1)
    assert [each["code"] for each in unplaced["reasons"]] == [reason] * 3
    assert all(each["host_id"] and each["message"] for each in unplaced["reasons"])


def _refusals(berth: BerthBed, content: str) -> int:
    """Count the hosts that would not take one container of a text."""
    body = {"stack": {"content": content}}
    plan = berth.api.post("/api/v2/deployments/?dry_run=true", body)["plan"]
    return sum(len(slot["reasons"]) for slot in plan["unplaced"])


def test_a_slot_waits_for_an_external_volume_and_goes_where_it_is(berth: BerthBed) -> None:
    using = service(berth.bed.image("busybox:1"), 'volumes: ["there:/data"]')
    berth.deploy("external", text=text(using) + "volumes: {there: {external: true}}\n")
    wait_status(berth, "slot_unfilled", word="external volume 'there' exists on none of 3 hosts")
    host = berth.bed.hosts[1]
    host.docker("volume", "create", "there")
    berth.wait_running("external")
    assert [row["hostname"] for row in berth.containers("external")] == [host.name]
