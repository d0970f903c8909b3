"""Settings: read, validated, and in force at once."""

from __future__ import annotations

import time

import pytest

from berthbed import BerthBed
from e2e.looking import SOON, host_of, set_settings, wait_inactive, wait_replaced


def test_settings_are_shown_and_changed_in_parts(berth: BerthBed) -> None:
    before = berth.api.get("/api/v2/settings")["settings"]
    after = berth.api.put("/api/v2/settings", {"settings": {"host_ttl_s": 9}})["settings"]
    assert after == before | {"host_ttl_s": 9.0}
    assert berth.api.get("/api/v2/settings")["settings"] == after


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host_ttl_s": 0}, "host_ttl_s"),
        ({"host_ttl_s": "soon"}, "host_ttl_s"),
        ({"backoff_first_s": -1}, "backoff_first_s"),
        ({"attempts_before_move": 1.5}, "attempts_before_move"),
        ({"stop_grace_s": None}, "stop_grace_s"),
        ({"no_such": 1}, "no_such"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(
    berth: BerthBed, wrong: dict[str, object], field: str
) -> None:
    before = berth.api.get("/api/v2/settings")
    answer = berth.api.ask("PUT", "/api/v2/settings", body={"settings": wrong})
    assert answer.status == 422
    assert field in answer.json["errors"][0]["field"]
    assert berth.api.get("/api/v2/settings") == before


def test_settings_outlive_a_kill_of_the_manager(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 7, "stop_grace_s": 3})
    before = berth.api.get("/api/v2/settings")
    berth.manager.kill9()
    berth.start_manager()
    assert berth.api.get("/api/v2/settings") == before


def test_a_new_stop_grace_holds_for_containers_that_run_already(berth: BerthBed) -> None:
    set_settings(berth, {"stop_grace_s": 60})
    berth.deploy("stubborn", image="stubborn:1")
    berth.wait_running("stubborn")
    set_settings(berth, {"stop_grace_s": 0})
    berth.api.post("/api/v2/deployments/stubborn/stop")
    berth.wait_state("stubborn", 0, timeout=SOON)


def test_a_new_time_to_live_holds_for_hosts_that_are_in_contact(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 60})
    host = berth.bed.hosts[0]
    host.cut()
    set_settings(berth, {"host_ttl_s": 1})
    begun = time.monotonic()
    wait_inactive(berth, host)
    assert time.monotonic() - begun < 20


def test_a_new_back_off_holds_for_agents_at_once(berth: BerthBed) -> None:
    set_settings(berth, {"backoff_first_s": 50, "attempts_before_move": 100})
    berth.deploy("late")
    berth.wait_running("late")
    set_settings(berth, {"backoff_first_s": 0.1, "backoff_max_s": 0.2})
    for _ in range(3):
        (row,) = berth.containers("late")
        host_of(berth, row).docker("kill", row["container_id"])
        wait_replaced(berth, "late", old=row)
