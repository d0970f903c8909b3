"""Updates on real engines: those that succeed, those that are rolled back, rollbacks, volumes."""

from __future__ import annotations

import http.client
import threading

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    host_of,
    inspect,
    on_engines,
    open_statuses,
    set_settings,
    settle_state,
    wait_inactive,
    wait_status,
    wait_task_named,
)
from e2e.texts import service, text

CHECK = "OCCS_HEALTHCHECK_UP=http://:80/?interval=1s&timeout=1s"
#: A check that fails soon.
HASTY = "&retries=1&start_period=1s"


def put_web(berth: BerthBed, deployment_id: str, *lines: str, image: str, env: str = "") -> None:
    """Change the image of a deployment's one service."""
    wanted = service(berth.bed.image(image), *lines, env=(env,) if env else ())
    path = f"/api/v2/deployments/{deployment_id}"
    berth.api.put(path, {"stack": {"content": text(wanted)}})


def outcomes(berth: BerthBed, deployment_id: str) -> list[tuple[int, str, str]]:
    """Return number, author and outcome of the generations, newest first."""
    path = f"/api/v2/deployments/{deployment_id}/generations/"
    found = berth.api.get(path)["generations"]
    return [(each["generation"], each["created_by"], each["outcome"]) for each in found]


def versions(berth: BerthBed, deployment_id: str) -> list[str]:
    """Return the VERSION that each container of a deployment was made with, sorted."""
    rows = berth.containers(deployment_id)
    every = [inspect(host_of(berth, r), r["container_id"])["Config"]["Env"] for r in rows]
    return sorted(v for env in every for v in env if v.startswith("VERSION="))


def test_an_update_that_succeeds_is_a_done_task_and_a_good_generation(berth: BerthBed) -> None:
    berth.deploy("up", text=text(service(berth.bed.image("web:1"), env=(CHECK,))),
                 quantities={"app": 2})  # fmt: skip
    wait_task_named(berth, "deploy deployment: up")
    put_web(berth, "up", image="web:2", env=CHECK)
    assert wait_task_named(berth, "update deployment: up")["Status"] == 4
    settle_state(berth, "up", replicas=2)
    assert versions(berth, "up") == ["VERSION=2", "VERSION=2"]
    assert outcomes(berth, "up") == [(2, "admin", "done"), (1, "admin", "done")]


def test_an_update_that_fails_returns_and_touches_no_old_container(berth: BerthBed) -> None:
    berth.deploy("fails", image="web:1", replicas=3)
    berth.wait_running("fails")
    wait_task_named(berth, "deploy deployment: fails")
    before = on_engines(berth, "fails")
    put_web(berth, "fails", image="exits:1")
    update = wait_task_named(berth, "update deployment: fails")
    assert update["Status"] == 5
    assert "returned to generation 1" in update["Message"]
    assert wait_task_named(berth, "rollback deployment: fails")["User"] == "system"
    settle_state(berth, "fails", replicas=3)
    assert on_engines(berth, "fails", running=False) == before
    assert [each[1:] for each in outcomes(berth, "fails")] == [
        ("system", "done"), ("admin", "failed"), ("admin", "done"),
    ]  # fmt: skip
    wait_status(berth, "rollout_failed", word="fails")


def test_a_version_that_dies_after_three_seconds_returns(berth: BerthBed) -> None:
    set_settings(berth, {"rollout_monitor_s": 5})
    berth.deploy("short", replicas=2)
    assert wait_task_named(berth, "deploy deployment: short")["Status"] == 4
    before = on_engines(berth, "short")
    dies = service(berth.bed.image("busybox:1"), 'command: ["sh", "-c", "sleep 3; exit 4"]')
    berth.api.put("/api/v2/deployments/short", {"stack": {"content": text(dies)}})
    assert wait_task_named(berth, "update deployment: short")["Status"] == 5
    wait_task_named(berth, "rollback deployment: short")
    settle_state(berth, "short", replicas=2)
    assert len(on_engines(berth, "short")) == len(before) == 2
    assert [each[2] for each in outcomes(berth, "short")] == ["done", "failed", "done"]


