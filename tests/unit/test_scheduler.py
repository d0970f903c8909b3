"""Decisions of the scheduler, one rule a test."""

import msgspec
import pytest

from berth.domain.deployment_view import container_rows, current_state
from berth.domain.ids import HostId, ServiceKey
from berth.domain.plan import Exclusion
from berth.domain.spec import MountSpec, PlacementRules
from berth.domain.states import Attempt, Availability, HostState, Policy
from berth.testing.builders import MB, World, a_deployment, a_service
from unit.planning import PER_HOST, changed, hosts_of, plan, settle


def test_random_spreads_evenly() -> None:
    world = World(hosts=3)
    deployment = a_deployment(quantities={"web": 6})
    settle(world, deployment)
    assert sorted(hosts_of(world, deployment)) == ["h1", "h1", "h2", "h2", "h3", "h3"]
    assert current_state(world.fleet, deployment) == 1


def test_spread_counts_other_deployments_too() -> None:
    world = World(hosts=2)
    settle(world, a_deployment("first"))
    second = a_deployment("second")
    settle(world, second)
    assert hosts_of(world, second) == ["h2"]


def test_memory_takes_the_host_with_the_most_free_memory() -> None:
    world = World()
    world.add_host(memory_mb=2048)
    world.add_host(memory_mb=8192)
    deployment = a_deployment(
        services=[a_service(rules=PlacementRules(policy=Policy.MEMORY))], quantities={"web": 3}
    )
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2", "h2", "h2"]


def test_cpu_takes_the_idle_host() -> None:
    world = World()
    world.add_host(cpu_percent=95.0)
    world.add_host(cpu_percent=5.0)
    deployment = a_deployment(
        services=[a_service(rules=PlacementRules(policy=Policy.CPU))], quantities={"web": 2}
    )
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2", "h2"]


def test_pack_fills_the_fullest_host_before_the_next() -> None:
    world = World(hosts=3)
    settle(world, a_deployment("first"))
    deployment = a_deployment(
        services=[a_service(rules=PlacementRules(policy=Policy.PACK))], quantities={"web": 3}
    )
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h1", "h1", "h1"]


def test_an_inactive_host_gets_nothing_and_says_so() -> None:
    world = World(hosts=1)
    world.set_state("h1", HostState.INACTIVE)
    made = plan(world, a_deployment())
    assert made.placements == ()
    assert [r.code for r in made.unplaced[0].reasons] == ["inactive"]


def test_an_empty_pool_is_a_reason() -> None:
    made = plan(World(), a_deployment())
    assert made.unplaced[0].reasons[0].code == "no_hosts"


def test_a_static_port_allows_one_container_per_host() -> None:
    world = World(hosts=2)
    made = plan(world, a_deployment(services=[a_service(ports=[8080])], quantities={"web": 3}))
    assert sorted(p.host_id for p in made.placements) == ["h1", "h2"]
    assert [r.code for r in made.unplaced[0].reasons] == ["port_taken", "port_taken"]
    assert "8080" in made.unplaced[0].summary


def test_a_port_of_a_container_started_by_hand_is_taken() -> None:
    world = World(hosts=1)
    world.add_unmanaged("h1", port=8080)
    made = plan(world, a_deployment(services=[a_service(ports=[8080])]))
    assert "by-hand" in made.unplaced[0].summary


def test_a_fixed_container_name_is_exclusive_to_a_host() -> None:
    world = World(hosts=1)
    service = a_service(container_name="db")
    made = plan(world, a_deployment(services=[service], quantities={"web": 2}))
    assert len(made.placements) == 1
    assert made.unplaced[0].reasons[0].code == "name_taken"


def test_an_engine_that_would_skip_a_key_gets_no_slot_with_it() -> None:
    world = World()
    for api in ("1.41", "1.44", "1.45"):
        world.add_host(engine_api=api)
    mounts = (MountSpec("volume", "/data", "data", subpath="in", read_only=True),)
    service = a_service(mounts=mounts, ports=[8080])
    made = plan(world, a_deployment(services=[service], quantities={"web": 2}))
    assert [p.host_id for p in made.placements] == ["h3"]
    assert [(r.host_id, r.code) for r in made.unplaced[0].reasons][:2] == [
        ("h1", "engine_api"),
        ("h2", "engine_api"),
    ]
    assert made.unplaced[0].reasons[0].message == (
        "volume.subpath needs version 1.45 of the engine's API, and this host's engine has 1.41"
    )


def test_a_host_whose_engine_is_not_known_yet_is_no_reason_to_wait() -> None:
    mounts = (MountSpec("volume", "/data", "data", subpath="in"),)
    made = plan(World(hosts=1), a_deployment(services=[a_service(mounts=mounts)]))
    assert len(made.placements) == 1


