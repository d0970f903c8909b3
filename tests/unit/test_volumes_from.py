"""Services that take the volumes of others: they start after those, on the same host."""

import msgspec
import pytest

from berth.domain.ids import HostId
from berth.domain.records import Deployment
from berth.domain.spec import MountSpec, ServiceSpec
from berth.domain.states import Attempt, Duty
from berth.reconcilers.tasks.host_tasks import sort_out_drain
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import PER_HOST, changed, plan, settle

APP = a_service("app", volumes_from=("data:ro", "container:old"))
DATA = a_service("data")
NAMED = (MountSpec(kind="volume", source="files", target="/data"),)


def a_world(*services: ServiceSpec, hosts: int = 3) -> tuple[World, Deployment]:
    """Return a world with a deployment at rest."""
    world, deployment = World(hosts=hosts), a_deployment(services=services or (APP, DATA))
    settle(world, deployment)
    return world, deployment


def host_of(world: World, service: str) -> list[str]:
    return [a.host_id for a in world.assignments.values() if a.service == service and a.wanted]


@pytest.mark.parametrize("data", [DATA, a_service("data", restart=False)])
def test_a_service_is_placed_where_the_one_is_whose_volumes_it_takes(data: ServiceSpec) -> None:
    world, _ = a_world(APP, data)
    assert host_of(world, "app") == host_of(world, "data") != []


def test_every_slot_is_where_a_container_of_the_source_is() -> None:
    world = World(hosts=4)
    settle(world, a_deployment(services=[APP, DATA], quantities={"app": 6, "data": 2}))
    assert set(host_of(world, "app")) == set(host_of(world, "data"))


def test_it_waits_until_the_containers_of_the_source_are_made() -> None:
    world, deployment = World(hosts=2), a_deployment(services=[APP, DATA])
    made = plan(world, deployment)
    assert [p.service for p in made.placements] == ["data"]
    (waiting,) = made.unplaced
    assert waiting.summary == "waits for volumes: 0 of 1 containers of data have been created"
    world.apply(deployment, made)
    world.report("a1", Attempt.ENDED, code="exited")
    assert [p.service for p in plan(world, deployment).placements] == ["app"]


def test_without_any_container_of_the_source_every_host_is_refused() -> None:
    world = World(hosts=2)
    (waiting,) = plan(world, a_deployment(services=[APP, DATA], quantities={"data": 0})).unplaced
    assert [reason.code for reason in waiting.reasons] == ["volumes_from"] * 2
    message = "no container of service data, whose volumes it uses, is on the host"
    assert waiting.reasons[0].message == message


def test_it_follows_when_the_source_is_on_another_host() -> None:
    world, deployment = a_world()
    (old,) = host_of(world, "data")
    world.set_duty(old, Duty.DRAINED)
    settle(world, deployment)
    world.set_duty(old, Duty.ACTIVE)
    assert host_of(world, "app") == host_of(world, "data") != [old]


def test_what_was_placed_apart_comes_together() -> None:
    world, apart = a_world(a_service("app"), DATA)
    assert host_of(world, "app") != host_of(world, "data")
    settle(world, changed(apart, services=(APP, DATA)))
    assert host_of(world, "app") == host_of(world, "data")


@pytest.mark.parametrize(("state", "follows"), [(Attempt.RUNNING, False), (Attempt.PULLING, True)])
def test_a_job_follows_unless_it_runs(state: Attempt, follows: bool) -> None:
    world, deployment = a_world(DATA, a_service("job", volumes_from=("data",), restart=False))
    data, job = world.assignments.values()
    world.report(job.id, state)
    world.assignments.put(msgspec.structs.replace(data, host_id=HostId("h2")))
    assert plan(world, deployment).changes == follows


def test_a_named_volume_of_the_source_keeps_it_on_a_drained_host() -> None:
    world, deployment = a_world(APP, a_service("data", mounts=NAMED))
    (name,) = host_of(world, "app")
    world.set_duty(name, Duty.DRAINED)
    made = plan(world, deployment)
    assert not made.changes
    assert {held.service for held in made.held} == {"app", "data"}
    drained = world.hosts.get(name)
    assert drained is not None
    assert sort_out_drain(world.fleet, drained).going == ()


def test_a_slot_per_host_takes_the_volumes_of_its_own_host() -> None:
    services = [a_service(one.key, rules=PER_HOST, volumes_from=one.container.volumes_from)
                for one in (APP, DATA)]  # fmt: skip
    world, _ = a_world(*services)
    assert sorted(host_of(world, "app")) == sorted(host_of(world, "data")) == ["h1", "h2", "h3"]


def test_what_takes_volumes_stops_first() -> None:
    world, deployment = a_world()
    made = plan(world, changed(deployment, desired_state=0))
    ended = [world.assignments.get(ending.assignment_id) for ending in made.endings]
    assert [a.service for a in ended if a is not None] == ["app"]
