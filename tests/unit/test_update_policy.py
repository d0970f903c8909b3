"""How many slots an update replaces at a time, in which order, and what a failure does."""

import msgspec
import pytest

from berth.domain.records import Deployment
from berth.domain.spec import TemplateUses, UpdatePolicy
from berth.domain.states import Attempt, Health
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import changed, plan, settle
from unit.test_rollout import rolled


def updating(
    policy: UpdatePolicy | None = None, *, hosts: int = 2, slots: int = 3, **spec: object
) -> tuple[World, Deployment]:
    """Return a world of running containers, and the deployment with a new image and that policy."""
    world = World(hosts=hosts)
    service = msgspec.structs.replace(
        a_service(**spec),  # type: ignore[arg-type]
        update=policy or UpdatePolicy(),
    )
    old = a_deployment(services=[service], quantities={"web": slots})
    settle(world, old)
    return world, changed(rolled(old, "example/web:2"), rollout="update")


def test_as_many_slots_as_the_policy_says_are_under_way() -> None:
    world, new = updating(UpdatePolicy(parallelism=2), slots=5)
    assert [p.slot for p in plan(world, new).placements] == [0, 1]
    world.apply(new, plan(world, new))
    world.report("a6", Attempt.RUNNING)
    made = plan(world, new)
    assert [p.slot for p in made.placements] == [2]
    assert len(made.endings) == 1


def test_no_parallelism_means_all_at_once() -> None:
    world, new = updating(UpdatePolicy(parallelism=0), slots=5)
    assert len(plan(world, new).placements) == 5


def test_stop_first_ends_the_old_container_before_the_new_one_is_placed() -> None:
    world, new = updating(UpdatePolicy(order="stop-first"))
    made = plan(world, new)
    assert (len(made.endings), made.placements) == (1, ())
    world.apply(new, made)
    assert not plan(world, new).changes
    world.obey()
    assert [p.slot for p in plan(world, new).placements] == [0]


def test_start_first_takes_another_host_where_a_port_is_exclusive() -> None:
    world, new = updating(UpdatePolicy(order="start-first"), slots=1, ports=[80])
    assert [p.host_id for p in plan(world, new).placements] == ["h2"]


def test_start_first_stops_first_where_no_other_host_has_the_port() -> None:
    world, new = updating(UpdatePolicy(order="start-first"), hosts=1, slots=1, ports=[80])
    made = plan(world, new)
    assert (len(made.endings), made.placements, made.unplaced) == (1, (), ())


def test_the_delay_passes_between_one_slot_and_the_next() -> None:
    world, new = updating(UpdatePolicy(delay_s=10.0))
    world.apply(new, plan(world, new))
    world.obey()
    world.observed.running_since["a4"] = world.now - 3.0  # type: ignore[index]
    made = plan(world, new)
    assert (len(made.endings), made.placements, made.again_at) == (1, (), world.now + 9.0)
    world.observed.running_since["a4"] = world.now - 12.0  # type: ignore[index]
    assert [p.slot for p in plan(world, new).placements] == [1]


def test_a_new_container_is_watched_as_long_as_the_policy_says() -> None:
    world, new = updating(UpdatePolicy(monitor_s=30.0))
    world.apply(new, plan(world, new))
    world.report("a4", Attempt.RUNNING, health=Health.HEALTHY)
    world.observed.running_since["a4"] = world.now - 20.0  # type: ignore[index]
    waits = plan(world, new)
    assert (waits.changes, waits.again_at) == (False, world.now + 10.0)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"state": Attempt.ENDED, "code": "exited", "message": "exit code 1"}, "exit code 1"),
        ({"state": Attempt.RUNNING, "health": Health.UNHEALTHY}, "it is unhealthy"),
    ],
)
def test_a_failing_container_takes_the_update_back(members: dict[str, object], why: str) -> None:
    world, new = updating()
    world.apply(new, plan(world, new))
    world.report("a4", **members)  # type: ignore[arg-type]
    made = plan(world, new)
    assert made.failed is not None
    assert (made.failed.slot, made.failed.message) == (0, why)
    assert not made.changes


def test_a_new_container_that_was_never_healthy_has_time_to_start() -> None:
    world, new = updating()
    world.apply(new, plan(world, new))
    world.report("a4", Attempt.RUNNING, health=Health.UNHEALTHY, message="WEB: refused")
    world.observed.running_since["a4"] = world.now - 20.0  # type: ignore[index]
    waits = plan(world, new)
    assert (waits.failed, waits.changes, waits.again_at) == (None, False, world.now + 40.0)
    world.observed.running_since["a4"] = world.now - 60.0  # type: ignore[index]
    failed = plan(world, new).failed
    assert failed is not None
    assert failed.message == "WEB: refused"


