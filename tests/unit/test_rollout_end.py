"""Generations of a deployment: kept, returned to on request, and by the manager on a failure."""

import pytest

from berth.control.deployments.lifecycle import delete_deployment
from berth.control.tasks import cancel_task
from berth.domain.deployment_view import current_state
from berth.domain.errors import Conflict, Invalid
from berth.domain.observed import ContainerReport
from berth.domain.states import Attempt
from berth.reconcilers.deployments.one_pass import reconcile_deployment
from berth.store.generations import find_generations
from unit.desk import text
from unit.workshop import APP, Workshop, of


@pytest.fixture
def shop() -> Workshop:
    """Return a deployment of two services that runs."""
    shop = Workshop()
    shop.create(of("a:1", "b:1"))
    shop.live()
    return shop


def test_each_change_of_the_text_is_kept_with_its_outcome(shop: Workshop) -> None:
    shop.put("a:2", "b:1")
    shop.put("a:3", "b:1")
    assert shop.history() == [(3, "ada", ""), (2, "ada", "superseded"), (1, "ada", "done")]
    shop.live()
    assert shop.history()[0] == (3, "ada", "done")
    assert shop.task(shop.deployment.task_id) == ("update", "DONE", 3)


def test_other_changes_make_no_generation(shop: Workshop) -> None:
    shop.change(quantities={"s0": 2})
    shop.change(name="Shop")
    shop.restart()
    assert [number for number, *_ in shop.history()] == [1]


def test_a_text_that_means_the_same_is_as_good_as_the_one_before(shop: Workshop) -> None:
    shop.change(text=text("# a comment\n" + of("a:1", "b:1")))
    assert shop.history()[0] == (2, "ada", "done")
    assert shop.deployment.rollout == ""


def test_the_last_ten_are_kept_and_one_that_is_good(shop: Workshop) -> None:
    for number in range(2, 14):
        shop.put(f"a:{number}", "b:1")
    assert [number for number, *_ in shop.history()] == [*range(13, 3, -1), 1]


def test_an_update_that_fails_returns_to_the_text_before(shop: Workshop) -> None:
    update = shop.put("a:2", "b:bad")
    shop.live(bad="bad")
    assert shop.images() == ["a:1", "b:1"]
    assert current_state(shop.draft.fleet, shop.deployment) == 1
    assert shop.history() == [(3, "system", "done"), (2, "ada", "failed"), (1, "ada", "done")]
    assert shop.task(update.task_id)[1] == "FAILED"
    assert shop.message(update.task_id) == (
        "slot 0 of s1 keeps failing: exit code 1; returned to generation 1"
    )
    assert shop.task(shop.deployment.task_id) == ("rollback", "DONE", 3)
    assert shop.open_statuses() == ["rollout_failed"]


def test_the_task_of_a_return_begins_with_an_event_whoever_asks_for_it(shop: Workshop) -> None:
    shop.put("a:2", "b:1")
    shop.live()
    tasks = [shop.back().task_id]
    shop.live()
    shop.put("a:bad", "b:1")
    tasks.append(shop.live(bad="bad").task_id)
    told = ["Task begun: rollback deployment: app", "rollback deployment: app: done"]
    for task_id in tasks:
        events = [event for event in shop.draft.events.values() if event.actor.id == task_id]
        assert [event.summary for event in events] == told


def test_the_next_good_update_clears_the_status_of_the_failed_one(shop: Workshop) -> None:
    shop.put("a:bad", "b:1")
    shop.live(bad="bad")
    shop.put("a:3", "b:1")
    shop.live(bad="bad")
    assert (shop.images(), shop.open_statuses()) == (["a:3", "b:1"], [])


def test_a_return_keeps_numbers_and_brings_dropped_services_back(shop: Workshop) -> None:
    shop.change(quantities={"s1": 3})
    shop.live()
    shop.change(text=text(of("a:bad")), quantities={"s0": 2})
    shop.live(bad="bad")
    assert shop.deployment.quantities == {"s0": 2, "s1": 1}


def test_a_restart_that_fails_leaves_the_other_slots_alone() -> None:
    shop = Workshop()
    shop.create(of("a:1"), quantities={"s0": 2})
    shop.live()
    before = [a.id for a in shop.draft.assignments.values()]
    restart = shop.restart()
    shop.live(bad="n3")
    assert shop.task(restart.task_id)[1] == "FAILED"
    assert shop.deployment.nonce == ""
    assert [a.id for a in shop.draft.assignments.values()] == before
    assert shop.history() == [(1, "ada", "done")]


def test_what_was_restarted_well_is_what_a_failed_update_returns_to(shop: Workshop) -> None:
    restart = shop.restart()
    shop.live()
    assert shop.task(restart.task_id) == ("restart", "DONE", 2)
    before = [a.id for a in shop.draft.assignments.values()]
    shop.put("a:bad", "b:1")
    shop.live(bad="bad")
    assert [a.id for a in shop.draft.assignments.values()] == before