def test_reserved_memory_fills_a_host_up() -> None:
    world = World()
    world.add_host(memory_mb=1000)
    service = a_service(memory_reservation_bytes=400 * MB)
    made = plan(world, a_deployment(services=[service], quantities={"web": 3}))
    assert len(made.placements) == 2
    assert made.unplaced[0].reasons[0].code == "memory"


def test_a_limit_above_the_hosts_memory_is_refused() -> None:
    world = World()
    world.add_host(memory_mb=1000)
    made = plan(world, a_deployment(services=[a_service(memory_bytes=2000 * MB)]))
    assert made.unplaced[0].reasons[0].code == "memory"


def test_per_tag_keeps_to_hosts_with_the_tag() -> None:
    world = World(hosts=1)
    world.add_host(tags=["fast"])
    service = a_service(rules=PlacementRules(availability=Availability.PER_TAG, tag="fast"))
    deployment = a_deployment(services=[service], quantities={"web": 2})
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h2", "h2"]


def test_per_host_puts_the_number_on_each_host() -> None:
    world = World(hosts=2)
    service = a_service(rules=PER_HOST)
    deployment = a_deployment(services=[service], quantities={"web": 2})
    settle(world, deployment)
    assert sorted(hosts_of(world, deployment)) == ["h1", "h1", "h2", "h2"]


def test_per_host_follows_a_new_host_and_renumbers_nothing() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(rules=PER_HOST)])
    settle(world, deployment)
    before = {a.slot: a.host_id for a in world.fleet.assignments_of(deployment.id)}
    world.add_host("h0")
    settle(world, deployment)
    after = {a.slot: a.host_id for a in world.fleet.assignments_of(deployment.id)}
    assert after == before | {2: "h0"}


def test_per_host_leaves_what_is_on_an_inactive_host_for_its_return() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(rules=PER_HOST)])
    settle(world, deployment)
    world.set_state("h2", HostState.INACTIVE)
    assert not settle(world, deployment).changes
    assert current_state(world.fleet, deployment) == 1
    world.set_state("h2", HostState.ACTIVE)
    assert sorted(hosts_of(world, deployment)) == ["h1", "h2"]


def test_per_host_leaves_hosts_alone_that_were_not_heard_of_since_the_start() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=[a_service(rules=PER_HOST)])
    settle(world, deployment)
    world.set_state("h1", HostState.UNKNOWN)
    world.set_state("h2", HostState.UNKNOWN)
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 2
    world.add_host("h3")
    world.set_state("h3", HostState.UNKNOWN)
    assert not plan(world, deployment).changes, "nothing new goes to a host that may be away"


def test_a_host_whose_agent_does_not_obey_takes_nothing() -> None:
    world = World(hosts=2)
    held = world.observed.hosts[HostId("h1")]
    world.observed.hosts[held.host_id] = msgspec.structs.replace(held, held=True)
    made = plan(world, a_deployment(quantities={"web": 2}))
    assert {placement.host_id for placement in made.placements} == {"h2"}
    deployment = a_deployment(services=[a_service(rules=PlacementRules(hostname="h1"))])
    codes = [reason.code for reason in plan(world, deployment).unplaced[0].reasons]
    assert codes == ["held", "constraint"]


def test_a_constraint_binds_to_a_host() -> None:
    world = World(hosts=3)
    bound = a_service(rules=PlacementRules(hostname="h3"))
    made = plan(world, a_deployment(services=[bound], quantities={"web": 2}))
    assert [p.host_id for p in made.placements] == ["h3", "h3"]


def test_scaling_down_takes_the_highest_slots() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 4})
    settle(world, deployment)
    smaller = changed(deployment, quantities={"web": 2})
    world.apply(smaller, plan(world, smaller))
    kept = sorted(a.slot for a in world.fleet.assignments_of(deployment.id) if a.wanted)
    assert kept == [0, 1]


def test_stopping_ends_everything_and_only_then_the_state_is_0() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 3})
    settle(world, deployment)
    stopped = changed(deployment, desired_state=0)
    world.apply(stopped, plan(world, stopped))
    assert current_state(world.fleet, stopped) == 2
    world.obey()
    settle(world, stopped)
    assert current_state(world.fleet, stopped) == 0
    assert world.fleet.assignments_of(deployment.id) == []


def test_slots_of_a_lost_host_are_placed_elsewhere() -> None:
    world = World(hosts=3)
    deployment = a_deployment(quantities={"web": 6})
    settle(world, deployment)
    world.set_state("h3", HostState.INACTIVE)
    settle(world, deployment)
    rows = container_rows(world.fleet, deployment)
    assert [row.state for row in rows] == ["Running"] * 6
    assert {row.hostname for row in rows} == {"h1", "h2"}


