"""Deploying: ids, numbers, pools, availability, scheduler, and when a deployment counts as done."""

from __future__ import annotations

import re
from collections import Counter

from berthbed import BerthBed
from e2e.looking import SOON, hostnames, on_engines, settle_state
from e2e.texts import service, text


def test_a_deployment_runs_under_the_id_that_its_caller_chose(berth: BerthBed) -> None:
    made = berth.deploy("shop-1", replicas=2)
    assert (made["deployment_id"], made["desired_state"]) == ("shop-1", 1)
    berth.wait_running("shop-1")
    assert len(on_engines(berth, "shop-1")) == 2


def test_without_an_id_one_is_made_from_the_name(berth: BerthBed) -> None:
    content = text(service(berth.bed.image("busybox:1")))
    body = {"deployment_name": "My Shop", "stack": {"content": content}}
    made = berth.api.post("/api/v2/deployments/", body)["deployment"]
    assert re.fullmatch(r"My-Shop-\d{8}-\d{6}", made["deployment_id"])
    berth.wait_running(made["deployment_id"])


def test_an_id_in_use_is_refused(berth: BerthBed) -> None:
    berth.deploy("shop", replicas=0)
    answer = berth.api.ask("POST", "/api/v2/deployments/", body={
        "deployment_id": "shop", "stack": {"content": text(service("x"))}})  # fmt: skip
    assert answer.status == 409
    assert "shop" in answer.json["errors"][0]["message"]


def test_quantities_tell_how_many_of_each_service_run(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    content = text(service(image, key="one"), service(image, key="two"), service(image, key="no"))
    made = berth.deploy("many", text=content, quantities={"two": 3, "no": 0})
    assert made["quantities"] == {"one": 1, "two": 3, "no": 0}
    berth.wait_running("many")
    rows = berth.containers("many")
    assert Counter(row["service_id"] for row in rows) == {"one": 1, "two": 3}


def test_a_deployment_stays_in_its_pool(berth: BerthBed) -> None:
    berth.api.put("/api/hosts/h2/pool", {"pool_id": "production"})
    body = {
        "deployment_id": "pooled",
        "placement": {"pool_id": "production"},
        "quantities": {"app": 3},
        "stack": {"content": text(service(berth.bed.image("busybox:1")))},
    }
    berth.api.post("/api/v2/deployments/", body)
    berth.wait_running("pooled")
    assert hostnames(berth, "pooled") == ["h2", "h2", "h2"]


def test_per_pool_is_the_default_and_spreads_its_number_over_the_pool(berth: BerthBed) -> None:
    made = berth.deploy("spread", replicas=6)
    assert "occs:availability=per-pool" in made["stack"]["content"]
    berth.wait_running("spread")
    assert Counter(hostnames(berth, "spread")) == {"h1": 2, "h2": 2, "h3": 2}


def test_per_host_runs_its_number_on_every_host(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    berth.deploy("each", text=text(service(image, env=("occs:availability=per-host",))))
    settle_state(berth, "each", replicas=3)
    assert hostnames(berth, "each") == ["h1", "h2", "h3"]


def test_per_tag_runs_only_on_hosts_that_bear_the_tag(berth: BerthBed) -> None:
    tags = ("occs:availability=per-tag", "occs:availability_context=gold")
    content = text(service(berth.bed.image("busybox:1"), env=tags))
    berth.deploy("tagged", text=content, quantities={"app": 3})
    berth.wait_running("tagged")
    assert hostnames(berth, "tagged") == ["h3", "h3", "h3"]


def test_the_random_scheduler_spreads_and_the_load_ones_take_a_host(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    services = [
        service(image, env=(f"occs:scheduler={policy}",), key=policy)
        for policy in ("random", "memory", "cpu")
    ]
    numbers = {"random": 3, "memory": 3, "cpu": 3}
    made = berth.deploy("ranked", text=text(*services), quantities=numbers)
    berth.wait_running("ranked")
    rows = berth.containers("ranked")
    spread = [row["hostname"] for row in rows if row["service_id"] == "random"]
    assert sorted(spread) == ["h1", "h2", "h3"]
    assert made["quantities"] == Counter(row["service_id"] for row in rows)


def test_the_memory_scheduler_prefers_the_host_with_more_free_memory(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    heavy = service(image, "mem_limit: 2g", "mem_reservation: 2g", env=("constraint:hostname==h1",))
    berth.deploy("heavy", text=text(heavy))
    berth.wait_running("heavy")
    light = service(image, "mem_reservation: 1g", env=("occs:scheduler=memory",))
    berth.deploy("light", text=text(light), quantities={"app": 2})
    berth.wait_running("light")
    assert set(hostnames(berth, "light")) <= {"h2", "h3"}


def test_a_deployment_counts_as_running_only_when_all_containers_run(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    late = service(f"{berth.bed.registry.address}/no/such:1", key="late")
    berth.deploy("half", text=text(service(image), late))
    berth.wait_until(
        lambda: any(row["state"] == "Running" for row in berth.containers("half")),
        SOON,
        what="the good service to run",
    )
    shown = berth.deployment("half")
    assert (shown["desired_state"], shown["current_state"]) == (1, 2)


def test_current_state_is_one_no_sooner_than_the_engines_run_all(berth: BerthBed) -> None:
    berth.deploy("honest", replicas=8)
    berth.wait_running("honest")
    assert len(on_engines(berth, "honest")) == 8


def test_an_agents_options_are_what_its_containers_and_the_api_see(engines_available: None) -> None:
    options = ["--pool", "development", "--tag", "a", "--tag", "b"]
    options += ["--address", "198.51.100.4", "--public-address", "203.0.113.7"]
    with BerthBed.up(hosts=1, host_options={"h1": options}) as berth:
        host = berth.hosts()["h1"]
        assert (host["info"]["pool_id"], host["tags"]) == ("development", ["a", "b"])
        image = berth.bed.image("busybox:1")
        body = {"deployment_id": "sees", "placement": {"pool_id": "development"}}
        berth.api.post("/api/v2/deployments/", body | {"stack": {"content": text(service(image))}})
        settle_state(berth, "sees", replicas=1)
        name = berth.containers("sees")[0]["container_name"]
        seen = berth.bed.hosts[0].docker("exec", name, "env")
    assert "OCCS_HOSTIP=198.51.100.4\n" in seen
    assert "public_ip: 203.0.113.7\n" in seen