def test_an_update_without_a_good_generation_before_it_pauses() -> None:
    shop = Workshop()
    shop.create(of("a:1"))
    update = shop.put("a:bad")
    shop.live(bad="bad")
    assert shop.history()[0] == (2, "ada", "failed")
    assert shop.message(update.task_id) == "paused: slot 0 of s0 keeps failing: exit code 1"
    assert shop.deployment.content == text(of("a:bad")).content


def test_a_move_to_another_pool_that_fails_does_not_change_the_text(shop: Workshop) -> None:
    shop.put("a:2", "b:2")
    shop.live()
    shop.change(pool_id="production")
    shop.live(bad=":2")
    assert shop.history()[0] == (2, "ada", "done")
    assert shop.deployment.pool_id == "production"


def test_a_user_returns_to_the_generation_before(shop: Workshop) -> None:
    shop.put("a:2", "b:1")
    shop.live()
    back = shop.back()
    assert shop.task(back.task_id) == ("rollback", "PENDING", 3)
    shop.live()
    assert shop.images() == ["a:1", "b:1"]
    assert shop.history()[0] == (3, "ada", "done")


def test_a_user_returns_to_any_generation_that_is_kept(shop: Workshop) -> None:
    for image in ("a:2", "a:3"):
        shop.put(image, "b:1")
        shop.live()
    shop.back(1)
    shop.live()
    assert shop.images() == ["a:1", "b:1"]


def test_a_return_that_fails_pauses(shop: Workshop) -> None:
    shop.put("a:2", "b:1")
    shop.live()
    back = shop.back()
    shop.live(bad="a:1")
    assert shop.task(back.task_id)[1] == "FAILED"
    assert shop.images() == ["a:1", "a:2", "b:1"]
    assert shop.open_statuses() == ["rollout_paused"]


def test_a_return_to_nowhere_is_refused(shop: Workshop) -> None:
    with pytest.raises(Conflict):
        shop.back()
    with pytest.raises(Conflict):
        shop.back(1)
    with pytest.raises(Invalid, match="generation 7 is not kept: 1 of"):
        shop.back(7)
    assert len(shop.history()) == 1


def test_a_cancelled_update_is_not_taken_back(shop: Workshop) -> None:
    update = shop.put("a:bad", "b:1")
    cancel_task(shop.draft, update.task_id)
    shop.live(bad="bad")
    assert shop.task(update.task_id)[1] == "CANCELLED"
    assert shop.deployment.generation == 2


def test_a_stop_ends_the_watch_over_an_update(shop: Workshop) -> None:
    shop.put("a:2", "b:1")
    assert shop.stop().rollout == ""
    shop.live()
    shop.start()
    shop.live()
    assert shop.history()[0] == (2, "ada", "done")


def test_generations_go_with_their_deployment(shop: Workshop) -> None:
    shop.stop()
    shop.live()
    delete_deployment(shop.draft, "app", origin=shop.origin())
    assert find_generations(shop.draft, APP) == []


def test_the_task_of_an_update_is_open_until_its_last_container_has_settled(
    shop: Workshop,
) -> None:
    update = shop.put("a:2", "b:1")
    shop.step()
    (new,) = (a for a in shop.draft.assignments.values() if a.spec.image == "a:2")
    shop.draft.observed.running_since[new.id] = shop.draft.now
    shop.live()
    assert shop.task(update.task_id)[1] == "RUNNING"
    shop.draft.now += 10
    shop.live()
    assert shop.task(update.task_id)[1] == "DONE"


def test_a_deployment_whose_job_ends_badly_fails_its_task_and_its_generation() -> None:
    shop = Workshop()
    made = shop.create("services:\n  s0:\n    image: job:bad\n    restart: no\n")
    shop.live(bad="bad")
    assert shop.task(made.task_id)[1] == "FAILED"
    assert shop.message(made.task_id) == "slot 0 of s0 ended with exit code 1"
    assert shop.history() == [(1, "ada", "failed")]


def test_an_update_that_continues_says_what_it_passed_by() -> None:
    shop = Workshop()
    goes_on = "    deploy: {update_config: {failure_action: continue}}\n"
    shop.create(of("a:1") + goes_on)
    shop.live()
    update = shop.change(text=text(of("a:bad") + goes_on))
    shop.live(bad="bad")
    assert shop.images() == ["a:1", "a:bad"]
    assert shop.message(update.task_id) == "updated, but slot 0 of s0 keeps failing: exit code 1"
    (status,) = shop.draft.statuses.find("subject", ("deployment", "app"))
    assert "went on with the other slots" in status.event.summary


def run_job(shop: Workshop, *, exit_code: int | None) -> None:
    """Let the only container run, or end with a code, and look at it."""
    (assignment,) = shop.draft.assignments.values()
    shop.draft.observed.reports[assignment.id] = ContainerReport(
        assignment_id=assignment.id, attempt=1, agent_epoch=1, sequence=1, container_id="c",
        state=Attempt.RUNNING if exit_code is None else Attempt.ENDED, exit_code=exit_code,
    )  # fmt: skip
    reconcile_deployment(shop.draft, APP, new_id=lambda: "n")


