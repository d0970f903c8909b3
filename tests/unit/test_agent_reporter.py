"""Reports: merged while they wait, repeated until accepted."""

from berth.agent.local.attempt import AttemptState
from berth.agent.local.reporter import Reporter
from berth.domain.ids import AssignmentId
from berth.domain.states import Attempt
from berth.protocol.messages import Report

A1, A2 = AssignmentId("a1"), AssignmentId("a2")


def at(state: Attempt, **members: object) -> AttemptState:
    return AttemptState(attempt=1, state=state, **members)  # type: ignore[arg-type]


def take(reporter: Reporter) -> Report:
    report = reporter.take()
    assert report is not None
    return report


def named(report: Report) -> dict[str, Attempt]:
    return {one.assignment_id: one.state for one in report.containers}


def a_reporter() -> Reporter:
    """Return a reporter in a session, its full report sent."""
    reporter = Reporter(agent_epoch=7)
    reporter.begin_session()
    reporter.take()
    return reporter


def test_the_first_report_of_a_session_is_full() -> None:
    reporter = Reporter(agent_epoch=7)
    reporter.put(A1, at(Attempt.RUNNING))
    reporter.put(A2, at(Attempt.ENDED))
    reporter.begin_session()
    report = take(reporter)
    assert (report.full, named(report)) == (True, {"a1": Attempt.RUNNING, "a2": Attempt.ENDED})
    assert reporter.take() is None


def test_a_full_report_is_sent_when_there_is_nothing_to_tell() -> None:
    reporter = Reporter(agent_epoch=7)
    reporter.begin_session()
    assert take(reporter) == Report(full=True, sequence=0, containers=())


def test_what_changes_while_a_frame_is_under_way_becomes_one_report() -> None:
    reporter = a_reporter()
    for state in (Attempt.PULLING, Attempt.CREATING, Attempt.RUNNING):
        reporter.put(A1, at(state))
    report = take(reporter)
    assert (report.full, named(report), report.sequence) == (False, {"a1": Attempt.RUNNING}, 3)
    assert reporter.take() is None


def test_reports_bear_the_agents_epoch_and_growing_sequences() -> None:
    reporter = a_reporter()
    reporter.put(A1, at(Attempt.RUNNING))
    reporter.put(A2, at(Attempt.RUNNING))
    told = [(one.agent_epoch, one.sequence) for one in take(reporter).containers]
    assert told == [(7, 1), (7, 2)]


def test_a_state_that_says_nothing_new_is_not_reported() -> None:
    reporter = a_reporter()
    reporter.put(A1, at(Attempt.RUNNING))
    reporter.take()
    reporter.put(A1, at(Attempt.RUNNING, due=5.0))
    assert reporter.take() is None


def test_an_accepted_report_is_not_repeated_and_another_one_is() -> None:
    reporter = a_reporter()
    reporter.put(A1, at(Attempt.RUNNING))
    reporter.put(A2, at(Attempt.RUNNING))
    reporter.take()
    reporter.accept(1)
    reporter.repeat()
    assert reporter.take() is None, "it had no time to be accepted yet"
    reporter.repeat()
    assert named(take(reporter)) == {"a2": Attempt.RUNNING}


def test_a_new_session_tells_everything_again() -> None:
    reporter = a_reporter()
    reporter.put(A1, at(Attempt.RUNNING))
    reporter.accept(take(reporter).sequence)
    reporter.begin_session()
    assert named(take(reporter)) == {"a1": Attempt.RUNNING}


def test_who_waits_for_the_acceptance_is_told_once() -> None:
    reporter, told = a_reporter(), []
    reporter.on_accepted = told.extend
    reporter.put(A1, at(Attempt.REMOVED))
    assert not reporter.settled(A1)
    reporter.accept(1)
    reporter.accept(1)
    assert (told, reporter.settled(A1)) == ([A1], True)


def test_holding_is_told_at_once_and_with_every_report() -> None:
    reporter = a_reporter()
    reporter.hold("restored")
    assert take(reporter) == Report(
        full=False, sequence=0, containers=(), held=True, held_because="restored"
    )
    assert reporter.take() is None
    reporter.put(A1, at(Attempt.RUNNING))
    assert take(reporter).held


def test_only_states_that_somebody_waits_for_are_urgent() -> None:
    reporter, urgent = a_reporter(), []
    reporter.begin_session(urgent.append)
    for state in (Attempt.PULLING, Attempt.STARTING, Attempt.RUNNING, Attempt.ENDED):
        reporter.put(A1, at(state))
    reporter.put(A2, at(Attempt.RUNNING))
    reporter.put(A2, at(Attempt.RUNNING, paused=True))
    assert urgent == [False, False, True, True, True, True]


def test_a_forgotten_assignment_is_in_no_report() -> None:
    reporter = a_reporter()
    reporter.put(A1, at(Attempt.REMOVED))
    reporter.forget(A1)
    assert reporter.take() is None
    reporter.begin_session()
    assert take(reporter).containers == ()
