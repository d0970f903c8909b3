"""What results of checks mean for a container's health."""

import pytest

from berth.agent.health.verdict import CheckState, Verdict, checked, fold_checks, pause_s
from berth.domain.spec import Probe
from berth.domain.states import Health

PROBE = Probe(label="WEB", kind="tcp", port=80)
HEALTHY = CheckState(Health.HEALTHY)


def fail(state: CheckState, times: int, *, running_for_s: float = 1000.0) -> CheckState:
    for _ in range(times):
        state = checked(state, PROBE, failure="refused", running_for_s=running_for_s)
    return state


def test_the_first_success_makes_a_check_healthy() -> None:
    assert checked(CheckState(), PROBE, failure="", running_for_s=0.1) == HEALTHY


def test_failures_before_the_first_success_do_not_count_during_the_start_period() -> None:
    state = fail(CheckState(), 50, running_for_s=59.9)
    assert (state.health, state.failures, state.message) == (Health.CHECKING, 0, "refused")


def after(state: CheckState, *seconds: float) -> CheckState:
    """Return what follows from failures after a time of running."""
    for running_for_s in seconds:
        state = fail(state, 1, running_for_s=running_for_s)
    return state


def test_after_the_start_period_a_failure_counts_once_an_interval() -> None:
    every_second = range(60, 120)
    assert after(CheckState(), *every_second).failures == 2
    assert after(CheckState(), *every_second).health is Health.CHECKING
    assert after(CheckState(), *every_second, 120).health is Health.UNHEALTHY


def test_checks_that_begin_a_little_early_count_all_the_same() -> None:
    assert after(CheckState(), 60.2, 90.1, 119.9).health is Health.UNHEALTHY


def test_a_success_between_the_failures_that_count_makes_it_healthy() -> None:
    state = checked(after(CheckState(), 60, 70), PROBE, failure="", running_for_s=80)
    assert state == HEALTHY


def test_once_healthy_it_fails_after_three_failures_in_a_row_also_in_the_start_period() -> None:
    assert fail(HEALTHY, 2, running_for_s=5.0).health is Health.HEALTHY
    assert fail(HEALTHY, 3, running_for_s=5.0).health is Health.UNHEALTHY


def test_a_success_in_between_counts_anew() -> None:
    state = checked(fail(HEALTHY, 2), PROBE, failure="", running_for_s=1000.0)
    assert fail(state, 2).health is Health.HEALTHY


def test_an_unhealthy_one_becomes_healthy_with_one_success() -> None:
    unhealthy = fail(HEALTHY, 3)
    assert checked(unhealthy, PROBE, failure="", running_for_s=1000.0) == HEALTHY


@pytest.mark.parametrize(
    ("state", "interval_s", "pause"),
    [(CheckState(), 30.0, 1.0), (CheckState(), 0.5, 0.5), (HEALTHY, 30.0, 30.0)],
)
def test_a_check_without_a_success_yet_is_repeated_every_second(
    state: CheckState, interval_s: float, pause: float
) -> None:
    probe = Probe(label="WEB", kind="tcp", port=80, interval_s=interval_s)
    assert pause_s(state, probe) == pause


def test_a_container_is_healthy_when_all_its_checks_are() -> None:
    failing = fail(HEALTHY, 3)
    assert fold_checks({}) == Verdict(Health.NONE)
    assert fold_checks({"A": HEALTHY, "B": HEALTHY}) == Verdict(Health.HEALTHY, 2, 2)
    assert fold_checks({"A": HEALTHY, "B": CheckState()}) == Verdict(Health.CHECKING, 2, 1)
    assert fold_checks({"A": CheckState(), "B": failing, "C": HEALTHY}) == Verdict(
        Health.UNHEALTHY, 3, 1, "B: refused"
    )
