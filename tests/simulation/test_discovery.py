"""Keys of what runs, through everything that starts, dies and comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.control.keys import delete_key, put_key
from berth.domain.entries import Key
from berth.domain.ids import HostId
from berth.domain.spec import PortSpec, ServiceSpec
from berth.domain.states import HostState
from berth.testing.builders import a_deployment, a_service
from simulation.fleet import SimulatedFleet


def publishing() -> ServiceSpec:
    """Build a service ``web`` that publishes port 80 on a port of the engine's choice."""
    web = a_service()
    ports = (PortSpec(container=80),)
    return msgspec.structs.replace(
        web, container=msgspec.structs.replace(web.container, ports=ports)
    )


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    """Give a fleet on which ``web`` of ``shop`` runs twice, with a published port."""
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    await fleet.put(a_deployment(services=[publishing()], quantities={"web": 2}))
    await fleet.until(lambda: fleet.settled("shop") and names(fleet) == expected(fleet))
    yield fleet
    await fleet.down()


def keys(fleet: SimulatedFleet) -> list[Key]:
    return sorted(fleet.store.memory.keys.values(), key=lambda key: key.id)


def names(fleet: SimulatedFleet) -> list[str]:
    return [key.id for key in keys(fleet)]


def expected(fleet: SimulatedFleet) -> list[str]:
    """The names that follow from the containers that run."""
    ids = [row.container_id for row in fleet.rows("shop")]
    return sorted(f"apps/web-shop-80/containers/{each}" for each in ids)


async def test_each_container_has_a_key_with_its_address_and_port(fleet: SimulatedFleet) -> None:
    ports = {
        container.id: container.ports[0].host
        for host in fleet.hosts.values()
        for container in host.engine.containers()
    }
    assert {key.id.rpartition("/")[2]: key.value for key in keys(fleet)} == {
        container_id: f"10.0.0.5:{port}".encode() for container_id, port in ports.items()
    }


async def test_a_containers_key_goes_with_it_and_its_successor_gets_one(
    fleet: SimulatedFleet,
) -> None:
    row = fleet.rows("shop")[0]
    fleet.hosts[row.hostname].engine.exit(row.container_id, 137)
    await fleet.until(lambda: row.container_id not in str(names(fleet)))
    await fleet.until(lambda: fleet.settled("shop") and names(fleet) == expected(fleet))


async def test_a_stopped_deployment_leaves_no_keys(fleet: SimulatedFleet) -> None:
    await fleet.change("shop", desired_state=0, generation=2)
    await fleet.until(lambda: fleet.settled("shop") and not names(fleet))


async def test_keys_of_a_silent_host_go_after_its_time_to_live(fleet: SimulatedFleet) -> None:
    row = fleet.rows("shop")[0]
    fleet.hosts[row.hostname].wire.cut = True
    await fleet.until(lambda: fleet.state(row.hostname) is HostState.INACTIVE)
    await fleet.until(lambda: row.container_id not in str(names(fleet)))


async def test_a_restart_of_the_manager_changes_no_key(fleet: SimulatedFleet) -> None:
    before = keys(fleet)
    await fleet.restart_manager()
    assert keys(fleet) == before
    await fleet.until(lambda: all(fleet.state(h) is HostState.ACTIVE for h in fleet.hosts))
    await fleet.until(lambda: fleet.settled("shop"))
    assert keys(fleet) == before


async def test_keys_of_a_host_that_does_not_return_go_after_a_restart(
    fleet: SimulatedFleet,
) -> None:
    row = fleet.rows("shop")[0]
    await fleet.stop_manager()
    await fleet.hosts[row.hostname].stop_agent()
    await fleet.restart_manager()
    assert fleet.store.fleet.status_of(HostId(row.hostname)).state is HostState.UNKNOWN
    assert len(names(fleet)) == 2
    await fleet.until(lambda: row.container_id not in str(names(fleet)))


async def test_the_platform_puts_right_what_a_user_did_to_its_keys(fleet: SimulatedFleet) -> None:
    first, second = keys(fleet)
    await fleet.store.run(lambda draft: put_key(draft, first.id, value=b"mine"))
    await fleet.store.run(lambda draft: delete_key(draft, second.id))

    def is_right() -> bool:
        now = keys(fleet)
        return [key.value for key in now] == [first.value, second.value] and now[0].system

    await fleet.until(is_right)
    assert keys(fleet)[0].create_index == first.create_index
    assert keys(fleet)[0].modify_index > first.modify_index


async def test_keys_of_users_are_left_alone(fleet: SimulatedFleet) -> None:
    await fleet.store.run(lambda draft: put_key(draft, "apps/web-shop-80/own", value=b"mine"))
    await fleet.change("shop", desired_state=0, generation=2)
    await fleet.until(lambda: names(fleet) == ["apps/web-shop-80/own"])
