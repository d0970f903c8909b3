"""Containers find each other: keys of what runs, and the endpoint of each host."""

from __future__ import annotations

import json
import re
import socket

import pytest

from berthbed import BerthBed
from e2e.looking import SOON, Row, host_of, inspect
from e2e.texts import service, text
from testbed import BedError, Host

#: A second, and as much again for a machine that does other things too.
SECOND = 2.0
GATEWAY = "http://172.17.0.1:9109"


def publishing(berth: BerthBed) -> str:
    """Return a definition of ``app``, which publishes two ports of the engine's choice."""
    return text(service(berth.bed.image("busybox:1"), 'ports: ["80", "443/udp"]'))


def keys(berth: BerthBed, prefix: str = "apps/") -> list[str]:
    found: list[str] = berth.api.get(f"/api/kv/{prefix}?keys")
    return found


def expected(rows: list[Row]) -> list[str]:
    return sorted(
        f"apps/app-{row['deployment_id']}-{port}/containers/{row['container_id']}"
        for row in rows
        for port in (80, 443)
    )


def put_key(berth: BerthBed, name: str, *, value: bytes) -> None:
    assert berth.api.ask("PUT", f"/api/kv/{name}", body=value).text == "true"


def fetch(berth: BerthBed, row: Row, *, path: str) -> str:
    """Return what a container gets from its host's endpoint."""
    return host_of(berth, row).docker("exec", row["container_id"], "fetch", f"{GATEWAY}{path}")


def test_keys_tell_where_each_published_port_is_reached(berth: BerthBed) -> None:
    berth.deploy("found", text=publishing(berth), quantities={"app": 3})
    berth.wait_running("found")
    rows = berth.containers("found")
    berth.wait_until(lambda: keys(berth) == expected(rows), SECOND, what="the keys of all three")
    for row in rows:
        host = host_of(berth, row)
        ports = inspect(host, row["container_id"])["NetworkSettings"]["Ports"]
        port = ports["80/tcp"][0]["HostPort"]
        name = f"apps/app-found-80/containers/{row['container_id']}"
        assert berth.api.ask("GET", f"/api/kv/{name}?raw").text == f"{host.ip}:{port}"
    entries = berth.api.get("/api/catalog/service/app-found-80")
    assert {entry["ID"] for entry in entries} == {f"{row['container_id']}:80" for row in rows}
    assert {entry["Address"] for entry in entries} == {host_of(berth, row).ip for row in rows}


def test_keys_go_within_a_second_of_a_containers_end(berth: BerthBed) -> None:
    berth.deploy("killed", text=publishing(berth), quantities={"app": 2})
    berth.wait_running("killed")
    victim = berth.containers("killed")[0]
    berth.wait_until(lambda: len(keys(berth)) == 4, SECOND, what="the keys of both")
    host_of(berth, victim).docker("kill", victim["container_id"])
    berth.wait_until(
        lambda: victim["container_id"] not in str(keys(berth)), SECOND, what="its keys to go"
    )
    berth.wait_running("killed")
    rows = berth.containers("killed")
    berth.wait_until(lambda: keys(berth) == expected(rows), SECOND, what="the new one's keys")


def test_a_manager_that_starts_again_has_every_key_as_it_was(berth: BerthBed) -> None:
    berth.deploy("kept", text=publishing(berth), quantities={"app": 3})
    berth.wait_running("kept")
    berth.wait_until(lambda: len(keys(berth)) == 6, SECOND, what="all keys")
    before = berth.api.get("/api/kv/apps/?recurse")
    berth.manager.kill9()
    berth.start_manager()
    assert berth.api.get("/api/kv/apps/?recurse") == before
    berth.wait_active()
    berth.wait_running("kept")
    assert berth.api.get("/api/kv/apps/?recurse") == before


def test_containers_read_what_is_written_at_the_manager_within_a_second(berth: BerthBed) -> None:
    berth.deploy("reader", replicas=3)
    berth.wait_running("reader")
    put_key(berth, "shop/id", value=b"one")
    for row in berth.containers("reader"):
        berth.wait_until(
            lambda row=row: _answers(berth, row, path="/api/kv/shop/id?raw=true", body="one"),
            SECOND,
            what=f"the key on {row['hostname']}",
        )
        assert fetch(berth, row, path="/api/kv/shop/?keys=true") == '["shop/id"]'
        (pair,) = json.loads(fetch(berth, row, path="/v1/kv/shop?recurse"))
        assert (pair["Key"], pair["Value"]) == ("shop/id", "b25l")
        assert fetch(berth, row, path="/v1/kv/none/?recurse") == "[]"
    berth.api.delete("/api/kv/shop/id")


def _answers(berth: BerthBed, row: Row, *, path: str, body: str) -> bool:
    try:
        return fetch(berth, row, path=path) == body
    except BedError:  # 404 while it is not there
        return False


def test_containers_read_keys_while_the_manager_is_away_and_after_a_restart_of_the_agent(
    berth: BerthBed,
) -> None:
    berth.deploy("alone", text=publishing(berth), quantities={"app": 3})
    berth.wait_running("alone")
    rows = berth.containers("alone")
    names = json.dumps(expected(rows), separators=(",", ":"))
    for row in rows:
        berth.wait_until(
            lambda row=row: fetch(berth, row, path="/api/kv/apps/?keys") == names,
            SECOND,
            what=f"all keys on {row['hostname']}",
        )
    berth.manager.kill9()
    for row in rows:
        assert fetch(berth, row, path="/api/kv/apps/?keys") == names
    berth.agents[0].terminate()
    berth.agents[0].start()
    first = next(row for row in rows if row["hostname"] == "h1")
    berth.wait_until(
        lambda: _answers(berth, first, path="/api/kv/apps/?keys", body=names),
        SOON,
        what="the endpoint",
    )


def test_keys_are_served_on_the_bridge_alone(berth: BerthBed) -> None:
    for host in berth.bed.hosts:
        assert _listening(host) == ["172.17.0.1:9109"]
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((host.ip, 9109), timeout=5)


def _listening(host: Host) -> list[str]:
    """Return the addresses with the endpoint's port on which something listens on a host."""
    found = re.findall(r"\S+:9109\b", host.call("ss", "-Hltn"))
    return [str(each) for each in found]
