"""The rolling restart of a deployment, as users ask for it."""

import pytest

from berth.control.tasks import cancel_task
from berth.domain.errors import Conflict
from unit.desk import TWO, Desk


@pytest.fixture
def desk() -> Desk:
    """Return a desk with a deployment of two services."""
    desk = Desk()
    desk.create(TWO)
    return desk


def test_a_restart_makes_every_container_outdated_and_has_a_task(desk: Desk) -> None:
    before = desk.draft.deployments.get("app")
    assert before is not None
    after = desk.restart()
    assert all(after.hash_of(each) != before.hash_of(each) for each in after.services)
    assert (after.generation, after.info_generation) == (2, 1)
    assert desk.task(after.task_id) == ("restart", "PENDING", 2)
    assert desk.task("t1")[1] == "CANCELLED"


def test_a_second_restart_during_the_first_is_answered_with_its_task(desk: Desk) -> None:
    first = desk.restart()
    assert desk.restart() == first
    assert len(desk.draft.tasks) == 2


def test_a_restart_after_a_cancelled_one_begins_anew(desk: Desk) -> None:
    first = desk.restart()
    cancel_task(desk.draft, first.task_id)
    second = desk.restart()
    assert second.nonce != first.nonce
    assert not second.paused


def test_a_change_takes_the_place_of_a_restart(desk: Desk) -> None:
    first = desk.restart()
    changed = desk.change(quantities={"web": 2})
    assert desk.task(first.task_id)[1] == "CANCELLED"
    assert changed.nonce == first.nonce


def test_a_stopped_deployment_is_not_restarted(desk: Desk) -> None:
    desk.stop()
    with pytest.raises(Conflict):
        desk.restart()


def test_the_event_of_a_restart_tells_who_asked(desk: Desk) -> None:
    desk.restart()
    (event,) = (e for e in desk.draft.events.values() if e.key == "deployment_restarted")
    assert event.details["caller"] == "ada"
