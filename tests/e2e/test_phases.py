"""Order of services on real engines: phases with health gates, dependencies, jobs that run once."""

from __future__ import annotations

import json
from typing import Any

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    events_of,
    host_of,
    names_to_ids,
    open_statuses,
    wait_status,
    wait_task_named,
)
from e2e.texts import service, text

#: Serves only once a file is there: until then its check fails.
GATED = 'command: ["sh", "-c", "while [ ! -e /ready ]; do sleep 0.1; done; exec httpd -f -p 80"]'
CHECK = "OCCS_HEALTHCHECK_UP=tcp://:80/?interval=1s&timeout=1s"


def row_of(berth: BerthBed, deployment_id: str, *, name: str) -> Any:
    """Return the row of a container by its service and slot, such as `0.db`."""
    rows = berth.containers(deployment_id)
    return next(row for row in rows if row["container_name"].startswith(name + "."))


def wait_row(berth: BerthBed, deployment_id: str, *, name: str, **members: str) -> Any:
    """Wait until a row has those members, and return it."""

    def fits() -> bool:
        row = row_of(berth, deployment_id, name=name)
        return all(row[key] == value for key, value in members.items())

    berth.wait_until(fits, SOON, what=f"{name} of {deployment_id} to be {members}")
    return row_of(berth, deployment_id, name=name)


def job(berth: BerthBed, script: str) -> str:
    """Return a service that runs a script once."""
    command = json.dumps(["sh", "-c", script])
    return service(berth.bed.image("busybox:1"), f"command: {command}", 'restart: "no"', key="job")


def test_a_phase_waits_for_the_checks_of_the_one_before(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    db = service(image, GATED, key="db", env=("OCCS_PHASE_ID=0", CHECK))
    web = service(image, key="web", env=("OCCS_PHASE_ID=3",))
    berth.deploy("phased", text=text(web, db))
    gate = wait_row(berth, "phased", name="0.db", state="Running")
    waits = "waits for phase 0: 0 of 1 containers of db are healthy"
    wait_row(berth, "phased", name="0.web", state="Pending", message=waits)
    wait_status(berth, "deployment_phase", word="web")
    host_of(berth, gate).docker("exec", gate["container_id"], "touch", "/ready")
    berth.wait_running("phased")
    assert open_statuses(berth, "deployment_phase") == []
    before = names_to_ids(berth, "phased")["0.web.phased"]
    berth.api.put("/api/v2/deployments/phased", {"quantities": {"db": 2}})
    wait_row(berth, "phased", name="1.db", state="Running")
    assert berth.deployment("phased")["current_state"] == 2
    assert row_of(berth, "phased", name="0.web")["container_id"] == before


def test_a_stop_removes_the_last_phase_first(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    services = [service(image, key=f"s{n}", env=(f"OCCS_PHASE_ID={n}",)) for n in range(3)]
    berth.deploy("order", text=text(*services))
    berth.wait_running("order")
    berth.api.post("/api/v2/deployments/order/stop")
    berth.wait_state("order", 0)

    def stopped() -> list[str]:
        events = [e for e in events_of(berth, "order") if e["event_key"] == "container_stopped"]
        return [event["details"]["service_id"] for event in events]

    berth.wait_until(lambda: len(stopped()) == 3, SOON, what="three events of stopped containers")
    assert stopped() == ["s2", "s1", "s0"]


def test_a_service_starts_after_the_job_that_it_depends_on(berth: BerthBed) -> None:
    depends = "depends_on: {job: {condition: service_completed_successfully}}"
    web = service(berth.bed.image("busybox:1"), depends, key="web")
    berth.deploy("both", text=text(web, job(berth, "sleep 1; echo migrated")))
    berth.wait_running("both")
    done = row_of(berth, "both", name="0.job")
    assert done["state"] == "Stopped"
    assert "migrated" in host_of(berth, done).docker("logs", done["container_id"])
    keys = [(e["event_key"], e["details"].get("service_id")) for e in events_of(berth, "both")]
    assert keys.index(("container_started", "job")) < keys.index(("container_created", "web"))
    assert wait_task_named(berth, "deploy deployment: both")["Status"] == 4


def test_a_job_that_ends_badly_is_shown_and_holds_back_what_depends_on_it(berth: BerthBed) -> None:
    web = service(berth.bed.image("busybox:1"), "depends_on: [job]", key="web")
    env = web.replace("depends_on: [job]", "environment: [OCCS_PHASE_ID=1]")
    berth.deploy("bad", text=text(env, job(berth, "exit 3")))
    wait_status(berth, "run_once_failed", word="ended with exit code 3")
    failed = wait_task_named(berth, "deploy deployment: bad")
    assert (failed["Status"], failed["Message"]) == (5, "slot 0 of job ended with exit code 3")
    assert berth.deployment("bad")["current_state"] == 2
    assert row_of(berth, "bad", name="0.web")["state"] == "Pending"
    berth.api.put("/api/v2/deployments/bad", {"stack": {"content": text(env, job(berth, "true"))}})
    berth.wait_running("bad")
    assert open_statuses(berth, "run_once_failed") == []
