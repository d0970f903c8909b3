"""How the scheduler replaces what is outdated, and moves what fails."""

import msgspec

from berth.domain.deployment_view import container_rows, current_state
from berth.domain.records import Deployment
from berth.domain.states import Attempt
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import changed, plan, settle


def rolled(deployment: Deployment, image: str) -> Deployment:
    services = tuple(
        msgspec.structs.replace(s, container=msgspec.structs.replace(s.container, image=image))
        for s in deployment.services
    )
    return changed(deployment, services=services)


def test_an_update_starts_the_new_one_before_it_ends_the_old() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 3})
    settle(world, old)
    new = rolled(old, "example/web:2")
    first = plan(world, new)
    assert len(first.placements) == 1
    assert first.endings == ()
    world.apply(new, first)
    assert not plan(world, new).changes  # waits until it runs
    world.obey()
    second = plan(world, new)
    assert len(second.endings) == 1
    assert second.placements == () or second.placements[0].slot == 1


def test_an_update_reaches_every_slot() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 5})
    settle(world, old)
    new = rolled(old, "example/web:2")
    settle(world, new)
    images = {a.spec.image for a in world.fleet.assignments_of(new.id)}
    assert images == {"example/web:2"}
    assert current_state(world.fleet, new) == 1


def test_a_failing_update_pauses_and_keeps_the_old() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 3})
    settle(world, old)
    bad = rolled(old, "example/web:bad")
    last = settle(world, bad, failing=("example/web:bad",))
    running = [r for r in container_rows(world.fleet, bad) if r.state == "Running"]
    assert len(running) == 3
    assert [s.service for s in last.stuck] == ["web"]


def test_an_update_relies_on_a_new_container_only_after_it_has_run_for_a_while() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 2})
    settle(world, old)
    new = rolled(old, "example/web:2")
    world.apply(new, plan(world, new))
    world.obey()
    (fresh,) = (a for a in world.fleet.assignments_of(new.id) if a.spec.image == "example/web:2")
    world.observed.running_since[fresh.id] = world.now - 1.5
    waiting = plan(world, new)
    assert (waiting.changes, waiting.again_at) == (False, world.now + 0.5)
    world.observed.running_since[fresh.id] = world.now - 2.0
    assert len(plan(world, new).endings) == 1


def test_a_new_container_that_has_failed_must_run_longer_each_time() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 2})
    settle(world, old)
    new = rolled(old, "example/web:2")
    world.apply(new, plan(world, new))
    world.obey()
    (fresh,) = (a for a in world.fleet.assignments_of(new.id) if a.spec.image == "example/web:2")
    world.report(fresh.id, Attempt.RUNNING, failures=3)
    world.observed.running_since[fresh.id] = world.now - 15.0
    waiting = plan(world, new)
    assert (waiting.changes, waiting.again_at) == (False, world.now + 1.0)
    assert waiting.unproven == {"web"}


def test_a_further_update_supersedes_a_failing_one() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 3})
    settle(world, old)
    settle(world, rolled(old, "example/web:bad"), failing=("example/web:bad",))
    good = rolled(old, "example/web:3")
    settle(world, good, failing=("example/web:bad",))
    assert {a.spec.image for a in world.fleet.assignments_of(old.id)} == {"example/web:3"}


def test_a_static_port_is_updated_old_one_first_on_the_same_host() -> None:
    world = World(hosts=2)
    old = a_deployment(services=[a_service(ports=[80])])
    settle(world, old)
    new = rolled(old, "example/web:2")
    first = plan(world, new)
    assert (len(first.endings), first.placements) == (1, ())
    world.apply(new, first)
    assert not plan(world, new).changes  # the port is held until the old one is gone
    world.obey()
    assert [p.host_id for p in plan(world, new).placements] == ["h1"]


def test_a_paused_deployment_replaces_nothing() -> None:
    world = World(hosts=2)
    old = a_deployment(quantities={"web": 2})
    settle(world, old)
    assert not plan(world, changed(rolled(old, "example/web:2"), paused=True)).changes


def test_only_the_changed_service_is_replaced() -> None:
    world = World(hosts=2)
    old = a_deployment(services=[a_service("web"), a_service("db")])
    settle(world, old)
    web = old.services[0]
    web = msgspec.structs.replace(
        web, container=msgspec.structs.replace(web.container, image="example/web:2")
    )
    made = plan(world, changed(old, services=(web, old.services[1])))
    assert [p.service for p in made.placements] == ["web"]


def test_a_service_that_the_text_drops_is_ended() -> None:
    world = World(hosts=1)
    old = a_deployment(services=[a_service("web"), a_service("db")])
    settle(world, old)
    made = plan(world, changed(old, services=old.services[:1], quantities={"web": 1}))
    assert len(made.endings) == 1


def test_five_failures_in_a_row_move_a_slot() -> None:
    world = World(hosts=2)
    deployment = a_deployment()
    settle(world, deployment)
    world.report("a1", Attempt.ENDED, code="exited", failures=4)
    assert not plan(world, deployment).changes
    world.report("a1", Attempt.ENDED, code="exited", failures=5)
    made = plan(world, deployment)
    assert [p.host_id for p in made.placements] == ["h2"]
    assert [e.assignment_id for e in made.endings] == ["a1"]
    world.apply(deployment, made)
    assert not plan(world, deployment).changes


def test_a_failing_slot_without_another_host_stays() -> None:
    world = World(hosts=1)
    deployment = a_deployment()
    settle(world, deployment)
    world.report("a1", Attempt.ENDED, code="exited", failures=9)
    made = plan(world, deployment)
    assert not made.changes
    assert made.unplaced == ()


def test_a_port_that_the_engine_finds_taken_moves_the_slot_at_once() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(ports=[80])])
    settle(world, deployment)
    world.report("a1", Attempt.ENDED, code="port_taken", failures=1)
    assert [p.host_id for p in plan(world, deployment).placements] == ["h2"]


def test_a_superseded_new_container_goes_at_once_even_while_nothing_is_placed() -> None:
    world = World(hosts=2)
    old = a_deployment()
    settle(world, old)
    bad = rolled(old, "example/web:bad")
    settle(world, bad, failing=("example/web:bad",))
    made = plan(world, changed(rolled(old, "example/web:3"), paused=True))
    ended = world.assignments.get(made.endings[0].assignment_id)
    assert ended is not None
    assert (len(made.endings), ended.spec.image) == (1, "example/web:bad")
