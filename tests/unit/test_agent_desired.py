"""Which assignment sets an agent obeys."""

import msgspec
import pytest

from berth.agent.local.desired import (
    ChangeObeyed,
    Desired,
    NotObeyed,
    Obeyed,
    ResyncNeeded,
    SetObeyed,
    SetPartial,
)
from berth.domain.ids import AssignmentId, InstanceId
from berth.domain.lineage import ChangeMark
from berth.domain.settings import Settings
from berth.protocol.messages import (
    AgentAssignment,
    AssignmentChange,
    AssignmentSet,
    Confirm,
    Welcome,
)
from berth.testing.builders_agent import an_assignment

OURS = InstanceId("ours")
WEB = an_assignment("a1")


def a_desired(epoch: int = 3, revision: int = 30) -> Desired:
    return Desired(Obeyed(instance_id=OURS, epoch=epoch, revision=revision), [WEB])


def a_welcome(epoch: int = 3, instance: str = "ours") -> Welcome:
    return Welcome(
        protocol=1,
        instance_id=InstanceId(instance),
        epoch=epoch,
        settings=Settings(),
        host_name="h",
        pool_id="default",
    )


def a_set(epoch: int = 3, revision: int = 31) -> AssignmentSet:
    return AssignmentSet(epoch=epoch, revision=revision, assignments=())


def a_part(
    *assignments: AgentAssignment, first: bool = False, last: bool = False, revision: int = 31
) -> AssignmentSet:
    return AssignmentSet(
        epoch=3, revision=revision, first=first, last=last, assignments=assignments
    )


def test_a_newer_set_of_the_same_instance_is_obeyed() -> None:
    desired = a_desired()
    desired.welcome(a_welcome())
    assert desired.take_set(a_set()) == SetObeyed(())
    assert (desired.assignments, desired.obeyed.revision) == ({}, 31)


@pytest.mark.parametrize(
    ("welcome", "full"),
    [
        (a_welcome(epoch=2), a_set(epoch=2, revision=99)),
        (a_welcome(instance="other"), a_set()),
        (a_welcome(), a_set(revision=29)),
        (a_welcome(epoch=4), a_set(epoch=4, revision=29)),
    ],
    ids=["lower epoch", "another instance", "older revision", "older revision, later epoch"],
)
def test_a_suspicious_set_is_held_and_changes_nothing(
    welcome: Welcome, full: AssignmentSet
) -> None:
    desired = a_desired()
    desired.welcome(welcome)
    assert isinstance(desired.take_set(full), NotObeyed)
    assert desired.held
    assert list(desired.assignments.values()) == [WEB]
    assert (desired.obeyed.epoch, desired.obeyed.revision) == (3, 30)


def test_a_welcome_of_a_lower_epoch_is_held_before_any_set() -> None:
    desired = a_desired()
    desired.welcome(a_welcome(epoch=2))
    assert desired.held


@pytest.mark.parametrize(
    ("known", "obeyed"),
    [
        (ChangeMark("start", 7), True),
        (ChangeMark("start", 9), True),
        (ChangeMark("start", 6), False),
        (ChangeMark("another", 9), False),
        (ChangeMark(), False),
    ],
)
def test_a_manager_that_does_not_know_what_was_obeyed_is_held(
    known: ChangeMark, obeyed: bool
) -> None:
    desired = Desired(
        Obeyed(instance_id=OURS, epoch=3, revision=30, mark=ChangeMark("start", 7)), [WEB]
    )
    desired.welcome(msgspec.structs.replace(a_welcome(epoch=4), known_mark=known))
    taken = desired.take_set(a_set(epoch=4, revision=99))
    assert (taken == SetObeyed(()), not desired.held) == (obeyed, obeyed)
    assert (desired.obeyed.mark == ChangeMark()) == obeyed


def test_a_confirmed_manager_is_known_from_then_on() -> None:
    desired = Desired(Obeyed(instance_id=OURS, mark=ChangeMark("start", 7)), [WEB])
    desired.welcome(a_welcome())
    assert desired.held
    desired.confirm(Confirm(epoch=3, revision=31, mark=ChangeMark("another", 5)))
    assert isinstance(desired.take_set(a_set()), SetObeyed)
    desired.welcome(msgspec.structs.replace(a_welcome(), known_mark=ChangeMark("another", 6)))
    assert desired.held == ""


def test_the_same_set_again_is_obeyed() -> None:
    desired = a_desired()
    desired.welcome(a_welcome())
    assert isinstance(desired.take_set(a_set(revision=30)), SetObeyed)


def test_a_later_epoch_is_obeyed() -> None:
    desired = a_desired()
    desired.welcome(a_welcome(epoch=4))
    assert isinstance(desired.take_set(a_set(epoch=4, revision=31)), SetObeyed)


