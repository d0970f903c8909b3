"""However frames are cut, lost, repeated and late, the manager ends up with the latest states."""

from hypothesis import given
from hypothesis import strategies as st

from berth.agent.local.attempt import AttemptState
from berth.agent.local.reporter import Reporter
from berth.domain.ids import AssignmentId
from berth.domain.observed import ContainerReport, merge_report
from berth.domain.states import Attempt
from berth.protocol.messages import Report

STATES = (Attempt.PULLING, Attempt.CREATING, Attempt.RUNNING, Attempt.ENDED)

#: What happens: an assignment moves on, a frame is sent, sent and lost, accepted, a beat passes,
#: or a session begins.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 2)),
        st.tuples(st.sampled_from(("send", "lose", "accept", "beat", "session")), st.just(0)),
    ),
    max_size=40,
)


class Manager:
    """Keeps what it heard, and merges it in any order."""

    def __init__(self) -> None:
        self.frames: list[Report] = []
        self.known: dict[AssignmentId, ContainerReport] = {}

    def record(self, frame: Report) -> None:
        for one in frame.containers:
            self.known[one.assignment_id] = merge_report(self.known.get(one.assignment_id), one)


def move(reporter: Reporter, counts: dict[int, int], *, number: int) -> None:
    """Let an assignment take its next state, attempt after attempt."""
    attempt, state = divmod(counts.get(number, 0), len(STATES))
    counts[number] = counts.get(number, 0) + 1
    moved = AttemptState(attempt=attempt + 1, state=STATES[state])
    reporter.put(AssignmentId(f"a{number}"), moved)


def play(reporter: Reporter, manager: Manager, *, happens: list[tuple[str, int]]) -> None:
    counts: dict[int, int] = {}
    for kind, number in happens:
        if kind == "move":
            move(reporter, counts, number=number)
        elif kind == "beat":
            reporter.repeat()
        elif kind == "session":
            reporter.begin_session()
        elif kind == "accept" and manager.frames:
            reporter.accept(manager.frames[-1].sequence)
        elif kind == "lose":
            reporter.take()
        elif kind == "send" and (frame := reporter.take()) is not None:
            manager.frames.append(frame)


@given(steps, st.randoms(use_true_random=False))
def test_the_manager_ends_up_with_the_latest_states(
    happens: list[tuple[str, int]], chance: object
) -> None:
    reporter, manager = Reporter(agent_epoch=1), Manager()
    play(reporter, manager, happens=happens)
    reporter.begin_session()
    while (frame := reporter.take()) is not None:
        manager.frames.append(frame)
    latest = {one.assignment_id: one for one in manager.frames[-1].containers}
    heard = manager.frames + manager.frames[::2]
    chance.shuffle(heard)  # type: ignore[attr-defined]
    for late in heard:
        manager.record(late)
    assert manager.known == latest


@given(steps)
def test_what_was_accepted_is_not_sent_again_within_a_session(
    happens: list[tuple[str, int]],
) -> None:
    reporter, manager = Reporter(agent_epoch=1), Manager()
    reporter.begin_session()
    play(
        reporter, manager, happens=[step for step in happens if step[0] not in ("lose", "session")]
    )
    while (frame := reporter.take()) is not None:
        manager.frames.append(frame)
    reporter.accept(max(frame.sequence for frame in manager.frames))
    reporter.repeat()
    reporter.repeat()
    assert reporter.take() is None
