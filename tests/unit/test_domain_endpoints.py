"""Keys and catalog entries that follow from what runs."""

import msgspec
import pytest

from berth.discovery.catalog import entry_of_key
from berth.domain.discovery_records import Key
from berth.domain.endpoints import derive_keys, pack_addresses
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, HostId
from berth.domain.observed import HostFacts, PortBinding
from berth.domain.plan import Placement, Plan
from berth.domain.records import Assignment
from berth.domain.spec import ContainerSpec, PortSpec
from berth.domain.states import Attempt, HostState
from berth.testing.builders import World, a_deployment, a_service

CONTAINER = "ab" * 32
KEY = f"apps/web-shop-80/containers/{CONTAINER}"


PUBLISHED = tuple(PortSpec(container=port) for port in (53, 80, 81, 443, 8080))


def a_world(address: str = "10.0.0.5", *, ports: tuple[PortSpec, ...] = PUBLISHED) -> World:
    """Build a host of that address with an assignment a1 of ``web`` in ``shop``."""
    world = World(hosts=1)
    spec = ContainerSpec(image="example/web:1", ports=ports)
    web = msgspec.structs.replace(a_service(), container=spec)
    placement = Placement(service=web.key, slot=0, host_id=HostId("h1"), spec_hash="")
    world.apply(a_deployment(services=[web]), Plan(placements=(placement,)))
    facts = HostFacts(hostname="h1", engine_id="e", address=address)
    world.observed.hosts[HostId("h1")] = HostStatus(
        host_id=HostId("h1"), state=HostState.ACTIVE, facts=facts
    )
    return world


def the_assignment(world: World) -> Assignment:
    found = world.assignments.get("a1")
    assert found is not None
    return found


def run(world: World, *ports: PortBinding, state: Attempt = Attempt.RUNNING) -> None:
    world.report("a1", state, container_id=CONTAINER, ports=ports)


def keys(world: World) -> dict[str, bytes] | None:
    found = derive_keys(world.fleet, the_assignment(world))
    return None if found is None else dict(found)


def test_every_published_port_of_a_running_container_has_a_key() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 32001), PortBinding(443, "tcp", 443))
    assert keys(world) == {
        KEY: b"10.0.0.5:32001",
        f"apps/web-shop-443/containers/{CONTAINER}": b"10.0.0.5:443",
    }


def test_a_port_that_the_definition_does_not_publish_has_no_key() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 32001), PortBinding(3306, "tcp", 32002))
    assert keys(world) == {KEY: b"10.0.0.5:32001"}


def test_a_container_has_keys_for_64_ports_at_most() -> None:
    published = range(1000, 1100)
    world = a_world(ports=tuple(PortSpec(container=port) for port in published))
    run(world, *(PortBinding(port, "tcp", port) for port in published))
    found = keys(world)
    assert found is not None
    assert len(found) == 64
    assert f"apps/web-shop-1063/containers/{CONTAINER}" in found


def test_tcp_and_udp_of_one_port_share_a_key() -> None:
    world = a_world()
    run(world, PortBinding(80, "udp", 1000), PortBinding(80, "tcp", 32002))
    assert keys(world) == {KEY: b"10.0.0.5:32002"}


def test_a_port_of_udp_alone_has_a_key_too() -> None:
    world = a_world()
    run(world, PortBinding(80, "udp", 1000))
    assert keys(world) == {KEY: b"10.0.0.5:1000"}


def test_a_port_on_one_address_of_the_host_is_reached_there() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 8080, "10.9.9.9"), PortBinding(81, "tcp", 1, "fd00::1"))
    assert keys(world) == {
        KEY: b"10.9.9.9:8080",
        f"apps/web-shop-81/containers/{CONTAINER}": b"[fd00::1]:1",
    }


@pytest.mark.parametrize(
    ("address", "value"), [("10.0.0.5", b"10.0.0.5:32769"), ("fd00::5", b"[fd00::5]:32768")]
)
def test_a_key_has_the_port_of_the_family_of_its_address(address: str, value: bytes) -> None:
    world = a_world(address=address)
    run(world, PortBinding(80, "tcp", 32768, "::"), PortBinding(80, "tcp", 32769, "0.0.0.0"))
    assert keys(world) == {KEY: value}


def test_a_port_that_the_hosts_address_does_not_have_is_told_at_another_or_not_at_all() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 1, "::"))
    assert keys(world) == {}
    run(world, PortBinding(80, "tcp", 1, "::"), PortBinding(80, "tcp", 2, "10.9.9.9"))
    assert keys(world) == {KEY: b"10.9.9.9:2"}


def test_a_port_that_only_the_host_itself_reaches_has_no_key() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 8080, "127.0.0.1"))
    assert keys(world) == {}


@pytest.mark.parametrize(
    "state", [Attempt.STARTING, Attempt.STOPPING, Attempt.ENDED, Attempt.REMOVED]
)
def test_a_container_that_does_not_run_has_no_key(state: Attempt) -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 8080), state=state)
    assert keys(world) == {}


def test_without_a_report_nothing_is_known_until_the_host_has_spoken() -> None:
    world = a_world()
    world.set_state("h1", HostState.UNKNOWN)
    assert keys(world) is None
    world.set_state("h1", HostState.ACTIVE)
    assert keys(world) == {}


def test_a_silent_host_and_a_deleted_one_have_no_keys() -> None:
    world = a_world()
    run(world, PortBinding(80, "tcp", 8080))
    world.set_state("h1", HostState.INACTIVE)
    assert keys(world) == {}
    world.set_state("h1", HostState.ACTIVE)
    assert keys(world) == {KEY: b"10.0.0.5:8080"}
    world.hosts.drop("h1")
    assert keys(world) == {}


def test_a_host_without_an_address_has_no_keys_yet() -> None:
    world = a_world(address="")
    run(world, PortBinding(80, "tcp", 8080))
    assert keys(world) == {}


@pytest.mark.parametrize(
    ("value", "address"), [(b"10.0.0.5:32001", "10.0.0.5"), (b"[fd00::1]:32001", "fd00::1")]
)
def test_a_key_of_the_platform_is_a_catalog_entry(value: bytes, address: str) -> None:
    key = Key(id=KEY, value=value, create_index=1, modify_index=1, assignment_id=AssignmentId("a1"))
    entry = entry_of_key(key)
    assert entry is not None
    assert (entry.id, entry.service) == (f"{CONTAINER}:80", "web-shop-80")
    assert (entry.address, entry.port, entry.tags) == (address, 32001, ())


def test_a_key_of_a_user_is_no_catalog_entry() -> None:
    assert entry_of_key(Key(id=KEY, value=b"x", create_index=1, modify_index=1)) is None


def test_a_hosts_own_address_comes_first_its_bridges_next_and_the_public_one_last() -> None:
    facts = HostFacts(
        hostname="h1",
        engine_id="e",
        interfaces={
            "lo": "127.0.0.1",
            "br-1": "10.210.0.1",
            "docker0": "172.17.0.1",
            "eth0": "10.0.0.5",
            "odd": "no address",
        },
        bridge_address="172.17.0.1",
    )
    packed = pack_addresses(facts, address="10.0.0.5", public="203.0.113.7")
    assert packed == (
        "eth0: 10.0.0.5, docker0: 172.17.0.1, br-1: 10.210.0.1, public_ip: 203.0.113.7"
    )
    assert pack_addresses(None, address="10.0.0.5", public="") == ""
