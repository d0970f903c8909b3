"""Which host a container belongs to, whatever hosts claim."""

import tracemalloc

import pytest

from berth.control.containers import find_container
from berth.domain.container_owners import find_contested
from berth.domain.discovery_records import Key
from berth.domain.errors import Conflict, HostAway, NotFound
from berth.domain.fleet import HostStatus
from berth.domain.ids import ContainerId, HostId
from berth.domain.observed import EngineContainer, InventoryItem
from berth.domain.plan import Placement, Plan
from berth.domain.states import Attempt, HostState
from berth.testing.builders import World, a_deployment

ID = ContainerId("ab" * 32)


def a_world() -> World:
    """Build hosts h1 and h2, and assignment a1 on h1."""
    world = World(hosts=2)
    service = a_deployment().services[0].key
    placement = Placement(service=service, slot=0, host_id=HostId("h1"), spec_hash="")
    world.apply(a_deployment(), Plan(placements=(placement,)))
    return world


def list_on(world: World, *names: str) -> None:
    """Let hosts list the container."""
    container = EngineContainer(id=ID, name="web", image="i", state="running")
    for name in names:
        world.observed.inventory[HostId(name)] = {ID: InventoryItem(container)}


def silence(world: World, name: str, *, state: HostState) -> None:
    world.observed.hosts[HostId(name)] = HostStatus(host_id=HostId(name), state=state)


def test_a_container_belongs_to_the_host_whose_assignment_reports_it() -> None:
    world = a_world()
    world.report("a1", Attempt.RUNNING, container_id=ID)
    list_on(world, "h2")
    assert find_container(world.fleet, ID) == ("h1", ID)
    assert find_container(world.fleet, ID[:12]) == ("h1", ID)
    assert find_contested(world.fleet) == {"h2": {ID: {"h1"}}}


def test_a_container_that_two_assignments_report_gets_no_calls() -> None:
    world = a_world()
    service = a_deployment().services[0].key
    placement = Placement(service=service, slot=1, host_id=HostId("h2"), spec_hash="")
    world.apply(a_deployment(), Plan(placements=(placement,)))
    for assignment in ("a1", "a2"):
        world.report(assignment, Attempt.RUNNING, container_id=ID)
    with pytest.raises(Conflict, match="hosts h1 and h2 both claim container"):
        find_container(world.fleet, ID)
    assert set(find_contested(world.fleet)) == {"h1", "h2"}


def test_a_container_that_two_hosts_list_gets_no_calls() -> None:
    world = a_world()
    list_on(world, "h1", "h2")
    for id_or_prefix in (ID, ID[:12]):
        with pytest.raises(Conflict, match="calls about it go to neither"):
            find_container(world.fleet, id_or_prefix)


def test_a_listed_container_gets_no_calls_while_its_true_host_may_not_have_spoken_yet() -> None:
    world = a_world()
    list_on(world, "h2")
    silence(world, "h1", state=HostState.UNKNOWN)
    with pytest.raises(HostAway, match="may belong to host h1"):
        find_container(world.fleet, ID)
    silence(world, "h1", state=HostState.INACTIVE)
    assert find_container(world.fleet, ID) == ("h2", ID)


def test_a_key_tells_whose_a_container_is_over_a_restart_of_the_manager() -> None:
    world = a_world()
    list_on(world, "h2")
    silence(world, "h1", state=HostState.INACTIVE)
    assignment = next(iter(world.assignments.values()))
    name = f"apps/web-shop-80/containers/{ID}"
    world.keys.put(
        Key(id=name, value=b"", create_index=1, modify_index=1, assignment_id=assignment.id)
    )
    with pytest.raises(HostAway, match="belongs to host h1, which is not in contact"):
        find_container(world.fleet, ID)


def test_a_container_by_hand_belongs_to_the_host_that_lists_it() -> None:
    world = a_world()
    list_on(world, "h2")
    assert find_container(world.fleet, ID[:20]) == ("h2", ID)
    assert find_contested(world.fleet) == {}
    with pytest.raises(NotFound):
        find_container(world.fleet, "cd" * 32)


def test_comparing_long_lists_makes_nothing_for_each_container() -> None:
    world = World(hosts=2)
    for host in ("h1", "h2"):
        item = InventoryItem(EngineContainer(id=ID, name="web", image="i", state="running"))
        names = [ContainerId(f"{host}-{number}") for number in range(10_000)]
        world.observed.inventory[HostId(host)] = dict.fromkeys(names, item)
    tracemalloc.start()
    try:
        assert find_contested(world.fleet) == {}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000 * 150
