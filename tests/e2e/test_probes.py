"""Checks of containers on real engines: what is reachable, what is healthy, what ends and how."""

from __future__ import annotations

import json

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    Row,
    host_of,
    inspect,
    open_statuses,
    set_settings,
    wait_replaced,
    wait_status,
)
from e2e.texts import service, text
from testbed import Image

#: Serves /www; asked to end it does at once.
SERVE = "httpd -f -p 80 -h /www & trap 'exit 0' TERM INT; wait $!"


def run_script(*steps: str) -> str:
    """Return the key of a command that does the steps and then serves."""
    return f"command: {json.dumps(['sh', '-c', '; '.join([*steps, SERVE])])}"


def only_row(berth: BerthBed, deployment_id: str) -> Row:
    (row,) = berth.containers(deployment_id)
    return row


def checks(berth: BerthBed, deployment_id: str) -> tuple[int, int]:
    row = only_row(berth, deployment_id)
    return row["checks_passed"], row["checks_total"]


def wait_checks(berth: BerthBed, deployment_id: str, *, expected: tuple[int, int]) -> None:
    berth.wait_until(
        lambda: checks(berth, deployment_id) == expected,
        SOON,
        what=f"{expected[0]} of {expected[1]} checks of {deployment_id} to pass",
    )


def wait_cleared(berth: BerthBed) -> None:
    berth.wait_until(
        lambda: not open_statuses(berth, "container_health_check"),
        SOON,
        what="the status to be cleared",
    )


def in_container(berth: BerthBed, deployment_id: str, *command: str) -> str:
    row = only_row(berth, deployment_id)
    return host_of(berth, row).docker("exec", row["container_id"], *command)


def test_every_kind_of_check_finds_its_container(berth: BerthBed) -> None:
    script = r"printf '#!/bin/sh\ntest -e /www/index.html\n' > /check.sh; chmod +x /check.sh"
    env = (
        "OCCS_HEALTHCHECK_OWN=http://:80/",
        "OCCS_HEALTHCHECK_TCP=tcp://:80/",
        "OCCS_HEALTHCHECK_JOB=script:///check.sh",
        "OCCS_HEALTHCHECK_PUBLISHED=http://:18099/",
    )
    web = service(berth.bed.image("web:1"), run_script(script), 'ports: ["18099:80"]', env=env)
    berth.deploy("kinds", text=text(web))
    berth.wait_running("kinds")
    assert checks(berth, "kinds") == (4, 4)


def test_an_unpublished_port_is_checked_at_the_containers_own_address(berth: BerthBed) -> None:
    web = service(berth.bed.image("web:1"), env=("OCCS_HEALTHCHECK_WEB=http://:80/",))
    berth.deploy("inside", text=text(web))
    berth.wait_running("inside")
    assert checks(berth, "inside") == (1, 1)


def test_a_deployment_is_not_running_before_its_checks_pass(berth: BerthBed) -> None:
    web = service(
        berth.bed.image("web:1"),
        run_script("until test -e /go; do sleep 0.1; done"),
        env=("OCCS_HEALTHCHECK_WEB=http://:80/",),
    )
    berth.deploy("slow", text=text(web))
    berth.wait_until(
        lambda: only_row(berth, "slow")["state"] == "Running", SOON, what="the container to run"
    )
    assert (berth.deployment("slow")["current_state"], checks(berth, "slow")) == (2, (0, 1))
    in_container(berth, "slow", "touch", "/go")
    berth.wait_running("slow", timeout=SOON)


def test_a_run_once_container_that_fails_its_check_is_reported_and_kept(berth: BerthBed) -> None:
    check = "OCCS_HEALTHCHECK_WEB=http://:80/?interval=1s&timeout=2s"
    web = service(berth.bed.image("web:1"), run_script(), 'restart: "no"', env=(check,))
    berth.deploy("sick", text=text(web))
    wait_checks(berth, "sick", expected=(1, 1))
    before = only_row(berth, "sick")["container_id"]
    in_container(berth, "sick", "mv", "/www/index.html", "/gone")
    status = wait_status(berth, "container_health_check", word="0.app.sick")
    assert "answered 404" in status["summary"]
    assert only_row(berth, "sick")["container_id"] == before
    assert berth.deployment("sick")["current_state"] == 2
    in_container(berth, "sick", "mv", "/gone", "/www/index.html")
    wait_cleared(berth)


