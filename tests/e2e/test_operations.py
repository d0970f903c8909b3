"""What operators do: roll by webhook, empty a host, take a backup elsewhere."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from berthbed import Api, BerthBed
from berthbed.berthbed import BERTH
from e2e.looking import SOON, host_named, names_to_ids, on_engine, on_engines, wait_task
from e2e.test_programs import free_port
from e2e.texts import service, text
from testbed import wait_until
from testbed.command import program_environment

WORD = {"X-Berth-Passphrase": "open sesame"}
PASSWORD = "another password"


@pytest.fixture
def other(engines_available: None, tmp_path: Path) -> Iterator[Api]:
    """A second, fresh manager on this machine, with the administrator logged in."""
    address = f"127.0.0.1:{free_port()}"
    argv = [*BERTH, "manager", "--data", str(tmp_path / "m"), "--listen", address, "--plain-http"]
    program = subprocess.Popen(
        argv, env={**program_environment(), "BERTH_ADMIN_PASSWORD": PASSWORD}
    )
    api = Api(f"http://{address}")
    try:
        wait_until(api.answers, SOON, what="the second manager to serve")
        api.log_in("admin", PASSWORD)
        yield api
    finally:
        api.close()
        program.terminate()
        program.wait(20)


def test_a_webhook_rolls_a_deployment_without_a_gap(berth: BerthBed) -> None:
    berth.deploy("hook", replicas=3)
    berth.wait_running("hook")
    before = names_to_ids(berth, "hook")
    path = "/api/v2/deployments/hook/webhook/restart"
    hook = berth.api.put(path, {"enabled": True})
    stranger = berth.anonymous()
    try:
        fired = stranger.post(hook["full_url_path"])
        assert stranger.ask("POST", f"{path}?token=wrong-token").status == 403
    finally:
        stranger.close()
    fewest, task = 3, f"/api/v2/tasks/{fired['task_id']}"

    def is_closed() -> bool:
        nonlocal fewest
        fewest = min(fewest, len(on_engines(berth, "hook")))
        return berth.api.get(task)["Task"]["Status"] in (3, 4, 5)

    berth.wait_until(is_closed, SOON * 2, what="the restart to end")
    assert berth.api.get(task)["Task"]["StatusDescription"] == "Done"
    after = names_to_ids(berth, "hook")
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert fewest == 3
    statuses = [d["status"] for d in berth.api.get(path.removesuffix("/restart"))["deliveries"]]
    assert statuses == [403, 200]


def test_a_drained_host_is_emptied_without_a_gap_and_comes_back(berth: BerthBed) -> None:
    berth.deploy("drain", replicas=6)
    berth.wait_running("drain")
    host, fewest = host_named(berth, "h1"), 6
    assert on_engine(host, "drain")
    task_id = berth.api.post("/api/v2/hosts/h1/drain")["task_id"]

    def is_closed() -> bool:
        nonlocal fewest
        fewest = min(fewest, len(on_engines(berth, "drain")))
        return berth.api.get(f"/api/v2/tasks/{task_id}")["Task"]["Status"] in (3, 4, 5)

    berth.wait_until(is_closed, SOON * 2, what="the drain to end")
    task = wait_task(berth, task_id)
    assert (task["StatusDescription"], task["Message"]) == ("Done", "no containers are left on it")
    assert on_engine(host, "drain", running=False) == {}
    assert len(on_engines(berth, "drain")) == 6
    assert fewest == 6
    berth.api.post("/api/v2/hosts/h1/activate")
    berth.api.put("/api/v2/deployments/drain", {"quantities": {"app": 9}})
    berth.wait_running("drain")
    assert on_engine(host, "drain")


def test_a_backup_makes_another_manager_alike(berth: BerthBed, other: Api) -> None:
    content = text(service(berth.bed.image("busybox:1")))
    berth.api.post("/api/v2/services/", {"service_id": "saved", "content": content})
    berth.deploy("kept", text=content, quantities={"app": 2})
    login = {"url": "registry.example.com", "username": "u", "password": "s3cret"}
    registry = berth.api.post("/api/v2/registries/", login)["registry"]["registry_id"]
    try:
        backup = berth.api.ask("GET", "/api/v2/export", headers=WORD)
        answer = other.ask("POST", "/api/v2/import", body=backup.body, headers=WORD)
    finally:
        berth.api.delete("/api/v2/services/saved")
        berth.api.delete(f"/api/v2/registries/{registry}")
    assert (answer.status, answer.json["missing_secrets"]) == (200, [])
    assert other.get("/api/v2/services/saved")["service"]["content"] == content
    there = other.get("/api/v2/deployments/kept")["deployment"]
    here = berth.deployment("kept")
    assert (there["stack"], there["quantities"]) == (here["stack"], here["quantities"])
    assert there["desired_state"] == 0
    again = other.ask("POST", "/api/v2/import?dry_run=true", body=backup.body, headers=WORD)
    assert again.json["changes"] == []
