"""Healing: what dies is replaced, by its agent or on another host."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    events_of,
    host_named,
    host_of,
    hostnames,
    is_active,
    let_pass,
    names_to_ids,
    on_engine,
    on_engines,
    set_settings,
    settle_state,
    wait_replaced,
    wait_status,
)
from e2e.texts import service, text

#: Long enough that a replacement that waits for it is told from one that does not.
_LONG_BACKOFF = {"backoff_first_s": 50.0, "backoff_max_s": 60.0}


def test_a_container_that_exits_is_replaced(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    berth.deploy("exit", text=text(service(image, "command: sh -c 'sleep 3; exit 0'")))
    berth.wait_running("exit")
    (old,) = berth.containers("exit")
    new = wait_replaced(berth, "exit", old=old)
    assert (new["service_slot"], new["container_name"]) == (0, "0.app.exit")


@pytest.mark.parametrize("how", [("kill",), ("stop", "-t", "0"), ("rm", "-f")])
def test_a_container_that_anyone_ends_is_replaced_at_once(
    berth: BerthBed, how: tuple[str, ...]
) -> None:
    set_settings(berth, _LONG_BACKOFF)
    berth.deploy("end", replicas=2)
    berth.wait_running("end")
    old = next(row for row in berth.containers("end") if row["service_slot"] == 1)
    host = host_of(berth, old)
    host.docker(*how, old["container_id"])
    new = wait_replaced(berth, "end", old=old)
    assert (new["service_slot"], new["container_name"]) == (1, "1.app.end")
    assert new["hostname"] == old["hostname"]
    assert old["container_id"] not in on_engine(host, "end", running=False).values()


def test_one_that_keeps_dying_is_replaced_later_each_time(berth: BerthBed) -> None:
    set_settings(berth, {"attempts_before_move": 100})
    berth.deploy("dying", image="exits:1")

    began: dict[int, float] = {}

    def five() -> bool:
        for row in berth.containers("dying"):
            began.setdefault(row["attempt"], time.monotonic())
        return max(began, default=0) >= 5

    berth.wait_until(five, SOON, what="five attempts")
    assert round(began[4] - began[3]) >= 2
    assert round(began[5] - began[4]) >= 4
    made = [e for e in events_of(berth, "dying") if e["event_key"] == "container_created"]
    assert len(made) <= 2, "a crash loop is one event with a count"


@pytest.mark.slow
def test_the_longest_wait_is_a_setting(berth: BerthBed) -> None:
    limits = {"backoff_first_s": 0.2, "backoff_max_s": 0.4, "attempts_before_move": 100}
    set_settings(berth, limits)
    berth.deploy("quick", image="exits:1")

    def attempts() -> int:
        return max((row["attempt"] for row in berth.containers("quick")), default=0)

    berth.wait_until(
        lambda: attempts() >= 8, SOON, what="eight attempts, which 0.2 s doubled forbid"
    )


def test_after_running_long_enough_the_next_death_counts_as_the_first(berth: BerthBed) -> None:
    set_settings(berth, {**_LONG_BACKOFF, "backoff_reset_s": 1.0})
    berth.deploy("reset")
    for _ in range(3):
        berth.wait_running("reset")
        (row,) = berth.containers("reset")
        let_pass(1.5)
        host_of(berth, row).docker("kill", row["container_id"])
        wait_replaced(berth, "reset", old=row)


def test_after_five_failures_in_a_row_another_host_is_tried(berth: BerthBed) -> None:
    set_settings(berth, {"backoff_first_s": 0.1, "backoff_max_s": 0.1})
    ruin = "fetch http://172.17.0.1:8077/ && exit 1"
    command = f"command: [sh, -c, '{ruin}; trap \"exit 0\" TERM; while :; do sleep 1; done']"
    berth.deploy("moved", text=text(service(berth.bed.image("busybox:1"), command)))
    berth.wait_running("moved")
    (row,) = berth.containers("moved")
    bad = host_of(berth, row)
    bad.docker("run", "-d", "-p", "8077:80", berth.bed.image("web:1"))
    bad.docker("kill", row["container_id"])
    berth.wait_until(lambda: bad.name not in hostnames(berth, "moved"), SOON, what="the move")
    settle_state(berth, "moved", replicas=1)
    status = wait_status(berth, "container_failed", word="0.app.moved")
    assert status["count"] >= 5


def test_a_host_is_silent_for_six_seconds_before_it_is_inactive(berth: BerthBed) -> None:
    assert berth.api.get("/api/v2/settings")["settings"]["host_ttl_s"] == 6
    host = host_named(berth, "h2")
    host.cut()
    cut_at = time.monotonic()
    berth.wait_until(lambda: not is_active(berth, host), SOON, what="h2 to be inactive")
    silent_s = time.monotonic() - cut_at
    assert 3.9 <= silent_s <= 12
    host.heal()
    berth.wait_until(lambda: is_active(berth, host), SOON, what="h2 to be active again")


def test_slots_of_a_lost_host_are_placed_elsewhere_in_their_pool(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    berth.deploy("lost", replicas=6)
    berth.wait_running("lost")
    host_named(berth, "h1").cut()
    berth.wait_until(
        lambda: Counter(hostnames(berth, "lost")) == {"h2": 3, "h3": 3},
        SOON,
        what="the others to fill",
    )
    berth.wait_running("lost")


def test_when_a_host_returns_its_surplus_is_removed_and_the_rest_adopted(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    bound = service(berth.bed.image("busybox:1"), env=("constraint:hostname==h1",))
    berth.deploy("bound", text=text(bound), quantities={"app": 2})
    berth.deploy("free", replicas=3)
    for name in ("bound", "free"):
        berth.wait_running(name)
    host, before = host_named(berth, "h1"), on_engines(berth, "bound")
    host.cut()
    berth.wait_until(lambda: "h1" not in hostnames(berth, "free"), SOON, what="free to leave h1")
    berth.wait_running("free")
    assert len(on_engine(host, "free")) == 1
    host.heal()
    berth.wait_until(lambda: not on_engine(host, "free", running=False), SOON, what="surplus to go")
    settle_state(berth, "bound", replicas=2)
    assert on_engines(berth, "bound") == before
    assert len(on_engines(berth, "free", running=False)) == 3


def test_per_host_services_follow_hosts_that_leave_and_join_the_pool(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    berth.deploy("each", text=text(service(image, env=("occs:availability=per-host",))))
    settle_state(berth, "each", replicas=3)
    berth.api.put("/api/hosts/h2/pool", {"pool_id": "production"})
    settle_state(berth, "each", replicas=2)
    assert on_engine(host_named(berth, "h2"), "each", running=False) == {}
    berth.api.put("/api/hosts/h2/pool", {"pool_id": "default"})
    settle_state(berth, "each", replicas=3)
    assert hostnames(berth, "each") == ["h1", "h2", "h3"]


def test_a_per_host_service_runs_on_a_host_that_joins(own_berth: BerthBed) -> None:
    image = own_berth.bed.image("busybox:1")
    own_berth.deploy("joins", text=text(service(image, env=("occs:availability=per-host",))))
    settle_state(own_berth, "joins", replicas=2)
    before = names_to_ids(own_berth, "joins")
    added = own_berth.add_host()
    settle_state(own_berth, "joins", replicas=3)
    assert before.items() < names_to_ids(own_berth, "joins").items()
    assert list(on_engine(added, "joins")) == ["2.app.joins"]


def test_a_per_host_container_of_a_lost_host_waits_for_its_return(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    image = berth.bed.image("busybox:1")
    berth.deploy("wait", text=text(service(image, env=("occs:availability=per-host",))))
    settle_state(berth, "wait", replicas=3)
    before = names_to_ids(berth, "wait")
    host = host_named(berth, "h3")
    host.cut()
    berth.wait_until(lambda: not is_active(berth, host), SOON, what="h3 to be inactive")
    berth.wait_running("wait")
    host.heal()
    settle_state(berth, "wait", replicas=3)
    assert names_to_ids(berth, "wait") == before
