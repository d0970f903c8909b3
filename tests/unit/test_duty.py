"""Hosts that are paused or drained, and slots that are tied to one by their volume."""

import pytest

from berth.domain.records import Deployment
from berth.domain.spec import MountSpec
from berth.domain.states import Attempt, Duty, HostState
from berth.reconcilers.tasks.host_tasks import sort_out_drain
from berth.testing.builders import MB, World, a_deployment, a_service
from unit.planning import PER_HOST, changed, hosts_of, plan, settle
from unit.test_rollout import rolled

VOLUME = (MountSpec(kind="volume", source="data", target="/data"),)


def with_volume(*, hosts: int = 2) -> tuple[World, Deployment]:
    """Return a world in which a container with a named volume runs on h1."""
    world = World(hosts=hosts)
    deployment = a_deployment(services=[a_service(mounts=VOLUME)])
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h1"]
    return world, deployment


@pytest.mark.parametrize("duty", [Duty.PAUSED, Duty.DRAINED])
def test_a_host_off_duty_gets_no_new_containers(duty: Duty) -> None:
    world = World(hosts=2)
    world.set_duty("h1", duty)
    deployment = a_deployment(quantities={"web": 3})
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2", "h2", "h2"]


def test_a_pool_of_paused_hosts_says_so() -> None:
    world = World(hosts=1)
    world.set_duty("h1", Duty.PAUSED)
    (unplaced,) = plan(world, a_deployment()).unplaced
    assert unplaced.reasons[0].code == "paused"


def test_a_paused_host_keeps_what_it_has() -> None:
    world = World(hosts=2)
    pinned = a_deployment(services=[a_service(rules=PER_HOST)])
    settle(world, pinned)
    world.set_duty("h1", Duty.PAUSED)
    world.add_host(duty=Duty.PAUSED)
    assert not plan(world, pinned).changes


def test_a_drained_host_is_emptied_one_slot_at_a_time_new_containers_first() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 4})
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    first = plan(world, deployment)
    assert [p.host_id for p in first.placements] == ["h2"]
    assert first.endings == ()
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2"] * 4


def test_a_drain_goes_on_while_an_update_is_paused_but_updates_nothing() -> None:
    world = World(hosts=3)
    deployment = a_deployment(services=[a_service("web"), a_service("db")])
    settle(world, deployment)
    host = next(a.host_id for a in world.assignments.values() if a.service == "db")
    world.set_duty(host, Duty.DRAINED)
    web, db = rolled(deployment, "example/web:2").services[0], deployment.services[1]
    made = plan(world, changed(deployment, services=(web, db), paused=True))
    assert [p.service for p in made.placements] == ["db"]


def test_services_per_host_end_on_a_drained_host() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(rules=PER_HOST)])
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2"]


def test_a_static_port_moves_off_a_drained_host_without_a_gap() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(ports=[80])])
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    made = plan(world, deployment)
    assert ([p.host_id for p in made.placements], made.endings) == (["h2"], ())


def test_a_finished_job_stays_on_a_drained_host() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(restart=False)])
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    assert not plan(world, deployment).changes


@pytest.mark.parametrize("retries", [-1, 3])
def test_a_service_that_is_tried_again_leaves_a_drained_host_new_containers_first(
    retries: int,
) -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(restart=False, retries=retries)])
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    made = plan(world, deployment)
    assert ([p.host_id for p in made.placements], made.endings) == (["h2"], ())
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2"]
    drained = world.hosts.get("h1")
    assert drained is not None
    assert sort_out_drain(world.fleet, drained).going == ()


def test_a_service_that_is_tried_again_stays_on_a_drained_host_when_it_has_ended() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(restart=False, retries=3)])
    settle(world, deployment)
    world.report("a1", Attempt.ENDED, exit_code=1)
    world.set_duty("h1", Duty.DRAINED)
    assert not plan(world, deployment).changes


def test_a_volume_keeps_its_slot_on_a_drained_host_and_says_why() -> None:
    world, deployment = with_volume()
    world.set_duty("h1", Duty.DRAINED)
    for wanted in (deployment, rolled(deployment, "example/web:2")):
        made = plan(world, wanted)
        assert not made.changes
        (held,) = made.held
        assert held.reasons[0].code == "volume_home"
        assert "host h1, which is drained" in held.summary


def test_a_slot_waits_for_the_host_that_holds_its_volume() -> None:
    world, deployment = with_volume()
    world.set_state("h1", HostState.INACTIVE)
    (waiting,) = plan(world, deployment).unplaced
    assert waiting.summary == "its volume is on host h1, which is inactive"
    world.set_state("h1", HostState.ACTIVE)
    world.report("a1", Attempt.RUNNING)
    assert not plan(world, deployment).changes


def test_a_start_puts_a_slot_back_where_its_volume_is() -> None:
    world, deployment = with_volume()
    settle(world, changed(deployment, desired_state=0))
    settle(world, a_deployment("other", quantities={"web": 1}))
    world.observed.reports.clear()
    assert [p.host_id for p in plan(world, deployment).placements] == ["h1"]
    world.set_state("h1", HostState.INACTIVE)
    (waiting,) = plan(world, deployment).unplaced
    assert [r.code for r in waiting.reasons] == ["volume_home"]


def test_a_slot_that_never_ran_has_no_home_yet() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(mounts=VOLUME)])
    world.apply(deployment, plan(world, deployment))
    world.set_state("h1", HostState.INACTIVE)
    assert [p.host_id for p in plan(world, deployment).placements] == ["h2"]


def test_another_pool_has_no_home_for_a_slot() -> None:
    world, deployment = with_volume()
    world.add_host("p1", pool="production")
    settle(world, changed(deployment, pool_id="production"))
    assert hosts_of(world, deployment) == ["p1"]


def test_reserved_processors_are_given_out_once() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(cpus_reservation=0.75)], quantities={"web": 5})
    made = settle(world, deployment)
    assert sorted(hosts_of(world, deployment)) == ["h1", "h1", "h2", "h2"]
    (unplaced,) = made.unplaced
    assert {r.code for r in unplaced.reasons} == {"cpus"}
    assert (
        unplaced.reasons[0].message == "0.75 processors are needed, only 0.5 of 2 are not reserved"
    )


def test_reserved_memory_is_given_out_once() -> None:
    world = World()
    world.add_host(memory_mb=1024)
    service = a_service(memory_reservation_bytes=600 * MB)
    (unplaced,) = plan(world, a_deployment(services=[service], quantities={"web": 2})).unplaced
    assert [r.code for r in unplaced.reasons] == ["memory"]