def test_a_returning_host_loses_what_was_replaced() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 2})
    settle(world, deployment)
    world.set_state("h2", HostState.INACTIVE)
    settle(world, deployment)
    world.set_state("h2", HostState.ACTIVE)
    world.obey()
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h1", "h1"]
    assert len(world.fleet.assignments_of(deployment.id)) == 2


def test_a_returning_host_keeps_what_was_not_replaced() -> None:
    world = World(hosts=1)
    deployment = a_deployment()
    settle(world, deployment)
    world.set_state("h1", HostState.INACTIVE)
    assert plan(world, deployment).unplaced[0].reasons[0].code == "inactive"
    world.set_state("h1", HostState.ACTIVE)
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 1


def test_an_unknown_hosts_containers_count_as_existing() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 2})
    settle(world, deployment)
    world.set_state("h2", HostState.UNKNOWN)
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 2


def test_a_volume_keeps_its_slot_from_moving() -> None:
    world = World(hosts=2)
    service = a_service(mounts=(MountSpec(kind="volume", source="data", target="/data"),))
    deployment = a_deployment(services=[service])
    settle(world, deployment)
    world.set_state("h1", HostState.INACTIVE)
    made = plan(world, deployment)
    assert made.placements == ()
    assert made.unplaced[0].reasons[0].code == "volume_home"


def test_a_moved_host_loses_the_deployments_of_its_old_pool() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 2})
    settle(world, deployment)
    host = world.hosts.get("h2")
    assert host is not None
    world.hosts.put(msgspec.structs.replace(host, pool_id="other"))
    settle(world, deployment)
    assert hosts_of(world, deployment) == ["h1", "h1"]


def test_a_finished_run_once_service_is_done() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=[a_service(restart=False)])
    settle(world, deployment)
    world.report("a1", Attempt.ENDED, exit_code=0)
    assert not plan(world, deployment).changes
    assert current_state(world.fleet, deployment) == 1


@pytest.mark.parametrize("quantity", [0, 1])
def test_the_state_without_any_container(quantity: int) -> None:
    world = World(hosts=1)
    deployment = a_deployment(quantities={"web": quantity})
    world.deployments.put(deployment)
    assert current_state(world.fleet, deployment) == (1 if quantity == 0 else 0)


def test_mass_silence_holds_replacing_back() -> None:
    world = World(hosts=2)
    deployment = a_deployment(quantities={"web": 2})
    settle(world, deployment)
    world.set_state("h2", HostState.INACTIVE)
    world.observed.replacing_waits_until = world.now + 60
    made = plan(world, deployment)
    assert made.unplaced[0].reasons[0].code == "mass_silence"
    assert made.again_at == world.now + 60
    world.observed.replacing_waits_until = world.now - 1
    assert len(plan(world, deployment).placements) == 1


def test_a_replacement_that_does_not_run_yet_gives_way_to_the_returning_container() -> None:
    world = World(hosts=2)
    deployment = a_deployment()
    settle(world, deployment)
    world.set_state("h1", HostState.INACTIVE)
    world.apply(deployment, plan(world, deployment))
    world.set_state("h1", HostState.ACTIVE)
    made = plan(world, deployment)
    assert [e.assignment_id for e in made.endings] == ["a2"]


def test_a_port_is_held_until_its_container_is_seen_gone() -> None:
    world = World(hosts=1)
    first = a_deployment("first", services=[a_service(ports=[80])])
    second = a_deployment("second", services=[a_service(ports=[80])])
    settle(world, first)
    world.apply(first, plan(world, changed(first, desired_state=0)))
    assert plan(world, second).unplaced[0].reasons[0].code == "port_taken"
    world.obey()
    assert [p.host_id for p in plan(world, second).placements] == ["h1"]


def test_the_state_is_not_1_while_surplus_containers_are_still_there() -> None:
    world = World(hosts=1)
    deployment = a_deployment(quantities={"web": 3})
    settle(world, deployment)
    smaller = changed(deployment, quantities={"web": 1})
    world.apply(smaller, plan(world, smaller))
    assert current_state(world.fleet, smaller) == 2
    world.obey()
    assert current_state(world.fleet, smaller) == 1


def test_an_excluded_host_is_eligible_again_after_a_while() -> None:
    world = World(hosts=1)
    deployment = a_deployment()
    exclusion = Exclusion(HostId("h1"), "exited", "it failed there", world.now + 60)
    world.planned.exclusions[deployment.id, ServiceKey("web"), 0] = (exclusion,)
    assert plan(world, deployment).unplaced[0].summary == "it failed there"
    world.now += 61
    assert len(plan(world, deployment).placements) == 1


def test_a_wanted_assignment_is_not_forgotten_because_its_container_is_gone() -> None:
    world = World(hosts=1)
    deployment = a_deployment()
    settle(world, deployment)
    world.report("a1", Attempt.REMOVED)
    assert not plan(world, deployment).changes