@pytest.mark.parametrize(
    ("exit_code", "status", "message"),
    [(0, "DONE", "done"), (4, "FAILED", "slot 0 of s0 ended with exit code 4")],
)
def test_the_task_of_a_job_ends_with_the_job(exit_code: int, status: str, message: str) -> None:
    shop = Workshop()
    shop.create(of("a:1") + "    restart: 'no'\n")
    reconcile_deployment(shop.draft, APP, new_id=lambda: "n")
    run_job(shop, exit_code=None)
    assert shop.task("t1")[1] == "RUNNING"
    run_job(shop, exit_code=exit_code)
    assert (shop.task("t1")[1], shop.message("t1")) == (status, message)


def test_the_task_of_what_is_tried_again_does_not_wait_for_its_end() -> None:
    shop = Workshop()
    shop.create(of("a:1") + "    restart: on-failure\n")
    shop.live()
    assert shop.task("t1")[1] == "DONE"


def nonces(shop: Workshop) -> set[bool]:
    """Return whether the containers that run are those of the newest restart."""
    shop_hash = {one.key: shop.deployment.hash_of(one) for one in shop.deployment.services}
    return {
        each.spec_hash == shop_hash[each.service]
        for each in shop.draft.assignments.values()
        if each.wanted
    }


def test_restarts_asked_for_during_one_are_one_more_round_of_the_same_task(shop: Workshop) -> None:
    first = shop.restart()
    while first.hash_of(first.services[0]) not in {
        each.spec_hash for each in shop.draft.assignments.values()
    }:
        assert shop.step()
    again = [shop.restart(), shop.restart()]
    assert {(each.task_id, each.restart_again) for each in again} == {(first.task_id, True)}
    last = shop.live()
    assert (last.generation, last.restart_again) == (first.generation + 1, False)
    assert last.nonce != first.nonce
    assert nonces(shop) == {True}
    assert shop.task(first.task_id)[1] == "DONE"


def test_a_restart_asked_for_before_the_first_slot_is_no_further_round(shop: Workshop) -> None:
    first = shop.restart()
    assert shop.restart() == first
    assert shop.live().generation == first.generation


def test_a_change_takes_the_place_of_a_round_that_was_to_follow(shop: Workshop) -> None:
    first = shop.restart()
    while not shop.restart().restart_again:
        shop.step()
    changed = shop.put("a:2", "b:2")
    assert (changed.restart_again, changed.nonce) == (False, first.nonce)


def test_a_first_rollout_is_done_when_its_containers_were_watched() -> None:
    shop = Workshop()
    shop.ran_for_s = 0.0
    made = shop.create(of("a:1"))
    shop.live()
    assert shop.history() == [(1, "ada", "")]
    assert shop.task(made.task_id)[1] == "RUNNING"
    shop.draft.now += 5
    shop.live()
    assert shop.history() == [(1, "ada", "done")]
    assert shop.task(made.task_id)[1] == "DONE"


def test_a_first_rollout_that_keeps_failing_is_no_success_and_nothing_to_return_to() -> None:
    shop = Workshop()
    shop.failures = 5
    made = shop.create(of("a:bad"))
    shop.live(bad="bad")
    assert shop.history() == [(1, "ada", "failed")]
    assert shop.task(made.task_id)[1] == "FAILED"
    assert "slot 0 of s0 keeps failing: exit code 1" in shop.message(made.task_id)
    later = shop.put("a:worse")
    shop.live(bad="a:")
    assert shop.history() == [(2, "ada", "failed"), (1, "ada", "failed")]
    assert shop.message(later.task_id).startswith("paused: ")


def test_a_first_rollout_may_fail_some_times_before_it_runs() -> None:
    shop = Workshop()
    shop.failures = 4
    made = shop.create(of("a:1"))
    shop.live(bad="a:1")
    assert shop.task(made.task_id)[1] == "RUNNING"
    shop.live()
    assert shop.task(made.task_id)[1] == "DONE"


def test_a_first_rollout_that_runs_in_the_end_is_something_to_return_to() -> None:
    shop = Workshop()
    shop.failures = 9
    shop.create(of("a:1"))
    shop.live(bad="a:1")
    shop.live()
    assert shop.history() == [(1, "ada", "done")]


def test_a_version_that_dies_after_three_seconds_is_rolled_back(shop: Workshop) -> None:
    shop.ran_for_s = 3.0
    update = shop.put("a:2", "b:1")
    shop.live()
    assert (shop.images(), shop.deployment.rollout) == (["a:2", "b:1"], "update")
    shop.live(bad="a:2")
    assert shop.images() == ["a:1", "b:1"]
    assert shop.task(update.task_id)[1] == "FAILED"
    assert shop.history()[0][1:] == ("system", "")


def test_an_update_is_watched_for_as_long_as_its_text_says() -> None:
    shop = Workshop()
    monitored = of("a:%s") + "    deploy: {update_config: {monitor: 30s}}\n"
    shop.create(monitored % 1)
    shop.live()
    shop.ran_for_s = 20.0
    shop.change(text=text(monitored % 2))
    shop.live()
    assert shop.deployment.rollout == "update"
    shop.draft.now += 10
    shop.live()
    assert (shop.deployment.rollout, shop.history()[0][2]) == ("", "done")
