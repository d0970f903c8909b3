"""The rules of local reconciling, one by one."""

import msgspec
import pytest

from berth.agent.containers.observed_container import ContainerState, ObservedContainer
from berth.agent.local.attempt import AttemptState, Image
from berth.agent.local.operations import (
    Adopt,
    Begin,
    Conclude,
    Create,
    Fail,
    Gone,
    Inspect,
    Nothing,
    Operation,
    Pull,
    Remove,
    Rename,
    Start,
    Stop,
    Wait,
)
from berth.agent.local.step import Namesake, Neighbours, step
from berth.domain.ids import ContainerId
from berth.domain.states import Attempt, Intent
from berth.protocol.messages import AgentAssignment
from berth.testing.builders_agent import a_seen, an_assignment

NOW = 100.0
WEB = an_assignment()
ONCE = an_assignment(restart=False)


def run(
    state: AttemptState,
    *seen: ObservedContainer,
    assignment: AgentAssignment | None = WEB,
    neighbours: Neighbours | None = None,
) -> Operation:
    return step(assignment, state, seen=seen, neighbours=neighbours or Neighbours(), now=NOW)


def at(state: Attempt, **members: object) -> AttemptState:
    """Build the state of attempt 1, of container ``c1`` once there is one."""
    values: dict[str, object] = {"attempt": 1, "state": state, "image": Image.READY}
    if state >= Attempt.STARTING:
        values |= {"container_id": "c1", "name": WEB.name}
    return AttemptState(**(values | members))  # type: ignore[arg-type]


def test_a_new_assignment_begins_after_the_known_attempts() -> None:
    assert run(AttemptState(), assignment=an_assignment(floor=4)) == Begin(5)


def test_an_attempt_pulls_then_waits_then_creates_then_starts() -> None:
    created = a_seen(WEB, ContainerState.CREATED)
    assert run(at(Attempt.ASSIGNED, image=Image.NEEDED)) == Pull()
    assert isinstance(run(at(Attempt.PULLING, image=Image.PULLING)), Wait)
    assert run(at(Attempt.PULLING)) == Create(1)
    assert run(at(Attempt.STARTING), created) == Start(created.id)


def test_a_running_container_is_left_alone() -> None:
    assert run(at(Attempt.RUNNING), a_seen(WEB)) == Nothing()


def test_a_running_container_of_the_right_spec_is_adopted() -> None:
    seen = a_seen(WEB, attempt=3)
    assert run(AttemptState(), seen) == Adopt(seen)


def test_of_two_running_containers_the_newest_is_kept() -> None:
    old, new = a_seen(WEB, attempt=1), a_seen(WEB, attempt=2)
    assert run(AttemptState(), old, new) == Stop(old.id)
    ended = msgspec.structs.replace(old, life=ContainerState.ENDED, exit_code=0)
    assert run(AttemptState(), ended, new) == Remove(old.id)


def test_a_container_of_another_spec_is_stopped() -> None:
    seen = a_seen(WEB, spec_hash="other")
    assert run(at(Attempt.RUNNING), seen) == Stop(seen.id)


def test_a_container_that_was_never_started_is_removed() -> None:
    seen = a_seen(WEB, ContainerState.CREATED, attempt=7)
    assert run(AttemptState(), seen) == Begin(8)
    assert run(at(Attempt.PULLING, attempt=8), seen) == Remove(seen.id)


def test_a_pause_is_taken_over_without_a_replacement() -> None:
    paused = a_seen(WEB, ContainerState.PAUSED)
    assert run(at(Attempt.RUNNING), paused) == Adopt(paused)
    assert run(at(Attempt.RUNNING, paused=True), paused) == Nothing()


def test_a_restart_by_somebody_is_read_afresh() -> None:
    again = a_seen(WEB, started_at=90.0)
    assert run(at(Attempt.RUNNING, started_at=50.0), again) == Adopt(again)
    assert run(at(Attempt.RUNNING, started_at=89.0), again) == Nothing()


def test_an_end_that_only_a_list_told_is_looked_at() -> None:
    ended = a_seen(WEB, ContainerState.ENDED, exit_code=None)
    assert run(at(Attempt.RUNNING), ended) == Inspect(frozenset({ended.id}))


