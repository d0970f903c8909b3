"""Legal moves, and merging of reports in any order."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from berth.domain.ids import AssignmentId
from berth.domain.observed import ContainerReport, merge_report
from berth.domain.states import ATTEMPT_MOVES, INTENT_MOVES, Attempt, Health, Intent


def test_no_move_goes_backwards() -> None:
    for moves in (ATTEMPT_MOVES, INTENT_MOVES):
        for of_actor in moves.values():
            assert all(before < after for before, after in of_actor)


def test_every_state_is_left_by_one_actor() -> None:
    for moves in (ATTEMPT_MOVES, INTENT_MOVES):
        for one, other in itertools.combinations(moves.values(), 2):
            assert not {before for before, _ in one} & {before for before, _ in other}


def test_every_state_but_the_last_is_left_and_every_state_but_the_first_is_reached() -> None:
    attempt_moves = set().union(*ATTEMPT_MOVES.values())
    assert {before for before, _ in attempt_moves} == set(Attempt) - {Attempt.REMOVED}
    assert {after for _, after in attempt_moves} == set(Attempt) - {Attempt.ASSIGNED}
    assert set().union(*INTENT_MOVES.values()) == {(Intent.RUN, Intent.END)}


REPORTS = st.builds(
    ContainerReport,
    assignment_id=st.just(AssignmentId("a1")),
    attempt=st.integers(0, 3),
    state=st.sampled_from(Attempt),
    agent_epoch=st.integers(1, 2),
    sequence=st.integers(1, 6),
    health=st.sampled_from(Health),
    was_healthy=st.booleans(),
    paused=st.booleans(),
)


def distinct(reports: list[ContainerReport]) -> list[ContainerReport]:
    """One report per (epoch, sequence): an agent never gives a number twice."""
    return list({(r.attempt, r.agent_epoch, r.sequence): r for r in reports}.values())


def merge_all(reports: list[ContainerReport]) -> ContainerReport:
    merged: ContainerReport | None = None
    for report in reports:
        merged = merge_report(merged, report)
    assert merged is not None
    return merged


@given(st.lists(REPORTS, min_size=1, max_size=8), st.data())
def test_order_and_repetition_of_reports_do_not_matter(
    reports: list[ContainerReport], data: st.DataObject
) -> None:
    reports = distinct(reports)
    repeated = reports + data.draw(st.lists(st.sampled_from(reports), max_size=4))
    shuffled = data.draw(st.permutations(repeated))
    assert merge_all(shuffled) == merge_all(reports)


@given(st.lists(REPORTS, min_size=1, max_size=8))
def test_a_life_cycle_only_grows_within_an_attempt(reports: list[ContainerReport]) -> None:
    merged = reports[0]
    for report in reports[1:]:
        before, merged = merged, merge_report(merged, report)
        assert (merged.attempt, merged.state) >= (before.attempt, before.state)


def test_a_report_of_a_former_attempt_is_dropped() -> None:
    running = ContainerReport(
        assignment_id=AssignmentId("a1"),
        attempt=2,
        state=Attempt.RUNNING,
        agent_epoch=1,
        sequence=9,
    )
    late = ContainerReport(
        assignment_id=AssignmentId("a1"), attempt=1, state=Attempt.ENDED, agent_epoch=1, sequence=5
    )
    assert merge_report(running, late) is running
