"""Containers in the API: lists, one, logs and actions, of Berth and of others."""

from __future__ import annotations

from typing import Any

import pytest

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    host_named,
    host_of,
    inspect,
    on_engines,
    state_of,
    wait_replaced,
    wait_state_of,
    wait_task,
)
from e2e.texts import service, text


def act(berth: BerthBed, container_id: str, *, action: str) -> Any:
    """Ask for an action and return its closed task."""
    answer = berth.api.post(f"/api/v2/containers/{container_id}/{action}")
    return wait_task(berth, answer["task_id"])


def by_hand(berth: BerthBed, name: str, *, image: str = "busybox:1") -> str:
    """Start a container on h1 past Berth, and return its id when Berth lists it."""
    host = host_named(berth, "h1")
    container_id = host.docker("run", "-d", "--name", name, berth.bed.image(image))
    berth.wait_until(lambda: state_of(berth, container_id), SOON, what=f"{name} to be listed")
    return container_id


def test_every_list_has_managed_and_unmanaged_containers(berth: BerthBed) -> None:
    berth.deploy("listed", text=text(service(berth.bed.image("busybox:1"),
                                             env=("constraint:hostname==h1",))))  # fmt: skip
    berth.wait_running("listed")
    (row,) = berth.containers("listed")
    wanted = {row["container_id"], by_hand(berth, "mine")}
    berth.wait_until(lambda: state_of(berth, row["container_id"]), SOON, what="it to be listed")
    wrapped = berth.api.get("/api/containers/")
    flat = berth.api.get("/api/v2/containers/")["containers"]
    of_host = berth.api.get("/api/hosts/h1/containers/")
    assert {each["container"]["Id"] for each in wrapped} == wanted
    assert {each["container_id"] for each in flat} == wanted
    assert {each["Id"] for each in of_host} == wanted
    assert {each["deployment_id"] for each in flat} == {"listed", ""}


def test_one_container_is_shown_as_its_engine_describes_it(berth: BerthBed) -> None:
    berth.deploy("shown")
    berth.wait_running("shown")
    (row,) = berth.containers("shown")
    path = f"/api/containers/{row['container_id']}/host/{row['host_id']}"
    shown = berth.api.get(path)
    real = inspect(host_of(berth, row), row["container_id"])
    assert (shown["host_id"], shown["deployment_id"]) == (row["host_id"], "shown")
    assert shown["container"]["Config"] == real["Config"]
    assert shown["container"]["Node"]["Name"] == row["hostname"]
    assert berth.api.ask("GET", path.replace(row["container_id"], "0" * 64)).status == 404


def test_logs_have_both_streams_and_a_time_on_each_line(berth: BerthBed) -> None:
    talk = "command: sh -c 'echo one; echo two >&2; echo three; sleep 1000'"
    berth.deploy("talk", text=text(service(berth.bed.image("busybox:1"), talk)))
    berth.wait_running("talk")
    (row,) = berth.containers("talk")
    path = f"/api/v2/containers/{row['container_id']}/logs"
    berth.wait_until(
        lambda: "three" in berth.api.get(path)["container"]["stdout"], SOON, what="the output"
    )
    logs = berth.api.get(path)["container"]
    words = [[line.split(" ", 1)[1] for line in logs[s].splitlines()] for s in ("stdout", "stderr")]
    assert words == [["one", "three"], ["two"]]
    newest = berth.api.get(path + "?tail=1")["container"]
    assert len((newest["stdout"] + newest["stderr"]).splitlines()) == 1


@pytest.mark.parametrize("action", ["kill", "stop"])
def test_a_managed_container_that_is_ended_by_the_api_is_replaced(
    berth: BerthBed, action: str
) -> None:
    berth.deploy("ended", replicas=2)
    berth.wait_running("ended")
    row = berth.containers("ended")[0]
    assert act(berth, row["container_id"], action=action)["StatusDescription"] == "Done"
    wait_replaced(berth, "ended", old=row)
    berth.wait_until(
        lambda: len(on_engines(berth, "ended", running=False)) == 2, SOON, what="only two"
    )