def test_an_end_is_concluded_and_so_is_a_disappearance() -> None:
    ended = a_seen(WEB, ContainerState.ENDED)
    assert run(at(Attempt.RUNNING), ended) == Conclude(ended)
    assert run(at(Attempt.RUNNING)) == Conclude(None)


def test_an_ended_container_stays_while_the_next_attempt_waits() -> None:
    ended = a_seen(WEB, ContainerState.ENDED)
    assert run(at(Attempt.ENDED, due=NOW + 1), ended) == Wait(
        NOW + 1, "the next attempt is backed off"
    )


def test_an_ended_container_goes_while_the_image_for_the_next_one_comes() -> None:
    ended = a_seen(WEB, ContainerState.ENDED)
    assert run(at(Attempt.ENDED, due=NOW), ended) == Begin(2)
    assert run(at(Attempt.ASSIGNED, attempt=2, image=Image.NEEDED), ended) == Pull()
    assert run(at(Attempt.PULLING, attempt=2, image=Image.PULLING), ended) == Remove(ended.id)
    assert run(at(Attempt.PULLING, attempt=2), ended) == Remove(ended.id)
    assert run(at(Attempt.PULLING, attempt=2)) == Create(2)


def test_a_container_that_failed_to_start_goes_at_once() -> None:
    created = a_seen(WEB, ContainerState.CREATED)
    assert run(at(Attempt.ENDED, due=NOW + 9), created) == Remove(created.id)


def test_a_container_started_again_after_its_end_was_reported_goes() -> None:
    running = a_seen(WEB)
    assert run(at(Attempt.ENDED, due=NOW + 9), running) == Stop(running.id)


def test_a_run_once_container_that_ended_is_concluded_and_left() -> None:
    ended = a_seen(ONCE, ContainerState.ENDED)
    assert run(at(Attempt.RUNNING, ran=True), ended, assignment=ONCE) == Conclude(ended)
    assert run(at(Attempt.ENDED, ran=True), ended, assignment=ONCE) == Nothing()


def test_a_run_once_result_found_at_a_start_is_concluded() -> None:
    ended = a_seen(ONCE, ContainerState.ENDED)
    assert run(AttemptState(), ended, assignment=ONCE) == Conclude(ended)
    restored = AttemptState(attempt=1, state=Attempt.ENDED, ran=True)
    assert run(restored, ended, assignment=ONCE) == Conclude(ended)


def test_a_run_once_service_does_not_run_again_when_its_container_is_removed() -> None:
    assert run(at(Attempt.ENDED, ran=True), assignment=ONCE) == Conclude(None)
    assert run(at(Attempt.REMOVED, ran=True), assignment=ONCE) == Nothing()


def test_a_run_once_service_that_never_ran_is_tried_again() -> None:
    assert run(at(Attempt.ENDED), assignment=ONCE) == Begin(2)


def test_a_run_once_service_that_ended_badly_is_tried_again_as_often_as_it_may_be() -> None:
    twice = an_assignment(restart=False, retries=1)
    ended = a_seen(twice, ContainerState.ENDED, exit_code=3)
    state = at(Attempt.ENDED, ran=True, exit_code=3, bad_ends=1, due=NOW)
    assert run(state, ended, assignment=twice) == Begin(2)
    assert isinstance(
        run(msgspec.structs.replace(state, due=NOW + 1), ended, assignment=twice), Wait
    )
    assert run(msgspec.structs.replace(state, bad_ends=2), ended, assignment=twice) == Nothing()
    assert run(msgspec.structs.replace(state, exit_code=0), ended, assignment=twice) == Nothing()


def test_the_next_attempt_of_a_run_once_service_clears_the_last_one_away() -> None:
    twice = an_assignment(restart=False, retries=1)
    ended = a_seen(twice, ContainerState.ENDED, exit_code=3)
    begun = AttemptState(attempt=2, image=Image.READY, bad_ends=1)
    assert run(begun, ended, assignment=twice) == Remove(ended.id)
    assert run(begun, assignment=twice) == Create(2)