def test_changes_are_chained() -> None:
    desired = a_desired()
    desired.welcome(a_welcome())
    desired.take_set(a_set(revision=31))
    change = AssignmentChange(epoch=3, applies_to=31, results_in=35, put=(WEB,))
    assert desired.take_change(change) == ChangeObeyed((WEB,), ())
    assert isinstance(desired.take_change(change), ResyncNeeded)
    drop = AssignmentChange(epoch=3, applies_to=35, results_in=36, drop=(AssignmentId("a1"),))
    assert desired.take_change(drop) == ChangeObeyed((), (WEB.id,))
    assert (desired.assignments, desired.obeyed.revision) == ({}, 36)


def test_a_change_before_the_set_or_of_another_epoch_asks_for_a_set() -> None:
    desired = a_desired()
    desired.welcome(a_welcome())
    change = AssignmentChange(epoch=3, applies_to=30, results_in=31)
    assert isinstance(desired.take_change(change), ResyncNeeded)
    desired.take_set(a_set(revision=31))
    other = AssignmentChange(epoch=4, applies_to=31, results_in=32)
    assert isinstance(desired.take_change(other), ResyncNeeded)


def test_changes_of_a_manager_that_is_held_are_ignored() -> None:
    desired = a_desired()
    desired.welcome(a_welcome(epoch=2))
    desired.take_set(a_set(epoch=2))
    change = AssignmentChange(epoch=2, applies_to=31, results_in=32, drop=(WEB.id,))
    assert isinstance(desired.take_change(change), NotObeyed)
    assert WEB.id in desired.assignments


def test_a_confirmed_manager_is_obeyed_from_its_next_set_on() -> None:
    desired = a_desired()
    desired.welcome(a_welcome(epoch=1, instance="other"))
    desired.take_set(a_set(epoch=1, revision=5))
    assert isinstance(desired.confirm(Confirm(epoch=1, revision=5)), ResyncNeeded)
    assert (desired.held, list(desired.assignments)) == ("", ["a1"])
    assert desired.take_set(a_set(epoch=1, revision=5)) == SetObeyed(())
    assert desired.obeyed == Obeyed(instance_id=InstanceId("other"), epoch=1, revision=5)


ONE, TWO, THREE = (an_assignment(f"b{number}", slot=number) for number in (1, 2, 3))


def a_half_told() -> Desired:
    """Build a host that obeyed ``a1`` and has the first part of a set without it."""
    desired = a_desired()
    desired.welcome(a_welcome())
    assert desired.take_set(a_part(ONE, first=True)) == SetPartial()
    return desired


def test_a_set_in_parts_is_obeyed_with_its_last_part() -> None:
    desired = a_half_told()
    assert desired.take_set(a_part(TWO)) == SetPartial()
    assert (list(desired.assignments), desired.obeyed.revision) == (["a1"], 30)
    assert desired.take_set(a_part(THREE, last=True)) == SetObeyed((ONE, TWO, THREE))
    assert (list(desired.assignments), desired.obeyed.revision) == (["b1", "b2", "b3"], 31)


def test_a_new_set_takes_the_place_of_half_a_one() -> None:
    desired = a_half_told()
    assert desired.take_set(a_part(TWO, first=True, last=True)) == SetObeyed((TWO,))
    assert isinstance(desired.take_set(a_part(THREE, last=True)), ResyncNeeded)
    assert list(desired.assignments) == ["b2"]


@pytest.mark.parametrize("event", ["session lost", "next session", "confirmed"])
def test_half_a_set_is_dropped_with_its_session(event: str) -> None:
    desired = a_half_told()
    if event == "session lost":
        desired.break_chain()
    elif event == "next session":
        desired.welcome(a_welcome())
    else:
        desired.confirm(Confirm(epoch=3, revision=31))
    assert isinstance(desired.take_set(a_part(TWO, last=True)), ResyncNeeded)
    assert list(desired.assignments) == ["a1"]


def test_a_part_of_another_set_is_not_joined() -> None:
    desired = a_half_told()
    assert isinstance(desired.take_set(a_part(TWO, last=True, revision=32)), ResyncNeeded)
    assert isinstance(desired.take_set(a_part(THREE, last=True)), ResyncNeeded)
    assert list(desired.assignments) == ["a1"]


def test_a_change_between_the_parts_asks_for_a_set() -> None:
    desired = a_desired()
    desired.welcome(a_welcome())
    desired.take_set(a_set(revision=31))
    desired.take_set(a_part(ONE, first=True))
    change = AssignmentChange(epoch=3, applies_to=31, results_in=32, put=(TWO,))
    assert isinstance(desired.take_change(change), ResyncNeeded)
    assert desired.assignments == {}


def test_no_part_of_a_suspicious_set_is_kept() -> None:
    desired = a_half_told()
    assert isinstance(desired.take_set(a_part(TWO, first=True, revision=29)), NotObeyed)
    assert isinstance(desired.take_set(a_part(THREE, last=True, revision=29)), NotObeyed)
    assert list(desired.assignments) == ["a1"]
