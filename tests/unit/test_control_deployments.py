"""Deployments: what a change does to the record, its generations, its task and its events."""

import msgspec
import pytest

from berth.control.deployments.lifecycle import delete_deployment
from berth.control.tasks import cancel_task
from berth.domain.errors import Conflict
from berth.domain.ids import HostId, TaskId
from berth.domain.records import Actor, TaskKind, VolumeHome
from berth.domain.states import Intent, Severity, TaskStatus
from berth.store.draft import NewEvent
from unit.desk import ONE, TWO, Desk, text


@pytest.fixture
def desk() -> Desk:
    """Return a fresh desk."""
    return Desk()


def test_a_new_deployment_has_a_task_that_brings_its_generation_about(desk: Desk) -> None:
    made = desk.create()
    assert (made.task_id, made.generation, made.changed_at) == ("t1", 1, 0.0)
    assert desk.task("t1") == ("deploy", "PENDING", 1)
    task = desk.draft.tasks.get("t1")
    assert task is not None
    assert (task.subject, task.user, task.epoch) == ("app", "ada", 3)


def test_generations_count_changes_and_what_they_touch(desk: Desk) -> None:
    desk.create()
    counts = [
        (made.generation, made.info_generation, made.changed_at)
        for made in (
            desk.change(quantities={"web": 2}),
            desk.change(name="App"),
            desk.stop(),
            desk.start(),
            desk.change(pool_id="production"),
            desk.change(text=text(TWO)),
        )
    ]
    assert counts == [
        (2, 2, 1001.0), (3, 3, 1002.0), (4, 3, 1002.0), (5, 3, 1002.0), (6, 6, 1005.0),
        (7, 7, 1006.0),
    ]  # fmt: skip


def test_what_changes_nothing_leaves_the_record_and_its_task(desk: Desk) -> None:
    made = desk.create()
    events = len(desk.draft.events)
    same = desk.change(
        name="app", pool_id="default", quantities={"web": 1}, desired_state=1, text=text()
    )
    assert same == made
    assert (len(desk.draft.tasks), len(desk.draft.events)) == (1, events)


def test_the_time_of_the_desired_state_is_that_of_its_change(desk: Desk) -> None:
    desk.create()
    assert desk.change(quantities={"web": 2}).desired_changed_at == 1000.0
    assert desk.stop().desired_changed_at == 1002.0
    assert desk.stop().desired_changed_at == 1002.0


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"quantities": {"web": 2}}, "update"),
        ({"pool_id": "production"}, "update"),
        ({"text": text(ONE.replace("nginx", "redis"))}, "update"),
        ({"desired_state": 0}, "stop"),
        ({"desired_state": 0, "quantities": {"web": 2}}, "stop"),
    ],
)
def test_a_change_of_what_runs_has_a_task_and_closes_the_former(
    desk: Desk, members: dict[str, object], kind: str
) -> None:
    desk.create()
    assert desk.change(**members).task_id == "t2"
    assert desk.task("t2") == (kind, "PENDING", 2)
    former = desk.draft.tasks.get("t1")
    assert former is not None
    assert (former.status, former.closed_at) == (TaskStatus.CANCELLED, 1001.0)
    assert former.message == "superseded by task t2"


@pytest.mark.parametrize("members", [{"name": "App"}, {"text": text("# new\n" + ONE)}])
def test_a_change_of_nothing_that_runs_keeps_the_open_task(
    desk: Desk, members: dict[str, object]
) -> None:
    desk.create()
    changed = desk.change(**members)
    assert (changed.task_id, changed.generation) == ("t1", 2)
    assert desk.task("t1")[1] == "PENDING"


def test_closed_tasks_and_those_of_others_are_left_alone(desk: Desk) -> None:
    desk.create()
    task = desk.draft.tasks.get("t1")
    assert task is not None
    done = msgspec.structs.replace(task, status=TaskStatus.DONE, closed_at=1.0)
    other = msgspec.structs.replace(task, id=TaskId("x"), subject="other")
    move = msgspec.structs.replace(task, id=TaskId("y"), kind=TaskKind.MOVE)
    for each in (done, other, move):
        desk.draft.tasks.put(each)
    desk.stop()
    assert [desk.draft.tasks.get(each.id) for each in (done, other, move)] == [done, other, move]


def test_a_start_while_old_containers_run_makes_them_outdated(desk: Desk) -> None:
    desk.create()
    desk.assign()
    desk.stop()
    first = desk.start()
    desk.stop()
    second = desk.start()
    assert first.nonce
    assert second.nonce not in ("", first.nonce)


def test_a_start_when_the_old_containers_are_ending_needs_no_new_hash(desk: Desk) -> None:
    desk.create()
    desk.assign(Intent.END)
    desk.stop()
    assert desk.start().nonce == ""


def test_cancelling_pauses_and_any_change_resumes(desk: Desk) -> None:
    desk.create()
    assert cancel_task(desk.draft, "t1").status is TaskStatus.CANCELLING
    paused = desk.draft.deployments.get("app")
    assert paused is not None
    assert paused.paused
    resumed = desk.change()
    assert (resumed.paused, resumed.generation) == (False, 1)
    assert desk.task(resumed.task_id) == ("update", "PENDING", 1)


def test_cancelling_a_closed_task_does_nothing(desk: Desk) -> None:
    desk.create()
    desk.stop()
    before = desk.draft.tasks.get("t1")
    assert cancel_task(desk.draft, "t1") == before
    deployment = desk.draft.deployments.get("app")
    assert deployment is not None
    assert not deployment.paused


