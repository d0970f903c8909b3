"""Images on real engines and a real registry: pulled, tagged, pushed, run, removed, given up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from berthbed import BerthBed
from e2e.looking import SOON, host_named, inspect, let_pass, wait_state_of, wait_task
from e2e.texts import service, text
from testbed import Host, Image

DONE, FAILED, CANCELLED = 4, 5, 3


def act(berth: BerthBed, image: str, *, action: str, host: str = "h1", body: object = None) -> Any:
    """Ask for an action on an image, and return its closed task."""
    path = f"/api/v2/images/{image}/hosts/{host}"
    if action == "delete":
        answer = berth.api.delete(path)
    else:
        answer = berth.api.post(f"{path}/{action}", body)
    return wait_task(berth, answer["task_id"])


def has(host: Host, image: str) -> bool:
    """Return whether an engine has an image under a name."""
    return bool(host.docker("images", "-q", image).strip())


def listed_on(berth: BerthBed, image: str) -> set[str]:
    """Return the names of the hosts that the API says to have an image."""
    items = berth.api.get("/api/images/")
    return {item["hostname"] for item in items if image in item["image"]["RepoTags"]}


@pytest.fixture
def mine(berth: BerthBed) -> Iterator[str]:
    """An image of the test's own in the registry, which no host has."""
    name = berth.bed.registry.push_image(
        "e2e/mine", "1", image=Image(cmd=("sh", "-c", "exec sleep 1000"), ballast=4 << 20)
    )
    yield name
    for host in berth.bed.hosts:
        for kept in (name, f"{name}-pushed"):
            if has(host, kept):
                host.docker("rmi", "-f", kept)


def test_an_image_goes_from_host_to_registry_to_host(berth: BerthBed, mine: str) -> None:
    pushed = f"{mine}-pushed"
    pulled = act(berth, mine, action="pull")
    assert (pulled["Status"], pulled["Percent"]) == (DONE, 100), pulled
    assert (pulled["Name"], pulled["User"]) == (f"pull image: {mine}", "admin")
    repository, _, tag = pushed.rpartition(":")
    assert act(berth, mine, action="tag", body={"Repo": repository, "Tag": tag})["Status"] == DONE
    assert act(berth, pushed, action="push")["Status"] == DONE
    assert act(berth, pushed, action="pull", host="h2")["Status"] == DONE
    h1, h2 = host_named(berth, "h1"), host_named(berth, "h2")
    assert has(h1, pushed)
    assert has(h2, pushed)
    assert not has(h2, mine)
    berth.wait_until(lambda: listed_on(berth, pushed) == {"h1", "h2"}, SOON, what="both listed")


def test_an_image_is_described_with_its_history(berth: BerthBed, mine: str) -> None:
    assert act(berth, mine, action="pull")["Status"] == DONE
    shown = berth.api.get(f"/api/images/{mine}/hosts/h1")
    real = inspect(host_named(berth, "h1"), mine)
    assert (shown["hostname"], shown["image"]) == ("h1", real)
    assert shown["history"][0]["Tags"] == [mine]
    assert berth.api.get(f"/api/images/{real['Id']}/hosts/h1")["image"]["Id"] == real["Id"]
    assert berth.api.ask("GET", f"/api/images/{mine}/hosts/h2").status == 404


def test_a_name_is_taken_from_an_image_unless_a_container_uses_it(
    berth: BerthBed, mine: str
) -> None:
    host = host_named(berth, "h1")
    assert act(berth, mine, action="pull")["Status"] == DONE
    container = host.docker("run", "-d", mine).strip()
    kept = act(berth, mine, action="delete")
    assert (kept["Status"], "container" in kept["Message"]) == (FAILED, True), kept
    assert has(host, mine)
    host.docker("rm", "-f", container)
    assert act(berth, mine, action="delete")["Status"] == DONE
    assert not has(host, mine)
    berth.wait_until(lambda: listed_on(berth, mine) == set(), SOON, what="it to be gone")
    assert berth.api.ask("DELETE", f"/api/v2/images/{mine}/hosts/h1").status == 404


def test_a_container_is_run_from_an_image_and_not_healed(berth: BerthBed, mine: str) -> None:
    host = host_named(berth, "h1")
    content = text(service("other:1", 'ports: ["18088:80"]', "command: sleep 1000",
                           env=("COLOUR=blue",), key="once"))  # fmt: skip
    task = act(berth, mine, action="run", body={"content": content, "editorTemp": {}})
    assert task["Status"] == DONE, task
    container = host.docker("ps", "-q", "--no-trunc", "--filter", "name=once-").strip()
    real = inspect(host, container)
    assert real["Config"]["Image"] == mine
    assert "COLOUR=blue" in real["Config"]["Env"]
    assert real["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == "18088"
    berth.wait_until(lambda: containers_of(berth, mine) == [container], SOON, what="it listed")
    host.docker("kill", container)
    wait_state_of(berth, container, state="Stopped")
    let_pass(2.0)
    assert host.docker("ps", "-aq", "--no-trunc").split() == [container]


def containers_of(berth: BerthBed, image: str) -> list[str]:
    """Return the ids of the containers that the API lists for an image, also a yet unlisted one."""
    answer = berth.api.ask("GET", f"/api/images/{image}/containers/")
    return [each["container"]["Id"] for each in answer.json] if answer.status == 200 else []


def test_an_image_that_nobody_has_cannot_be_pulled(berth: BerthBed) -> None:
    missing = f"{berth.bed.registry.address}/nobody/has:this"
    task = act(berth, missing, action="pull")
    assert (task["Status"], missing in task["Message"]) == (FAILED, True), task


class Tarpit:
    """A registry that takes connections and never answers."""

    def __init__(self, ip: str) -> None:
        self._listening = socket.create_server((ip, 0))
        self.address = f"{ip}:{self._listening.getsockname()[1]}"
        self.asked = threading.Event()
        self.left = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError:
            return
        with connection:
            self.asked.set()
            while connection.recv(65536):
                pass
        self.left.set()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()


@pytest.fixture
def tarpit(berth: BerthBed) -> Iterator[Tarpit]:
    """A registry that never answers."""
    tarpit = Tarpit(berth.bed.gateway_ip)
    yield tarpit
    tarpit.close()


def test_a_cancelled_pull_ends_on_the_host(berth: BerthBed, tarpit: Tarpit) -> None:
    path = f"/api/v2/images/{tarpit.address}/slow:1/hosts/h1/pull"
    task_id = berth.api.post(path)["task_id"]
    assert tarpit.asked.wait(SOON), "the engine did not ask the registry"
    open_task = berth.api.get(f"/api/v2/tasks/{task_id}?wait=50ms")["Task"]
    assert open_task["Status"] == 1
    berth.api.post(f"/api/v2/tasks/{task_id}/cancel")
    assert berth.api.get(f"/api/v2/tasks/{task_id}?wait=9s")["Task"]["Status"] == CANCELLED
    assert tarpit.left.wait(SOON), "the engine still pulls"


def test_a_pull_fails_when_its_manager_is_restarted(berth: BerthBed, tarpit: Tarpit) -> None:
    path = f"/api/v2/images/{tarpit.address}/slow:1/hosts/h1/pull"
    task_id = berth.api.post(path)["task_id"]
    assert tarpit.asked.wait(SOON), "the engine did not ask the registry"
    berth.manager.kill9()
    berth.start_manager()
    task = wait_task(berth, task_id)
    assert (task["Status"], "restarted" in task["Message"]) == (FAILED, True)