def test_a_restart_by_the_api_keeps_the_container(berth: BerthBed) -> None:
    berth.deploy("again")
    berth.wait_running("again")
    (row,) = berth.containers("again")
    host = host_of(berth, row)
    before = inspect(host, row["container_id"])["State"]["StartedAt"]
    assert act(berth, row["container_id"], action="restart")["StatusDescription"] == "Done"
    assert inspect(host, row["container_id"])["State"]["StartedAt"] != before
    berth.wait_running("again")
    assert [each["container_id"] for each in berth.containers("again")] == [row["container_id"]]


def test_a_paused_container_is_not_replaced_and_goes_on(berth: BerthBed) -> None:
    berth.deploy("pause")
    berth.wait_running("pause")
    (row,) = berth.containers("pause")
    assert act(berth, row["container_id"], action="pause")["StatusDescription"] == "Done"
    berth.wait_until(lambda: berth.containers("pause")[0]["state"] == "Paused", SOON, what="Paused")
    assert berth.deployment("pause")["current_state"] == 2
    assert act(berth, row["container_id"], action="unpause")["StatusDescription"] == "Done"
    berth.wait_running("pause")
    assert on_engines(berth, "pause", running=False) == [row["container_id"]]


def test_starting_a_running_container_changes_nothing(berth: BerthBed) -> None:
    berth.deploy("runs")
    berth.wait_running("runs")
    (row,) = berth.containers("runs")
    assert act(berth, row["container_id"], action="start")["StatusDescription"] == "Done"
    assert on_engines(berth, "runs", running=False) == [row["container_id"]]


def test_the_six_actions_work_on_a_container_started_by_hand(berth: BerthBed) -> None:
    mine = by_hand(berth, "mine")
    story = [
        ("pause", "Paused"),
        ("unpause", "Running"),
        ("stop", "Stopped"),
        ("start", "Running"),
        ("restart", "Running"),
        ("kill", "Stopped"),
    ]
    for action, state in story:
        assert act(berth, mine, action=action)["StatusDescription"] == "Done", action
        wait_state_of(berth, mine, state=state)
    assert inspect(host_named(berth, "h1"), mine)["State"]["ExitCode"] == 137


@pytest.mark.parametrize("action", ["kill", "pause", "unpause"])
def test_an_action_in_the_wrong_state_ends_its_task_as_failed(berth: BerthBed, action: str) -> None:
    mine = by_hand(berth, "mine")
    host_named(berth, "h1").docker("stop", "-t", "0", mine)
    task = act(berth, mine, action=action)
    assert task["StatusDescription"] == "Failed"
    assert task["Message"] != ""


def test_an_unknown_container_is_not_found(berth: BerthBed) -> None:
    for action in ("start", "stop", "restart", "kill", "pause", "unpause"):
        answer = berth.api.ask("POST", f"/api/v2/containers/{'0' * 64}/{action}")
        assert answer.status == 404


def test_berth_leaves_containers_of_others_alone(berth: BerthBed) -> None:
    mine = by_hand(berth, "mine")
    host_named(berth, "h1").docker("kill", mine)
    berth.wait_until(lambda: state_of(berth, mine) == "Stopped", SOON, what="Stopped")
    berth.deploy("beside", replicas=3)
    berth.wait_running("beside")
    assert inspect(host_named(berth, "h1"), mine)["State"]["Status"] == "exited"


def test_logs_of_a_host_that_is_away_are_refused_with_a_reason(berth: BerthBed) -> None:
    mine = by_hand(berth, "mine")
    berth.agents[0].terminate()
    answer = berth.api.ask("GET", f"/api/v2/containers/{mine}/logs")
    assert answer.status == 409
    assert answer.json["errors"][0]["code"] == "host_inactive"