def test_a_container_that_becomes_unhealthy_is_replaced(berth: BerthBed) -> None:
    check = "OCCS_HEALTHCHECK_WEB=http://:80/?interval=1s&timeout=2s"
    web = service(berth.bed.image("web:1"), run_script(), env=(check,))
    berth.deploy("heal", text=text(web))
    berth.wait_running("heal")
    (old,) = berth.containers("heal")
    in_container(berth, "heal", "rm", "-r", "/www")
    new = wait_replaced(berth, "heal", old=old)
    assert (new["container_name"], new["hostname"]) == (old["container_name"], old["hostname"])
    berth.wait_running("heal", timeout=SOON)
    wait_cleared(berth)


def never_healthy(berth: BerthBed) -> str:
    """Return a definition whose engine finds the container unhealthy until ``/ok`` is there."""
    check = 'healthcheck: {test: "echo not yet; test -e /ok", interval: 500ms, retries: 1}'
    return text(service(berth.bed.image("busybox:1"), check))


def test_a_container_that_starts_longer_than_its_checks_allow_is_left_alone(
    berth: BerthBed,
) -> None:
    berth.deploy("starts", text=never_healthy(berth))
    status = wait_status(berth, "container_health_check", word="0.app.starts")
    assert "HEALTHCHECK: not yet; it has not been healthy since it started" in status["summary"]
    before = only_row(berth, "starts")["container_id"]
    in_container(berth, "starts", "touch", "/ok")
    berth.wait_running("starts", timeout=SOON)
    assert only_row(berth, "starts")["container_id"] == before
    wait_cleared(berth)


def test_a_container_that_is_never_healthy_is_replaced_after_a_while(berth: BerthBed) -> None:
    set_settings(berth, {"first_health_s": 2.0})
    berth.deploy("never", text=never_healthy(berth))
    wait_status(berth, "container_health_check", word="0.app.never")
    wait_replaced(berth, "never", old=only_row(berth, "never"))


def test_the_check_of_an_image_counts(berth: BerthBed) -> None:
    check = {"Test": ["CMD-SHELL", "test -e /ok"], "Interval": 500_000_000, "Retries": 1}
    image = berth.bed.registry.push_image(
        "checked", "1", image=Image(cmd=("sleep", "1000"), config={"Healthcheck": check})
    )
    berth.deploy("own", text=text(service(image, "stop_grace_period: 0s")))
    wait_checks(berth, "own", expected=(0, 1))
    in_container(berth, "own", "touch", "/ok")
    wait_checks(berth, "own", expected=(1, 1))
    berth.wait_running("own", timeout=SOON)


def test_the_check_of_a_text_takes_the_place_of_the_images_own(berth: BerthBed) -> None:
    never = {"Test": ["CMD", "false"], "Interval": 500_000_000, "Retries": 1}
    image = berth.bed.registry.push_image(
        "doomed", "1", image=Image(cmd=("sleep", "1000"), config={"Healthcheck": never})
    )
    check = 'healthcheck: {test: ["CMD", "true"], interval: 500ms}'
    berth.deploy("text", text=text(service(image, check, "stop_grace_period: 0s")))
    berth.wait_running("text", timeout=SOON)
    assert checks(berth, "text") == (1, 1)


def test_a_run_once_service_is_tried_again_and_keeps_its_result(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    job = service(image, "command: sh -c 'echo tried; exit 3'", "restart: on-failure:2")
    berth.deploy("job", text=text(job))
    berth.wait_until(
        lambda: only_row(berth, "job")["state"] == "Stopped", SOON, what="the job to be over"
    )
    row = only_row(berth, "job")
    document = inspect(host_of(berth, row), row["container_id"])
    assert (document["State"]["Status"], document["State"]["ExitCode"]) == ("exited", 3)
    assert document["Config"]["Labels"]["berth.attempt"] == "3"
    assert "exit code 3" in row["message"]
    logs = berth.api.get(f"/api/v2/containers/{row['container_id']}/logs")["container"]
    assert "tried" in logs["stdout"]


def test_a_container_is_stopped_with_its_own_signal(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    script = "trap 'exit 7' USR1; trap '' TERM; while :; do sleep 0.1; done"
    job = service(
        image,
        f"command: {json.dumps(['sh', '-c', script])}",
        "stop_signal: SIGUSR1",
        "stop_grace_period: 30s",
        'restart: "no"',
    )
    berth.deploy("signal", text=text(job))
    berth.wait_running("signal")
    container_id = only_row(berth, "signal")["container_id"]
    berth.api.post(f"/api/v2/containers/{container_id}/stop")
    berth.wait_until(
        lambda: only_row(berth, "signal")["state"] == "Stopped", 15.0, what="the job to be over"
    )
    document = inspect(host_of(berth, only_row(berth, "signal")), container_id)
    assert document["State"]["ExitCode"] == 7
