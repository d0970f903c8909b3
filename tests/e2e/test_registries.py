"""Registries with logins: validated, and used for what hosts pull and push."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from berth.control.images.registry_login import log_in
from berthbed import BerthBed
from e2e.looking import host_named, inspect, wait_replaced, wait_task
from e2e.order import Grounds, programs
from e2e.texts import service, text
from testbed import Registry

DONE, FAILED = 4, 5
USER, PASSWORD = "captain", "s3cret-of-the-bed"


@pytest.fixture(scope="module")
def locked(shared_berth: tuple[BerthBed, Grounds]) -> Registry:
    """A registry over TLS that wants a login; its certificate is nobody's."""
    return shared_berth[0].bed.start_registry(auth=(USER, PASSWORD), tls=True)


@pytest.fixture(scope="module")
def plain(shared_berth: tuple[BerthBed, Grounds]) -> Registry:
    """A registry over plain HTTP that wants a login."""
    return shared_berth[0].bed.start_registry(auth=(USER, PASSWORD))


@pytest.fixture(autouse=True)
def without_registries(berth: BerthBed, locked: Registry, plain: Registry) -> Iterator[None]:
    """Forget the registries of a test, and remove their images."""
    yield
    for each in berth.api.get("/api/v2/registries/")["registries"]:
        if each["url"] != "index.docker.io":
            berth.api.delete(f"/api/v2/registries/{each['registry_id']}")
    for host in berth.bed.hosts:
        containers = host.docker("ps", "-aq").split()
        if containers:
            host.docker("rm", "-f", *containers)
        for registry in (locked, plain):
            images = host.docker("images", "-q", registry.image("busybox")).split()
            if images:
                host.docker("rmi", "-f", registry.image("busybox:1"))


def define(berth: BerthBed, registry: Registry, *, password: str = PASSWORD) -> str:
    """Define a registry with a login and return its id."""
    body = {"url": f"https://{registry.address}/", "username": USER, "password": password}
    made = berth.api.post("/api/v2/registries/", body)["registry"]
    assert (made["url"], made["password"]) == (registry.address, "")
    return str(made["registry_id"])


def act(berth: BerthBed, image: str, *, action: str) -> Any:
    """Ask for an action on an image of h1, and return its closed task."""
    answer = berth.api.post(f"/api/v2/images/{image}/hosts/h1/{action}")
    return wait_task(berth, answer["task_id"])


def validate(berth: BerthBed, **body: str) -> Any:
    """Validate a login."""
    return berth.api.post("/api/v2/registries/validate", body)


def test_a_login_is_validated_at_the_registry_itself(berth: BerthBed, plain: Registry) -> None:
    good = validate(berth, url=plain.address, username=USER, password=PASSWORD)
    assert good == {"valid": True, "message": "Validated successfully."}
    bad = validate(berth, url=plain.address, username=USER, password="wrong")
    assert (bad["valid"], "refuses" in bad["message"]) == (False, True)
    stored = define(berth, plain)
    assert validate(berth, registry_id=stored)["valid"] is True
    assert validate(berth, url=berth.bed.registry.address)["valid"] is True


def test_a_certificate_must_be_trusted_to_get_a_password(
    berth: BerthBed, locked: Registry, tmp_path: Path
) -> None:
    refused = validate(berth, url=locked.address, username=USER, password=PASSWORD)
    assert (refused["valid"], "not trusted" in refused["message"]) == (False, True)
    assert locked.certificate is not None
    trusted = tmp_path / locked.address
    trusted.mkdir()
    (trusted / "ca.crt").write_bytes(locked.certificate.read_bytes())
    outcomes = [
        asyncio.run(
            log_in(locked.address, username=USER, password=password, certificates=tmp_path)
        ).valid
        for password in (PASSWORD, "wrong")
    ]
    assert outcomes == [True, False]


@pytest.mark.parametrize("kind", ["locked", "plain"])
def test_pulls_and_pushes_use_the_login(
    berth: BerthBed, kind: str, request: pytest.FixtureRequest
) -> None:
    registry: Registry = request.getfixturevalue(kind)
    image = registry.image("busybox:1")
    assert act(berth, image, action="pull")["Status"] == FAILED
    registry_id = define(berth, registry, password="wr0ng-word")
    wrong = act(berth, image, action="pull")
    assert (wrong["Status"], "wr0ng-word" in wrong["Message"]) == (FAILED, False), wrong
    berth.api.put(f"/api/v2/registries/{registry_id}", {"password": PASSWORD})
    assert act(berth, image, action="pull")["Status"] == DONE
    assert act(berth, image, action="push")["Status"] == DONE


def test_a_deployment_runs_a_private_image(berth: BerthBed, plain: Registry) -> None:
    define(berth, plain)
    image = plain.image("busybox:1")
    berth.deploy("private", text=text(service(image, env=("constraint:hostname==h1",))))
    berth.wait_running("private")
    (row,) = berth.containers("private")
    host = host_named(berth, "h1")
    assert inspect(host, row["container_id"])["Config"]["Image"] == image
    berth.manager.terminate()
    host.docker("kill", row["container_id"])
    berth.start_manager()
    wait_replaced(berth, "private", old=row)
    assert not tells(berth, PASSWORD)


def tells(berth: BerthBed, word: str) -> list[Path]:
    """Return the logs and files of agents and manager that have a word in them."""
    folders = [berth.data, *(berth.agent_data(host) for host in berth.bed.hosts)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    logs = [program.log for program in programs(berth)]
    return [file for file in (*files, *logs) if word.encode() in content(file)]


def content(file: Path) -> bytes:
    """Return what a file holds; nothing when it has taken the name of another meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_bytes()
    return b""