def test_an_update_that_is_never_healthy_returns(berth: BerthBed) -> None:
    set_settings(berth, {"first_health_s": 1.0})
    berth.deploy("sick", text=text(service(berth.bed.image("web:1"), env=(CHECK,))))
    berth.wait_running("sick")
    wait_task_named(berth, "deploy deployment: sick")
    before = on_engines(berth, "sick")
    put_web(berth, "sick", image="busybox:1", env=CHECK + HASTY)
    assert wait_task_named(berth, "update deployment: sick")["Status"] == 5
    wait_task_named(berth, "rollback deployment: sick")
    settle_state(berth, "sick", replicas=1)
    assert on_engines(berth, "sick") == before
    put_web(berth, "sick", image="web:2", env=CHECK)
    wait_task_named(berth, "update deployment: sick")
    assert open_statuses(berth, "rollout_failed") == []


def test_a_rollback_brings_the_earlier_text_back(berth: BerthBed) -> None:
    berth.deploy("back", image="web:1", replicas=2)
    berth.wait_running("back")
    put_web(berth, "back", image="web:2")
    wait_task_named(berth, "update deployment: back")
    answer = berth.api.post("/api/v2/deployments/back/rollback", {"generation": 1})
    assert "web:1" in answer["deployment"]["stack"]["content"]
    assert wait_task_named(berth, "rollback deployment: back")["Status"] == 4
    settle_state(berth, "back", replicas=2)
    assert versions(berth, "back") == ["VERSION=1", "VERSION=1"]


def test_a_slot_waits_for_the_host_of_its_volume_and_finds_its_data_again(berth: BerthBed) -> None:
    berth.deploy("kept", text=text(service(berth.bed.image("web:1"), 'volumes: ["data:/data"]')))
    berth.wait_running("kept")
    row = berth.containers("kept")[0]
    home = host_of(berth, row)
    home.docker("exec", row["container_id"], "sh", "-c", "echo mine > /data/file")
    home.cut()
    wait_inactive(berth, home)
    status = wait_status(berth, "slot_unfilled", word=f"its volume is on host {home.name}")
    assert "kept" in status["summary"]
    berth.api.post("/api/v2/deployments/kept/stop")
    berth.wait_state("kept", 0)
    berth.api.post("/api/v2/deployments/kept/start")
    wait_status(berth, "slot_unfilled", word=f"its volume is on host {home.name}")
    home.heal()
    settle_state(berth, "kept", replicas=1)
    again = berth.containers("kept")[0]
    assert again["hostname"] == home.name
    assert home.docker("exec", again["container_id"], "cat", "/data/file").strip() == "mine"


class Client:
    """Asks a fixed list of backends in turn, all the time; a request fails when all refuse it."""

    def __init__(self, backends: list[tuple[str, int]]) -> None:
        self._backends = backends
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers: list[str] = []

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        turn = 0
        while not self._ended.wait(0.02):
            turn += 1
            first = turn % len(self._backends)
            order = self._backends[first:] + self._backends[:first]
            self.answers.append(next(filter(None, map(_ask, order)), "failed"))


def _ask(backend: tuple[str, int]) -> str:
    """Return the page of a backend, "" when it does not serve it."""
    connection = http.client.HTTPConnection(*backend, timeout=2)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        connection.close()


def test_no_request_fails_while_a_service_is_updated_start_first(berth: BerthBed) -> None:
    lines = ('ports: ["8092:80"]', "deploy: {update_config: {order: start-first}}")
    berth.deploy("zero", text=text(service(berth.bed.image("web:1"), *lines, env=(CHECK,))),
                 quantities={"app": 2})  # fmt: skip
    berth.wait_running("zero")
    wait_task_named(berth, "deploy deployment: zero")
    with Client([(host.ip, 8092) for host in berth.bed.hosts]) as client:
        berth.wait_until(lambda: "1" in client.answers, SOON, what="a first answer")
        put_web(berth, "zero", *lines, image="web:2", env=CHECK)
        assert wait_task_named(berth, "update deployment: zero")["Status"] == 4
        berth.wait_until(lambda: client.answers[-20:] == ["2"] * 20, SOON, what="the new page")
    assert "failed" not in client.answers
