"""Services whose containers are running once: what their end means."""

import msgspec

from berth.domain.deployment_view import container_rows, current_state
from berth.domain.records import Assignment, Deployment
from berth.domain.spec import UpdatePolicy
from berth.domain.states import Attempt, Duty, HostState
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import changed, plan, settle
from unit.test_rollout import rolled

JOB = a_service("job", restart=False)


def finished(exit_code: int = 0, *, hosts: int = 2) -> tuple[World, Deployment]:
    """Return a world with a job that has ended."""
    world = World(hosts=hosts)
    deployment = a_deployment(services=[JOB])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.ENDED, exit_code=exit_code)
    return world, deployment


def assignment(world: World) -> Assignment:
    (only,) = world.assignments.values()
    return only


def test_a_job_that_ended_badly_is_shown_and_not_run_again() -> None:
    world, deployment = finished(3)
    made = plan(world, deployment)
    assert not made.changes
    assert [(b.service, b.message) for b in made.ended_badly] == [("job", "ended with exit code 3")]
    assert current_state(world.fleet, deployment) == 2
    assert [r.state for r in container_rows(world.fleet, deployment)] == ["Stopped"]


def test_a_job_that_ran_out_of_memory_is_told_so() -> None:
    world, deployment = finished()
    world.report("a1", Attempt.ENDED, exit_code=137, out_of_memory=True)
    (bad,) = plan(world, deployment).ended_badly
    assert bad.message == "ran out of memory (no limit is set)"


def test_a_job_that_is_tried_again_has_not_ended_yet() -> None:
    world, deployment = finished()
    world.report(
        "a1", Attempt.ENDED, code="exited", exit_code=3, failures=1, retry_at=world.now + 1
    )
    assert plan(world, deployment).ended_badly == ()
    assert [r.state for r in container_rows(world.fleet, deployment)] == ["Pending"]


def test_a_stack_of_both_kinds_is_as_wanted_when_one_runs_and_the_other_is_done() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=[a_service("web"), JOB])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.RUNNING)
    world.report("a2", Attempt.RUNNING)
    assert current_state(world.fleet, deployment) == 1
    world.report("a2", Attempt.ENDED, exit_code=0)
    assert current_state(world.fleet, deployment) == 1
    world.report("a1", Attempt.ENDED, code="exited", failures=1)
    assert current_state(world.fleet, deployment) == 2


def test_a_finished_job_stays_done_when_its_host_is_lost_or_forgotten() -> None:
    world, deployment = finished()
    world.set_state("h1", HostState.INACTIVE)
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 1
    world.hosts.drop("h1")
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 1


def test_a_job_whose_host_is_lost_before_its_end_runs_elsewhere() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[JOB])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.RUNNING)
    world.set_state("h1", HostState.INACTIVE)
    assert [p.host_id for p in plan(world, deployment).placements] == ["h2"]


def test_a_result_outlives_the_report_of_it() -> None:
    world, deployment = finished()
    world.assignments.put(changed_assignment(assignment(world), exit_code=0))
    world.observed.reports.clear()
    world.set_state("h1", HostState.UNKNOWN)
    assert current_state(world.fleet, deployment) == 1


def test_a_job_whose_container_went_before_its_end_was_seen_is_not_done() -> None:
    world, deployment = finished()
    world.report("a1", Attempt.REMOVED)
    assert plan(world, deployment).ended_badly[0].message == "disappeared before it ended"
    assert current_state(world.fleet, deployment) != 1


def test_an_update_runs_a_finished_job_again() -> None:
    world, deployment = finished()
    new = rolled(deployment, "example/job:2")
    settle(world, new)
    assert [a.spec.image for a in world.assignments.values()] == ["example/job:2"]


def test_two_runs_of_a_job_are_never_side_by_side() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[JOB])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.RUNNING)
    new = rolled(deployment, "example/job:2")
    first = plan(world, new)
    assert (len(first.endings), first.placements) == (1, ())
    world.apply(new, first)
    assert not plan(world, new).changes
    world.obey()
    assert len(plan(world, new).placements) == 1


def test_a_service_that_is_tried_again_is_updated_new_containers_first() -> None:
    world = World(hosts=2)
    policy = UpdatePolicy(order="start-first")
    service = a_service("web", restart=False, retries=-1)
    deployment = a_deployment(services=[msgspec.structs.replace(service, update=policy)])
    settle(world, deployment)
    made = plan(world, rolled(deployment, "example/web:2"))
    assert (len(made.placements), made.endings) == (1, ())


def test_two_runs_of_what_another_service_waits_for_the_end_of_are_never_side_by_side() -> None:
    world = World(hosts=2)
    job = a_service("job", restart=False, retries=-1)
    deployment = a_deployment(services=[job, a_service("web", needs={"job": "completed"})])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.RUNNING)
    made = plan(world, rolled(deployment, "example/job:2"))
    assert ([e.assignment_id for e in made.endings], made.placements) == (["a1"], ())


def test_a_bad_end_that_is_followed_at_once_is_no_result() -> None:
    world, deployment = finished()
    world.report("a1", Attempt.ENDED, code="exited", exit_code=3, failures=1)
    assert plan(world, deployment).ended_badly == ()


def test_the_result_of_a_job_is_kept_until_the_next_run_is_done() -> None:
    world, deployment = finished()
    new = rolled(deployment, "example/job:2")
    made = plan(world, new)
    assert (len(made.placements), made.endings) == (1, ())


def test_a_job_ends_its_run_on_a_drained_host() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[JOB])
    world.apply(deployment, plan(world, deployment))
    world.report("a1", Attempt.RUNNING)
    world.set_duty("h1", Duty.DRAINED)
    assert not plan(world, deployment).changes


def test_a_stop_removes_what_a_job_left() -> None:
    world, deployment = finished()
    settle(world, changed(deployment, desired_state=0))
    assert list(world.assignments.values()) == []


def changed_assignment(old: Assignment, **members: object) -> Assignment:
    """Return an assignment with other members."""
    return Assignment(**({f: getattr(old, f) for f in old.__struct_fields__} | members))
