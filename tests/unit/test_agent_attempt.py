"""The transitions of an attempt's state."""

import itertools

import msgspec

from berth.agent.containers.observed_container import ContainerState
from berth.agent.local import attempt as to
from berth.agent.local.attempt import AttemptEnd, AttemptState, Moment
from berth.domain.observed import merge_report
from berth.domain.settings import Settings
from berth.domain.states import ATTEMPT_MOVES, Attempt, Mover
from berth.testing.builders_agent import a_seen, an_assignment

WEB = an_assignment("a1")
SETTINGS = Settings()
NOW = Moment(monotonic=1000.0, unix=5000.0)


def running(**members: object) -> AttemptState:
    state = to.adopted(AttemptState(), a_seen(WEB), floor=0, moment=NOW)
    return msgspec.structs.replace(state, **members)


def ended(
    state: AttemptState, *, how: AttemptEnd = AttemptEnd.REPLACED, after_s: float = 1.0
) -> AttemptState:
    later = Moment(NOW.monotonic + after_s, NOW.unix + after_s)
    seen = a_seen(WEB, ContainerState.ENDED, exit_code=3)
    return to.ended(state, seen, how=how, settings=SETTINGS, moment=later)


def test_the_first_failure_is_followed_at_once_and_the_next_ones_later() -> None:
    state, waits = running(), []
    for _ in range(4):
        over = ended(state)
        waits.append(over.due - (NOW.monotonic + 1.0))
        state = running(failures=over.failures)
    assert waits == [0.0, 1.0, 2.0, 4.0]


def test_a_long_run_makes_the_next_failure_the_first() -> None:
    over = ended(running(failures=7), after_s=60.0)
    assert (over.failures, over.retry_at) == (1, None)


def test_an_attempt_that_never_ran_waits_from_the_first_failure_on() -> None:
    state = AttemptState(attempt=1)
    over = to.failed(state, "port_taken", message="80 is taken", settings=SETTINGS, moment=NOW)
    assert (over.due, over.retry_at, over.code) == (1001.0, 5001.0, "port_taken")


def test_the_wait_has_a_longest() -> None:
    state = AttemptState(attempt=1, failures=500)
    over = to.failed(state, "x", message="y", settings=SETTINGS, moment=NOW)
    assert over.due == NOW.monotonic + SETTINGS.backoff_max_s


def test_an_end_tells_the_exit_code() -> None:
    over = ended(running())
    assert (over.state, over.code, over.exit_code) == (Attempt.ENDED, "exited", 3)


def test_the_end_of_a_run_once_container_is_no_failure() -> None:
    over = ended(running(), how=AttemptEnd.FINAL)
    assert (over.code, over.exit_code, over.failures, over.ran) == ("", 3, 0, True)


def test_a_run_once_container_that_ended_well_is_done() -> None:
    seen = a_seen(WEB, ContainerState.ENDED, exit_code=0)
    over = to.ended(running(), seen, how=AttemptEnd.FINAL, settings=SETTINGS, moment=NOW)
    assert (over.exit_code, over.message) == (0, "done: the container ended with exit code 0")


def test_a_renewed_container_counts_as_a_failure_though_it_was_stopped() -> None:
    over = ended(to.stopping(running()), how=AttemptEnd.RENEWED)
    assert (over.code, over.failures, over.due) == ("unhealthy", 1, NOW.monotonic + 1.0)


def test_a_container_older_than_the_known_attempts_is_adopted_under_a_new_number() -> None:
    seen = a_seen(WEB, attempt=2)
    assert to.adopted(AttemptState(), seen, floor=2, moment=NOW).attempt == 2
    assert to.adopted(AttemptState(), seen, floor=5, moment=NOW).attempt == 6


def test_an_adopted_container_has_run_since_its_start() -> None:
    seen = a_seen(WEB, started_at=NOW.unix - 90)
    state = to.adopted(AttemptState(), seen, floor=0, moment=NOW)
    assert state.running_since == NOW.monotonic - 90


def test_the_reports_of_a_life_are_legal_moves_that_merge_in_order() -> None:
    state = to.begun(AttemptState(), 1)
    lives = [state]
    for move in (
        lambda s: to.pulling(s, "pulling"),
        lambda s: to.creating(to.pulled(s, "")),
        lambda s: to.created(s, "c1", name=WEB.name),
        lambda s: to.started(s, a_seen(WEB), moment=NOW),
        to.stopping,
        lambda s: to.removed(s, 0),
    ):
        lives.append(move(lives[-1]))
    states = [one.state for one in lives]
    assert set(itertools.pairwise(states)) <= ATTEMPT_MOVES[Mover.AGENT]
    reports = [
        msgspec.structs.replace(to.report_of(WEB.id, one), sequence=number)
        for number, one in enumerate(lives, 1)
    ]
    assert merge_report(merge_report(None, reports[-1]), reports[2]).state is Attempt.REMOVED


def test_a_report_repeats_no_more_than_the_beginning_of_a_long_message() -> None:
    over = to.failed(running(), "x", message="y" * 100_000, settings=SETTINGS, moment=NOW)
    message = to.report_of(WEB.id, over).message
    assert (len(message), message[-2:]) == (to.MESSAGE_AT_MOST, "y…")
