"""Containers find each other: keys of what runs, the endpoint of each host, template functions."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from berthbed import BerthBed
from e2e.looking import SOON, Row, host_of, inspect, wait_status
from e2e.texts import service, text
from testbed import Bed, BedError, Host

#: A second, and as much again for a machine that does other things too.
SECOND = 2.0
GATEWAY_IP = "172.17.0.1"
GATEWAY = f"http://{GATEWAY_IP}:9109"


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


def variables(berth: BerthBed, row: Row) -> dict[str, str]:
    """Return what a container that runs ``env`` has said."""
    path = f"/api/v2/containers/{row['container_id']}/logs"

    def said() -> str:
        logs: str = berth.api.get(path)["container"]["stdout"]
        return logs

    berth.wait_until(lambda: "OCCS_HOSTIP=" in said(), SOON, what="the variables in the logs")
    lines = (line.partition(" ")[2] for line in said().splitlines())
    return dict(line.split("=", 1) for line in lines if "=" in line)


def env_service(berth: BerthBed, *env: str, key: str = "app") -> str:
    """Return a service that says its variables, and stays."""
    image = berth.bed.image("busybox:1")
    return service(image, 'command: ["sh", "-c", "env; exec sleep 3600"]', env=env, key=key)


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


def test_keys_and_checks_lead_to_a_port_that_the_engine_chose_for_ipv4_alone(
    engines_available: None,
) -> None:
    with Bed.up(hosts=1, engine_options={"userland-proxy": True}) as bed, BerthBed(bed) as berth:
        berth.start()
        # IPv4 alone moves on by a number, at which nothing answers: the two of a container differ.
        bed.hosts[0].docker("run", "--detach", "--publish=0.0.0.0::80", bed.image("busybox:1"))
        check = "OCCS_HEALTHCHECK_WEB=http://:80/"
        web = service(bed.image("web:1"), 'ports: ["80"]', env=(check,))
        berth.deploy("apart", text=text(web))
        berth.wait_running("apart")
        (row,) = berth.containers("apart")
        key = f"apps/app-apart-80/containers/{row['container_id']}"
        berth.wait_until(lambda: key in keys(berth), SECOND, what="the key")
        address = berth.api.ask("GET", f"/api/kv/{key}?raw").text
        with urlopen(f"http://{address}/", timeout=5) as answer:
            assert answer.status == 200


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


def test_another_machine_with_a_route_to_the_bridge_gets_no_keys(berth: BerthBed) -> None:
    host = berth.bed.hosts[0]
    with _marked_route(GATEWAY_IP, via=host.ip) as mark, socket.socket() as client:
        client.settimeout(5)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
        client.connect((GATEWAY_IP, 9109))
        with contextlib.suppress(ConnectionResetError):
            client.sendall(b"GET /api/kv/?keys HTTP/1.0\r\n\r\n")
            assert client.recv(1000) == b""


@contextlib.contextmanager
def _marked_route(address: str, *, via: str) -> Iterator[int]:
    """Route to an address over a host, for packets with a mark alone; yield the mark."""
    mark = 9109
    rule = ["rule", "add", "fwmark", str(mark), "table", str(mark)]
    subprocess.run(["ip", "route", "add", address, "via", via, "table", str(mark)], check=True)
    try:
        subprocess.run(["ip", *rule], check=True)
        yield mark
    finally:
        subprocess.run(["ip", "rule", "del", *rule[2:]], check=False)
        subprocess.run(["ip", "route", "flush", "table", str(mark)], check=False)


def _listening(host: Host) -> list[str]:
    """Return the addresses with the endpoint's port on which something listens on a host."""
    found = re.findall(r"\S+:9109\b", host.call("ss", "-Hltn"))
    return [str(each) for each in found]


def test_every_template_function_is_seen_from_inside_a_container(berth: BerthBed) -> None:
    put_key(berth, "shop/greeting", value=b"good day")
    templates = {
        "T_TOKEN": "{{api_token}}",
        "T_PROXY": '{{ proxy "db:3306" }}',
        "T_PATH": '{{sd_deployment_containers_path "db" 3306}}',
        "T_KEY": '{{kv_get "shop/greeting"}}',
        "T_DEFAULT": '{{kv_get "shop/none" "fallback"}}',
        "T_INTERFACE": '{{hostip_for_interface .HostIPs "docker0"}}',
        "T_ENV": '{{env "T_KEY"}} on {{env "OCCS_HOSTNAME"}}',
        "T_IDS": "{{.ServiceID}} {{.DeploymentID}} {{.DeploymentName}} {{.PoolID}}",
        "T_CONTAINER": "{{.ServiceSlot}} {{.ContainerName}}",
        "T_HOST": "{{.HostID}} {{.Hostname}} {{.HostIP}} {{.HostIPs}}",
    }
    entries = [f"{name}={value}" for name, value in templates.items()]
    db = service(berth.bed.image("busybox:1"), key="db")
    berth.deploy("full", text=text(env_service(berth, *entries), db), quantities={"app": 1})
    berth.wait_running("full")
    row = next(row for row in berth.containers("full") if row["service_id"] == "app")
    host, said = host_of(berth, row), variables(berth, row)
    assert said["T_TOKEN"].startswith("berth-deployment.full.")
    assert re.fullmatch(r"172\.17\.0\.1:2\d{4}", said["T_PROXY"])
    assert said["T_PATH"] == "apps/db-full-3306/containers"
    assert (said["T_KEY"], said["T_DEFAULT"]) == ("good day", "fallback")
    assert said["T_INTERFACE"] == "172.17.0.1"
    assert said["T_ENV"] == f"good day on {host.name}"
    assert said["T_IDS"] == "app full full default"
    assert said["T_CONTAINER"] == "0 0.app.full"
    assert said["T_HOST"] == " ".join(
        [row["host_id"], host.name, host.ip, said["OCCS_HOSTIPS"]]
    )  # fmt: skip
    assert said["OCCS_HOSTIP"] == host.ip
    assert said["OCCS_HOSTIPS"].endswith(f"public_ip: {host.ip}")
    assert "docker0: 172.17.0.1" in said["OCCS_HOSTIPS"]
    assert f"{row['service_id']} {row['container_name']}" == (
        f"{said['OCCS_SERVICE_ID']} {said['OCCS_CONTAINER_NAME']}"
    )
    berth.api.delete("/api/kv/shop/greeting")


def test_a_slot_waits_for_its_key_and_starts_when_it_is_written(berth: BerthBed) -> None:
    reader = env_service(berth, 'A={{kv_get "late/key"}}')
    berth.deploy("late", text=text(reader))
    wait_status(berth, "slot_unfilled", word="'late/key'")
    (row,) = berth.containers("late")
    assert (row["state"], row["container_id"]) == ("Pending", "")
    assert "the key 'late/key' does not exist" in row["message"]
    put_key(berth, "late/key", value=b"here")
    berth.wait_running("late")
    assert variables(berth, berth.containers("late")[0])["A"] == "here"
    berth.api.delete("/api/kv/late/key")


def test_directives_and_constraints_never_reach_a_container(berth: BerthBed) -> None:
    lines = ("occs:availability=per-pool", "OCCS:scheduler=random", "constraint:hostname==h1")
    berth.deploy("clean", text=text(env_service(berth, *lines, "B=1")))
    berth.wait_running("clean")
    said = variables(berth, berth.containers("clean")[0])
    assert said["B"] == "1"
    assert not [name for name in said if ":" in name or "availability" in name]