def test_a_stopped_deployment_stays_stopped_when_stopped_again(desk: Desk) -> None:
    desk.create()
    desk.stop()
    cancel_task(desk.draft, "t2")
    before, events = desk.draft.deployments.get("app"), len(desk.draft.events)
    assert desk.stop() == before
    assert len(desk.draft.events) == events


def test_only_a_stopped_deployment_without_containers_is_deleted(desk: Desk) -> None:
    desk.create()
    desk.assign()
    for _ in range(2):
        with pytest.raises(Conflict):
            delete_deployment(desk.draft, "app", origin=desk.origin())
        desk.stop()
    desk.draft.assignments.drop("a")
    delete_deployment(desk.draft, "app", origin=desk.origin())
    assert len(desk.draft.deployments) == 0
    assert all(task.status.closed for task in desk.draft.tasks.values())


def test_a_deleted_deployment_leaves_no_open_status(desk: Desk) -> None:
    made = desk.create(desired_state=0)
    trouble = NewEvent(
        key="slot_unfilled", severity=Severity.ERROR, summary="no host", makes_status=True,
        actor=Actor("deployment", made.id), sub_actor=Actor("slot", "0"),
    )  # fmt: skip
    desk.draft.record_event(trouble)
    delete_deployment(desk.draft, "app", origin=desk.origin())
    status = desk.draft.statuses.find("subject", ("deployment", "app"))[0]
    assert status.event.severity is Severity.CLEARED
    assert status.clear_event_id


def test_events_tell_who_did_what(desk: Desk) -> None:
    desk.create()
    desk.change(quantities={"web": 2}, desired_state=0)
    found = [event for event in desk.draft.events.values() if event.key != "task"]
    assert [event.key for event in found] == [
        "deployment_added", "deployment_updated", "deployment_stopped",
    ]  # fmt: skip
    assert all(event.details["caller"] == "ada" for event in found)
    assert all(event.actor == Actor("deployment", "app", "app") for event in found)


def test_a_start_walks_the_phases_again(desk: Desk) -> None:
    made = desk.create()
    desk.draft.deployments.put(msgspec.structs.replace(made, begun=tuple(made.quantities)))
    desk.stop()
    assert desk.start().begun == ()


def test_a_service_that_comes_back_into_the_text_starts_in_its_turn_again(desk: Desk) -> None:
    made = desk.create(TWO)
    desk.draft.deployments.put(msgspec.structs.replace(made, begun=tuple(made.quantities)))
    assert desk.change(text=text(ONE)).begun == ("web",)
    assert desk.change(text=text(TWO)).begun == ("web",)


def test_volumes_hold_slots_until_the_deployment_moves_or_goes(desk: Desk) -> None:
    made = desk.create()
    home = VolumeHome(id="app/web/0", deployment_id=made.id, host_id=HostId("h"))
    desk.draft.volume_homes.put(home)
    desk.stop()
    assert len(desk.draft.volume_homes) == 1
    desk.change(pool_id="production")
    assert len(desk.draft.volume_homes) == 0
    desk.draft.volume_homes.put(home)
    delete_deployment(desk.draft, "app", origin=desk.origin())
    assert len(desk.draft.volume_homes) == 0


MANY = ONE + "    deploy: {replicas: %s}\n"
PROFILED = ONE + "    profiles: [%s]\n"


@pytest.mark.parametrize(
    ("before", "after", "numbers"),
    [
        (MANY % 2, MANY % 3, (2, 3)),
        (MANY % 0, MANY % 2, (0, 2)),
        (MANY % 2, ONE, (2, 1)),
        (PROFILED % "debug", ONE, (0, 1)),
        (ONE, PROFILED % "debug", (1, 0)),
    ],
)
def test_a_number_that_nobody_named_follows_the_text(
    before: str, after: str, numbers: tuple[int, int]
) -> None:
    desk = Desk()
    first = desk.create(before)
    second = desk.change(text=text(after))
    assert (first.quantities["web"], second.quantities["web"]) == numbers
    assert desk.task(second.task_id)[0] == "update"


def test_a_number_that_was_named_stays_whatever_the_text_says() -> None:
    named, scaled = Desk(), Desk()
    named.create(MANY % 2, quantities={"web": 2})
    scaled.create(MANY % 2)
    scaled.change(quantities={"web": 4})
    assert named.change(text=text(MANY % 3)).quantities == {"web": 2}
    assert scaled.change(text=text(MANY % 3)).quantities == {"web": 4}


def test_a_number_that_is_taken_back_follows_the_text_again() -> None:
    desk = Desk()
    desk.create(MANY % 2, quantities={"web": 5})
    back = desk.change(quantities={"web": None})
    assert (back.quantities, back.named_quantities) == ({"web": 2}, ())


def test_in_a_record_of_an_older_version_numbers_other_than_the_texts_were_named() -> None:
    desk = Desk()
    made = desk.create(MANY % 2 + "  db:\n    image: redis\n", quantities={"db": 3})
    desk.draft.deployments.put(msgspec.structs.replace(made, named_quantities=None))
    later = MANY % 4 + "  db:\n    image: redis\n"
    assert desk.change(text=text(later)).quantities == {"web": 4, "db": 3}


def test_an_empty_change_of_an_older_record_is_no_change() -> None:
    desk = Desk()
    old = msgspec.structs.replace(desk.create(), named_quantities=None)
    desk.draft.deployments.put(old)
    assert desk.change() == old