def test_the_last_slot_is_watched_after_the_old_container_has_gone() -> None:
    world, new = updating(hosts=1, slots=1, ports=[80])
    world.apply(new, plan(world, new))
    world.obey()
    world.apply(new, plan(world, new))
    world.report("a2", Attempt.ENDED, code="exited")
    assert plan(world, new).failed is not None


@pytest.mark.parametrize(
    ("policy", "members"),
    [
        (UpdatePolicy(on_failure="pause"), {}),
        (UpdatePolicy(), {"rollout": ""}),
        (UpdatePolicy(), {"paused": True}),
        (UpdatePolicy(), {"rollout": "rollback"}),
    ],
)
def test_an_update_that_must_not_be_taken_back_pauses(
    policy: UpdatePolicy, members: dict[str, object]
) -> None:
    world, new = updating(policy)
    world.apply(new, plan(world, new))
    world.obey(failing=["example/web:2"])
    made = plan(world, changed(new, **members))
    assert made.failed is None
    assert [stuck.slot for stuck in made.stuck] == [0]
    assert not made.changes


def test_an_update_that_continues_passes_failing_slots_by() -> None:
    world, new = updating(UpdatePolicy(on_failure="continue"))
    last = settle(world, new, failing=["example/web:2"])  # type: ignore[arg-type]
    images = sorted(a.spec.image for a in world.assignments.values())
    assert images == ["example/web:1"] * 3 + ["example/web:2"] * 3
    assert (last.failed, [stuck.passed_by for stuck in last.stuck]) == (None, [True])


def test_a_share_of_the_slots_may_fail() -> None:
    world, new = updating(UpdatePolicy(max_failure_ratio=0.34))
    world.apply(new, plan(world, new))
    world.report("a4", Attempt.ENDED, code="exited")
    made = plan(world, new)
    assert (made.failed, [p.slot for p in made.placements]) == (None, [1])
    world.apply(new, made)
    world.report("a5", Attempt.ENDED, code="exited")
    assert plan(world, new).failed is not None


def test_a_rollback_follows_its_own_policy() -> None:
    world, new = updating(UpdatePolicy(parallelism=1))
    service = msgspec.structs.replace(new.services[0], rollback=UpdatePolicy(parallelism=2))
    back = changed(new, services=(service,), rollout="rollback")
    assert len(plan(world, back).placements) == 2


def test_an_update_is_settled_when_every_new_container_is() -> None:
    world, new = updating(slots=1)
    assert not plan(world, new).settled
    world.apply(new, plan(world, new))
    assert not plan(world, new).settled
    world.obey()
    settle(world, new)
    assert plan(world, new).settled
    fresh = next(iter(world.assignments.values()))
    world.observed.running_since[fresh.id] = world.now
    assert not plan(world, new).settled


def test_a_slot_without_a_host_does_not_hold_an_update_of_the_others_up() -> None:
    world = World(hosts=1)
    crowded = a_service(memory_reservation_bytes=1500 * 1024 * 1024)
    old = a_deployment(services=[crowded], quantities={"web": 1})
    settle(world, old)
    new = changed(rolled(old, "example/web:2"), quantities={"web": 3})
    made = settle(world, new)
    assert {a.spec.image for a in world.assignments.values()} == {"example/web:2"}
    assert [u.slot for u in made.unplaced] == [2]


def test_start_first_that_was_asked_for_waits_for_room() -> None:
    policy = UpdatePolicy(order="start-first")
    world, new = updating(policy, hosts=1, slots=1, memory_reservation_bytes=3 * 2**30)
    made = plan(world, new)
    assert not made.changes
    assert [r.code for r in made.unplaced[0].reasons] == ["memory"]


def test_stop_first_stops_no_second_slot_when_the_first_finds_no_host() -> None:
    world, new = updating(UpdatePolicy(order="stop-first"))
    huge = a_service(image="example/web:2", memory_reservation_bytes=2**40)
    service = msgspec.structs.replace(huge, update=UpdatePolicy(order="stop-first"))
    settle(world, changed(new, services=(service,)))
    assert len([a for a in world.assignments.values() if a.wanted]) == 2


def test_stop_first_stops_nothing_while_a_key_is_missing() -> None:
    world, new = updating(UpdatePolicy(order="stop-first"), slots=1)
    service = msgspec.structs.replace(new.services[0], uses=TemplateUses(needs_keys=("db",)))
    made = plan(world, changed(new, services=(service,)))
    assert not made.changes
    assert [r.code for r in made.unplaced[0].reasons] == ["missing_key"]
