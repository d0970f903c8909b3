"""Streams on real engines: logs over replaced containers, programs, use, every change."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from berthbed import BerthBed
from e2e.looking import SOON, host_of, wait_replaced
from e2e.texts import service, text

TALKS = ("-c", "echo begun; trap 'exit 0' TERM; while true; do echo tick; sleep 0.2; done")


def tls_of(berth: BerthBed) -> ssl.SSLContext:
    """Trust the instance's authority."""
    return ssl.create_default_context(cafile=berth.data / "tls" / "ca.pem")


@contextmanager
def messages(berth: BerthBed, path: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """Open a stream of server-sent events and give name and content of each."""
    connection = http.client.HTTPSConnection(
        urlsplit(berth.url).netloc, timeout=SOON, context=tls_of(berth)
    )
    connection.request("GET", path, headers={"Authorization": berth.api.authorization})
    answer = connection.getresponse()
    assert answer.status == http.HTTPStatus.OK, answer.read()

    def read() -> Iterator[tuple[str, Any]]:
        event = "message"
        for line in answer:
            name, _, value = line.decode().strip().partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                yield event, json.loads(value)
                event = "message"

    try:
        yield read()
    finally:
        connection.close()


def run_program(berth: BerthBed, container_id: str, *, query: str) -> ClientConnection:
    """Open the socket of a program."""
    url = berth.url.replace("https", "wss")
    return connect(
        f"{url}/api/v2/containers/{container_id}/exec?{query}",
        additional_headers={"Authorization": berth.api.authorization},
        ssl=tls_of(berth),
        open_timeout=SOON,
    )


def deploy_talker(berth: BerthBed, deployment_id: str) -> dict[str, Any]:
    """Run a container that says something all the time, and give its row."""
    berth.deploy(deployment_id, text=text(service(
        berth.bed.image("busybox:1"), 'entrypoint: ["sh"]', f"command: {json.dumps(list(TALKS))}"
    )))  # fmt: skip
    berth.wait_running(deployment_id)
    (row,) = berth.containers(deployment_id)
    return row


def test_the_log_of_a_deployment_goes_on_with_the_replacement(berth: BerthBed) -> None:
    old = deploy_talker(berth, "talks")
    with messages(berth, "/api/v2/deployments/talks/logs?follow=true") as told:
        _, first = next(told)
        assert first["container_id"] == old["container_id"]
        host_of(berth, old).docker("kill", old["container_id"])
        new = wait_replaced(berth, "talks", old=old)
        line = next(each for _, each in told if each["container_id"] == new["container_id"])
        assert (line["service_id"], line["service_slot"], line["text"]) == ("app", 0, "begun")


def test_the_log_of_a_container_ends_with_it(berth: BerthBed) -> None:
    row = deploy_talker(berth, "ends")
    with messages(berth, f"/api/v2/containers/{row['container_id']}/logs?follow=true") as told:
        assert next(told)[1]["text"] == "begun"
        host_of(berth, row).docker("kill", row["container_id"])
        assert [event for event, _ in told][-1] == "end"


def test_a_program_runs_in_a_container(berth: BerthBed) -> None:
    row = deploy_talker(berth, "runs")
    with run_program(berth, row["container_id"], query="command=sh&env=A=b") as socket:
        socket.send(b"\0echo $A; echo oops >&2; exit 7\n")
        received = [socket.recv(timeout=SOON) for _ in range(3)]
    assert sorted(received[:2]) == [b"\1b\n", b"\2oops\n"]
    assert json.loads(received[2]) == {"exit_code": 7}


def test_a_terminal_has_the_size_that_it_was_given(berth: BerthBed) -> None:
    row = deploy_talker(berth, "sized")
    with run_program(berth, row["container_id"], query="command=sh&tty") as socket:
        socket.send(json.dumps({"resize": {"rows": 33, "cols": 99}}))
        socket.send(b"\0stty size; exit\n")
        said = b""
        while isinstance(part := socket.recv(timeout=SOON), bytes):
            said += part[1:]
    assert b"33 99" in said
    assert json.loads(part) == {"exit_code": 0}


def test_what_a_container_uses_is_told(berth: BerthBed) -> None:
    row = deploy_talker(berth, "uses")
    path = f"/api/v2/containers/{row['container_id']}/stats"
    with messages(berth, f"{path}?follow=true&interval=1") as told:
        _, usage = next(told)
        assert usage["memory_bytes"] > 0
    berth.wait_until(
        lambda: berth.api.get(path)["stats"]["history"], SOON, what="the agent to have measured"
    )


def test_a_watcher_sees_a_deployment_come_to_run(berth: BerthBed) -> None:
    with messages(berth, "/api/v2/watch?kinds=deployment") as told:
        assert next(told)[0] == "begin"
        berth.deploy("seen")
        states = (each["object"]["current_state"] for _, each in told if each["id"] == "seen")
        assert 1 in states
