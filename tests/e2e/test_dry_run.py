"""Dry runs: the plan of a new or changed deployment, and nothing done."""

from __future__ import annotations

from collections import Counter

from berthbed import BerthBed
from e2e.looking import hostnames, on_engines
from e2e.texts import service, text


def test_a_dry_run_of_a_new_deployment_tells_the_placements_and_makes_nothing(
    berth: BerthBed,
) -> None:
    body = {
        "deployment_id": "dry",
        "quantities": {"app": 6},
        "stack": {"content": text(service(berth.bed.image("busybox:1")))},
    }
    answer = berth.api.post("/api/v2/deployments/?dry_run=true", body)
    plan = answer["plan"]
    assert (list(answer), plan["unplaced"]) == (["plan"], [])
    assert Counter(p["hostname"] for p in plan["placements"]) == {"h1": 2, "h2": 2, "h3": 2}
    assert [p["service_slot"] for p in plan["placements"]] == list(range(6))
    ids = {name: host["host_id"] for name, host in berth.hosts().items()}
    assert all(p["host_id"] == ids[p["hostname"]] for p in plan["placements"])
    assert berth.api.ask("GET", "/api/v2/deployments/dry").status == 404


def test_what_was_planned_is_what_runs(berth: BerthBed) -> None:
    content = text(service(berth.bed.image("busybox:1"), 'ports: ["8095:80"]'))
    body = {"deployment_id": "same", "quantities": {"app": 2}, "stack": {"content": content}}
    plan = berth.api.post("/api/v2/deployments/?dry_run=true", body)["plan"]
    berth.api.post("/api/v2/deployments/", body)
    berth.wait_running("same")
    assert hostnames(berth, "same") == sorted(p["hostname"] for p in plan["placements"])


def test_a_dry_run_of_a_change_tells_what_is_new_and_changes_nothing(berth: BerthBed) -> None:
    berth.deploy("change", replicas=2)
    berth.wait_running("change")
    before, running = berth.deployment("change"), on_engines(berth, "change")
    body = {"quantities": {"app": 4}}
    plan = berth.api.put("/api/v2/deployments/change?dry_run=true", body)["plan"]
    assert [p["service_slot"] for p in plan["placements"]] == [2, 3]
    assert berth.deployment("change") == before
    assert on_engines(berth, "change", running=False) == running


def test_a_dry_run_refuses_what_the_call_would_refuse(berth: BerthBed) -> None:
    bad = {"stack": {"content": "version: 2\nservices:\n  app:\n    ports: [80]\n"}}
    assert berth.api.ask("POST", "/api/v2/deployments/?dry_run=true", body=bad).status == 422
    assert berth.api.ask("PUT", "/api/v2/deployments/none?dry_run=true", body={}).status == 404