def test_a_container_made_before_the_last_renewal_is_stopped() -> None:
    renewed = msgspec.structs.replace(WEB, renewals=1)
    assert run(at(Attempt.RUNNING), a_seen(WEB), assignment=renewed) == Stop(a_seen(WEB).id)
    assert run(at(Attempt.RUNNING), a_seen(renewed), assignment=renewed) == Nothing()
    ended = a_seen(WEB, ContainerState.ENDED)
    assert run(at(Attempt.STOPPING), ended, assignment=renewed) == Conclude(ended)


def test_a_run_once_container_is_not_renewed() -> None:
    renewed = msgspec.structs.replace(ONCE, renewals=1)
    assert run(at(Attempt.RUNNING, ran=True), a_seen(ONCE), assignment=renewed) == Nothing()


def test_a_run_once_container_that_may_be_tried_again_is_renewed() -> None:
    once = an_assignment(restart=False, retries=1)
    renewed = msgspec.structs.replace(once, renewals=1)
    assert run(at(Attempt.RUNNING, ran=True), a_seen(once), assignment=renewed) == Stop(
        a_seen(once).id
    )
    ended = a_seen(once, ContainerState.ENDED, exit_code=0)
    assert run(at(Attempt.RUNNING, ran=True), ended, assignment=renewed) == Conclude(ended)
    waiting = at(Attempt.ENDED, ran=True, code="unhealthy", due=NOW + 1)
    assert isinstance(run(waiting, ended, assignment=renewed), Wait)
    after_a_start = AttemptState(attempt=1, state=Attempt.ENDED, ran=True)
    for state in (msgspec.structs.replace(waiting, due=NOW), after_a_start):
        assert run(state, ended, assignment=renewed) == Begin(2)


def test_a_result_that_came_before_the_renewal_stays() -> None:
    renewed = msgspec.structs.replace(an_assignment(restart=False, retries=1), renewals=1)
    done = at(Attempt.ENDED, ran=True, exit_code=0)
    ended = a_seen(an_assignment(restart=False, retries=1), ContainerState.ENDED, exit_code=0)
    assert run(done, ended, assignment=renewed) == Nothing()


@pytest.mark.parametrize("assignment", [None, an_assignment(intent=Intent.END)])
def test_what_is_not_wanted_is_stopped_removed_and_gone(assignment: AgentAssignment | None) -> None:
    running, ended = a_seen(WEB), a_seen(WEB, ContainerState.ENDED)
    assert run(at(Attempt.RUNNING), running, assignment=assignment) == Stop(running.id)
    assert run(at(Attempt.STOPPING), ended, assignment=assignment) == Remove(ended.id)
    assert run(at(Attempt.STOPPING), assignment=assignment) == Gone()
    assert run(at(Attempt.REMOVED), assignment=assignment) == Nothing()


def test_our_bearer_of_the_name_is_renamed() -> None:
    neighbours = Neighbours(namesake=Namesake(ContainerId("x"), "0.web.shop.a0"))
    assert run(at(Attempt.PULLING), neighbours=neighbours) == Rename(
        ContainerId("x"), "0.web.shop.a0"
    )


def test_a_container_takes_the_name_of_its_slot_when_it_is_free() -> None:
    running = a_seen(WEB, name="0.web.shop.a1")
    state = at(Attempt.RUNNING, name="0.web.shop.a1")
    assert run(state, running) == Rename(running.id, WEB.name)
    for neighbours in (
        Neighbours(namesake=Namesake(ContainerId("x"))),
        Neighbours(waiting_for="container x goes first"),
        Neighbours(rival=True),
    ):
        assert run(state, running, neighbours=neighbours) == Nothing()
    assert isinstance(run(state, a_seen(WEB)), Adopt), "the new name is reported"


def test_a_foreign_bearer_of_the_name_fails_the_attempt() -> None:
    operation = run(at(Attempt.PULLING), neighbours=Neighbours(namesake=Namesake(ContainerId("x"))))
    assert isinstance(operation, Fail)
    assert operation.code == "name_taken"


def test_a_neighbour_on_its_way_out_is_waited_for() -> None:
    waiting = Neighbours(waiting_for="container x gives its port back first")
    assert run(at(Attempt.PULLING), neighbours=waiting) == Wait(
        None, waiting.waiting_for, reported=True
    )
