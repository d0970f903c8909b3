"""Unhealthy containers are replaced, one of a service at a time."""

import pytest

from berth.domain.ids import AssignmentId
from berth.domain.records import Deployment
from berth.domain.spec import Probe
from berth.domain.states import Attempt, Health
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import plan, settle
from unit.test_rollout import rolled


def running(**spec: object) -> tuple[World, Deployment]:
    """Return a world with three running containers: a1, a2 and a3."""
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(**spec)], quantities={"web": 3})  # type: ignore[arg-type]
    settle(world, deployment)
    return world, deployment


def sicken(world: World, *ids: str, attempt: int = 1) -> None:
    for each in ids:
        world.report(each, Attempt.RUNNING, health=Health.UNHEALTHY, attempt=attempt)


def renew(world: World, deployment: Deployment) -> list[str]:
    """Plan, apply, and give the assignments that were renewed."""
    made = plan(world, deployment)
    world.apply(deployment, made)
    return [renewal.assignment_id for renewal in made.renewals]


def test_one_unhealthy_container_of_a_service_is_replaced_at_a_time() -> None:
    world, deployment = running()
    sicken(world, "a1", "a2")
    assert renew(world, deployment) == ["a1"]
    assert renew(world, deployment) == []
    world.report("a1", Attempt.PULLING, attempt=2)
    assert renew(world, deployment) == []
    world.report("a1", Attempt.RUNNING, attempt=2, health=Health.CHECKING)
    assert renew(world, deployment) == []
    world.report("a1", Attempt.RUNNING, attempt=2, health=Health.HEALTHY)
    assert renew(world, deployment) == ["a2"]


def test_a_renewed_container_that_is_unhealthy_again_is_renewed_again() -> None:
    world, deployment = running()
    sicken(world, "a1", "a2")
    renew(world, deployment)
    sicken(world, "a1", attempt=2)
    assert renew(world, deployment) == ["a1"]
    renewed = world.assignments.get("a1")
    assert renewed is not None
    assert renewed.renewals == 2


def start_running(world: World, assignment_id: str, *, ago_s: float) -> None:
    world.observed.running_since[AssignmentId(assignment_id)] = world.now - ago_s


def in_vain(world: World) -> int:
    renewed = world.assignments.get("a1")
    assert renewed is not None
    return renewed.renewed_in_vain


def test_a_container_that_was_never_healthy_has_time_to_start() -> None:
    world, deployment = running()
    start_running(world, "a1", ago_s=20.0)
    sicken(world, "a1")
    waits = plan(world, deployment)
    assert (waits.renewals, waits.again_at) == ((), world.now + 40.0)
    start_running(world, "a1", ago_s=60.0)
    assert renew(world, deployment) == ["a1"]


def test_the_time_to_start_doubles_with_each_container_that_never_was_healthy() -> None:
    world, deployment = running()
    for attempt, wait_s in enumerate((60.0, 120.0, 240.0), 1):
        start_running(world, "a1", ago_s=wait_s - 1.0)
        sicken(world, "a1", attempt=attempt)
        assert renew(world, deployment) == []
        start_running(world, "a1", ago_s=wait_s)
        assert renew(world, deployment) == ["a1"]
        assert in_vain(world) == attempt
    world.report("a1", Attempt.RUNNING, attempt=4, health=Health.UNHEALTHY, was_healthy=True)
    start_running(world, "a1", ago_s=1.0)
    assert renew(world, deployment) == ["a1"]
    assert in_vain(world) == 0


def test_a_container_with_checks_of_old_texts_has_minutes_to_start() -> None:
    world, deployment = running(probes=(Probe(label="WEB", kind="tcp", port=80),))
    start_running(world, "a1", ago_s=299.0)
    sicken(world, "a1")
    assert renew(world, deployment) == []
    start_running(world, "a1", ago_s=300.0)
    assert renew(world, deployment) == ["a1"]


def test_while_a_renewed_container_starts_no_other_is_renewed() -> None:
    world, deployment = running()
    sicken(world, "a1", "a2")
    assert renew(world, deployment) == ["a1"]
    start_running(world, "a1", ago_s=1.0)
    sicken(world, "a1", attempt=2)
    assert renew(world, deployment) == []


def test_each_service_has_its_own_turn() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=[a_service("web"), a_service("db")])
    settle(world, deployment)
    sicken(world, "a1", "a2")
    assert renew(world, deployment) == ["a1", "a2"]


def test_a_job_is_never_renewed() -> None:
    world, deployment = running(restart=False)
    sicken(world, "a1")
    assert renew(world, deployment) == []


@pytest.mark.parametrize("retries", [-1, 3])
def test_what_is_tried_again_is_renewed_while_it_runs_but_not_when_it_has_ended(
    retries: int,
) -> None:
    world, deployment = running(restart=False, retries=retries)
    sicken(world, "a1")
    assert renew(world, deployment) == ["a1"]
    world.report("a1", Attempt.ENDED, exit_code=0)
    world.report("a2", Attempt.ENDED, exit_code=1, health=Health.UNHEALTHY)
    assert renew(world, deployment) == []


def test_what_another_service_waits_for_the_end_of_is_never_renewed() -> None:
    world = World(hosts=1)
    services = [
        a_service("job", restart=False, retries=-1),
        a_service("web", needs={"job": "completed"}),
    ]
    deployment = a_deployment(services=services)
    world.apply(deployment, plan(world, deployment))
    sicken(world, "a1")
    assert renew(world, deployment) == []


def test_an_update_under_way_replaces_the_unhealthy_itself() -> None:
    world, deployment = running()
    new = rolled(deployment, "example/web:2")
    world.apply(new, plan(world, new))
    sicken(world, "a4")
    assert renew(world, new) == []
