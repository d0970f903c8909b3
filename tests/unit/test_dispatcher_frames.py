"""Sets and changes of assignments as frames."""

import msgspec
import pytest

from berth.agent.local.desired import Desired, Obeyed
from berth.dispatcher.frames import encode_change, encode_set
from berth.domain.ids import AssignmentId, InstanceId
from berth.domain.states import Intent
from berth.protocol import codec
from berth.protocol.messages import (
    MAX_FRAME_BYTES,
    AgentAssignment,
    AssignmentChange,
    AssignmentSet,
)
from berth.protocol.parts import PART_BYTES, split
from berth.testing.builders_agent import an_assignment


def a_large(number: int, *, kilobytes: int = 100, intent: Intent = Intent.RUN) -> AgentAssignment:
    environment = (("TEXT", "x" * 1024 * kilobytes),)
    return an_assignment(f"a{number}", slot=number, environment=environment, intent=intent)


def a_set(*assignments: AgentAssignment) -> AssignmentSet:
    return AssignmentSet(epoch=1, revision=7, assignments=assignments)


def a_change(*put: AgentAssignment, drop: tuple[str, ...] = ()) -> AssignmentChange:
    ids = tuple(AssignmentId(one) for one in drop)
    return AssignmentChange(epoch=1, applies_to=7, results_in=9, put=put, drop=ids)


def sets(full: AssignmentSet) -> list[AssignmentSet]:
    return [msgspec.msgpack.decode(one, type=AssignmentSet) for one in encode_set(full)]


def changes(change: AssignmentChange) -> list[AssignmentChange]:
    return [msgspec.msgpack.decode(one, type=AssignmentChange) for one in encode_change(change)]


@pytest.mark.parametrize("full", [a_set(), a_set(an_assignment("a1"))], ids=["empty", "small"])
def test_what_is_small_is_one_frame_without_another_byte(full: AssignmentSet) -> None:
    assert list(encode_set(full)) == [codec.encode(full)]
    assert b"first" not in codec.encode(full)
    change = a_change(*full.assignments, drop=("a2",))
    assert list(encode_change(change)) == [codec.encode(change)]


def test_a_large_set_is_split_and_says_where_it_begins_and_ends() -> None:
    full = a_set(*(a_large(number) for number in range(100)))
    assert len(codec.encode(full)) > MAX_FRAME_BYTES
    assert all(len(frame) <= PART_BYTES + 100 for frame in encode_set(full))
    parts = sets(full)
    assert [part.first for part in parts] == [True] + [False] * (len(parts) - 1)
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert tuple(one for part in parts for one in part.assignments) == full.assignments


def test_what_alone_is_larger_than_a_part_goes_alone() -> None:
    parts = sets(a_set(a_large(1, kilobytes=4096), a_large(2), a_large(3, kilobytes=4096)))
    assert [[one.slot for one in part.assignments] for part in parts] == [[1], [2], [3]]
    assert list(split([], len)) == []


def test_a_large_change_reaches_its_revision_with_the_last_frame() -> None:
    put = [a_large(number) for number in range(100)]
    parts = changes(a_change(*put, drop=("gone",)))
    last = len(parts) - 1
    assert last > 1
    assert [(part.applies_to, part.results_in) for part in parts] == [(7, 7)] * last + [(7, 9)]
    assert [part.drop for part in parts] == [("gone",)] + [()] * last
    assert [one for part in parts for one in part.put] == put


def test_what_ends_is_told_before_what_begins() -> None:
    put = [a_large(number) for number in range(50)]
    ending = [a_large(number, intent=Intent.END) for number in range(50, 55)]
    assert list(changes(a_change(*put, *ending))[0].put[:5]) == ending


def test_an_agent_follows_a_split_set_and_a_split_change() -> None:
    desired = Desired(Obeyed(instance_id=InstanceId("i"), epoch=1))
    for part in sets(a_set(*(a_large(number) for number in range(50)))):
        desired.take_set(part)
    for piece in changes(a_change(*(a_large(number) for number in range(25, 99)), drop=("a3",))):
        desired.take_change(piece)
    assert set(desired.assignments) == {f"a{number}" for number in range(99) if number != 3}
    assert desired.obeyed.revision == 9
