"""What tests read from the API and, past it, from the engines."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from berthbed import BerthBed, Program
from testbed import Host

Row: TypeAlias = dict[str, Any]

#: Time for anything that takes a second or two on a machine with nothing else to do.
SOON = 30.0


def host_named(berth: BerthBed, name: str) -> Host:
    """Return the host of that name."""
    return next(host for host in berth.bed.hosts if host.name == name)


def host_of(berth: BerthBed, row: Row) -> Host:
    """Return the host of a container row."""
    return host_named(berth, row["hostname"])


def names_to_ids(berth: BerthBed, deployment_id: str) -> dict[str, str]:
    """Return the container ids of a deployment by container name."""
    return {row["container_name"]: row["container_id"] for row in berth.containers(deployment_id)}


def hostnames(berth: BerthBed, deployment_id: str) -> list[str]:
    """Return the names of the hosts of a deployment's containers, sorted, one per container."""
    return sorted(row["hostname"] for row in berth.containers(deployment_id))


def settle_state(
    berth: BerthBed, deployment_id: str, *, replicas: int, timeout: float = SOON
) -> None:
    """Wait until a deployment runs this many containers and has no row beside them."""

    def is_settled() -> bool:
        rows = berth.containers(deployment_id)
        running = [row for row in rows if row["state"] == "Running"]
        return (
            len(rows) == len(running) == replicas
            and berth.deployment(deployment_id)["current_state"] == 1
        )

    berth.wait_until(is_settled, timeout, what=f"{deployment_id} to run {replicas} containers")


def wait_replaced(berth: BerthBed, deployment_id: str, *, old: Row, timeout: float = SOON) -> Row:
    """Wait until all slots run and none with the old container; return the replacement's row."""
    old_id, name = old["container_id"], old["container_name"]

    def is_replaced() -> bool:
        rows = berth.containers(deployment_id)
        return all(row["state"] == "Running" and row["container_id"] != old_id for row in rows)

    berth.wait_until(is_replaced, timeout, what=f"container {old_id[:12]} ({name}) to be replaced")
    return next(row for row in berth.containers(deployment_id) if row["container_name"] == name)


def on_engine(host: Host, deployment_id: str, *, running: bool = True) -> dict[str, str]:
    """Return a host's containers of a deployment as its engine tells: ids by name."""
    label = f"label=berth.deployment={deployment_id}"
    every = [] if running else ["-a"]
    lines = host.docker(
        "ps", *every, "--no-trunc", "--filter", label, "--format", "{{.Names}} {{.ID}}"
    )
    return dict(tuple(line.split()) for line in lines.splitlines())  # type: ignore[misc]


def on_engines(berth: BerthBed, deployment_id: str, *, running: bool = True) -> list[str]:
    """Return the ids of a deployment's containers as all engines tell, sorted."""
    return sorted(
        container_id
        for host in berth.bed.hosts
        for container_id in on_engine(host, deployment_id, running=running).values()
    )


def inspect(host: Host, container_id: str) -> Any:
    """Return the engine's own description of a container."""
    return json.loads(host.docker("inspect", container_id))[0]


def events_of(berth: BerthBed, deployment_id: str) -> list[Row]:
    """Return the events about a deployment, oldest first."""
    events = berth.api.get("/api/v2/events/")["events"]
    mine = [
        event
        for event in events
        if deployment_id in (event["actor_id"], event["details"].get("deployment_id"))
    ]
    return mine[::-1]


def open_statuses(berth: BerthBed, event_key: str) -> list[Row]:
    """Return the statuses of a kind that are not cleared."""
    statuses = berth.api.get("/api/v2/status/")["statuses"]
    return [s for s in statuses if s["event_key"] == event_key and s["severity"] > 0]


def wait_status(berth: BerthBed, event_key: str, *, word: str, timeout: float = SOON) -> Row:
    """Wait for an open status of a kind with a word in its summary, and return it."""

    def found() -> list[Row]:
        return [s for s in open_statuses(berth, event_key) if word in s["summary"]]

    berth.wait_until(found, timeout, what=f"a status {event_key} about {word!r}")
    return found()[0]


def wait_task(berth: BerthBed, task_id: str, *, timeout: float = SOON) -> Row:
    """Wait until a task is closed and return it."""
    path = f"/api/v2/tasks/{task_id}"
    berth.wait_until(
        lambda: berth.api.get(path)["Task"]["Status"] in (3, 4, 5),
        timeout,
        what="the task to close",
    )
    task: Row = berth.api.get(path)["Task"]
    return task


def wait_task_named(berth: BerthBed, name: str) -> Any:
    """Wait until the newest task of that name is closed, and return it."""

    def newest() -> Any:
        tasks = [t for t in berth.api.get("/api/v2/tasks/")["tasks"] if t["Name"] == name]
        return max(tasks, key=lambda task: tuple(task["CreatedAt"].values()), default=None)

    berth.wait_until(
        lambda: (task := newest()) is not None and task["Status"] in (3, 4, 5),
        SOON * 2,
        what=f"the task {name!r} to close",
    )
    return newest()


def wait_state_of(berth: BerthBed, container_id: str, *, state: str) -> None:
    """Wait until the API's list gives a container a state, "" for not listed."""
    berth.wait_until(
        lambda: state_of(berth, container_id) == state,
        SOON,
        what=f"{container_id[:12]} to be {state}",
    )


def state_of(berth: BerthBed, container_id: str) -> str:
    """Return the API's word for a container's state, "" for one that it does not list."""
    rows = berth.api.get("/api/v2/containers/")["containers"]
    return next((str(r["state"]) for r in rows if r["container_id"] == container_id), "")


def wait_inactive(berth: BerthBed, host: Host) -> None:
    """Wait until the API calls a host inactive."""
    berth.wait_until(lambda: not is_active(berth, host), SOON, what=f"{host.name} to be inactive")


def wait_logged(berth: BerthBed, program: Program, *, words: Sequence[str], start: int = 0) -> None:
    """Wait until a program has logged one of the words after this many bytes of its log."""

    def is_logged() -> bool:
        said = program.log.read_bytes()[start:].decode(errors="replace")
        return any(word in said for word in words)

    berth.wait_until(is_logged, SOON, what=f"the {program.name} to log {' or '.join(words)!r}")


def let_pass(seconds: float) -> None:
    """Return after a number of seconds, where time itself is what a test is about."""
    threading.Event().wait(seconds)


def is_active(berth: BerthBed, host: Host) -> bool:
    """Return whether the API calls a host active."""
    return bool(berth.hosts()[host.name]["info"]["is_active"])


def set_settings(berth: BerthBed, values: Mapping[str, float]) -> None:
    """Change settings; they are put back after the test."""
    berth.api.put("/api/v2/settings", {"settings": dict(values)})
