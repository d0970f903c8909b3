"""Keys of what runs, through everything that starts, dies and comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.agent.app import Agent
from berth.control.discovery.keys import delete_key, put_key
from berth.definition import parse_definition
from berth.domain.deployment_view import RUNNING, ContainerRow, current_state
from berth.domain.discovery_records import Key
from berth.domain.ids import ContainerId, HostId, TaskId
from berth.domain.records import Task, TaskKind
from berth.domain.spec import PortSpec, ServiceSpec
from berth.domain.states import HostState
from berth.store.draft import Draft
from berth.store.feed import Change
from berth.testing.builders import a_deployment, a_service
from simulation.fleet import SETTINGS, SimulatedFleet


def publishing() -> ServiceSpec:
    """Build a service ``web`` that publishes port 80 on a port of the engine's choice."""
    web = a_service()
    ports = (PortSpec(container=80),)
    return msgspec.structs.replace(
        web, container=msgspec.structs.replace(web.container, ports=ports)
    )


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    """Yield a fleet on which ``web`` of ``shop`` runs twice, with a published port."""
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


async def test_a_deployment_is_as_wanted_only_when_its_keys_are_there(
    fleet: SimulatedFleet,
) -> None:
    missing: list[set[str]] = []

    def look(_: list[Change]) -> None:
        deployment = fleet.store.memory.deployments.get("shop")
        if deployment and current_state(fleet.store.fleet, deployment) == RUNNING:
            missing.append(set(expected(fleet)) - set(names(fleet)))

    fleet.store.feed.listen(look)
    await fleet.change("shop", quantities={"web": 4}, generation=2)
    await fleet.until(lambda: len(names(fleet)) == 4 and fleet.settled("shop"))
    assert missing
    assert not any(missing)


async def test_the_task_of_a_deployment_is_done_as_soon_as_its_keys_are_there(
    fleet: SimulatedFleet,
) -> None:
    slow = msgspec.structs.replace(SETTINGS, resync_s=600.0)
    task = Task(
        id=TaskId("t1"),
        kind=TaskKind.DEPLOY,
        name="deploy: blog",
        user="ada",
        created_at=0.0,
        subject="blog",
    )

    def deploy(draft: Draft) -> None:
        draft.settings = slow
        draft.tasks.put(task)
        blog = a_deployment("blog", services=[publishing()])
        draft.deployments.put(msgspec.structs.replace(blog, task_id=task.id))

    await fleet.store.run(deploy)
    tasks = fleet.store.memory.tasks
    await fleet.until(lambda: (known := tasks.get("t1")) is not None and known.status.closed)
    assert fleet.settled("blog")


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


def a_reader(template: str) -> ServiceSpec:
    """Build a service of one variable ``A`` with a template."""
    services = (
        f"services:\n  app:\n    image: example/web:1\n    environment:\n      A: '{template}'\n"
    )
    return parse_definition(services).services[0]


def variable_of(fleet: SimulatedFleet, deployment_id: str) -> str:
    """The variable of the deployment's container, as its engine got it."""
    row = fleet.rows(deployment_id)[0]
    container = fleet.hosts[row.hostname].engine.get_container(ContainerId(row.container_id))
    return dict(container.request.spec.environment)["A"]


def agent_of(fleet: SimulatedFleet, row: ContainerRow) -> Agent:
    agent = fleet.hosts[row.hostname].agent
    assert agent is not None
    return agent


async def test_a_slot_waits_for_its_key_and_starts_when_it_is_there(fleet: SimulatedFleet) -> None:
    await fleet.put(a_deployment("late", services=[a_reader('{{kv_get "late/key"}}')]))
    await fleet.until(lambda: "the key 'late/key' does not exist" in fleet.rows("late")[0].message)
    open_ones = [s for s in fleet.store.memory.statuses.values() if not s.clear_event_id]
    assert any("'late/key'" in s.event.summary and s.event.severity == 4 for s in open_ones)
    await fleet.store.run(lambda draft: put_key(draft, "late/key", value=b"here"))
    await fleet.until(lambda: fleet.settled("late"))
    assert variable_of(fleet, "late") == "here"


async def test_the_next_container_gets_the_keys_new_value(fleet: SimulatedFleet) -> None:
    await fleet.store.run(lambda draft: put_key(draft, "k", value=b"old"))
    await fleet.put(a_deployment("late", services=[a_reader('{{kv_get "k"}}')]))
    await fleet.until(lambda: fleet.settled("late"))
    row = fleet.rows("late")[0]
    await fleet.store.run(lambda draft: put_key(draft, "k", value=b"new"))
    await fleet.until(lambda: "new" in str(agent_of(fleet, row).orders.desired.assignments))
    assert variable_of(fleet, "late") == "old"
    fleet.hosts[row.hostname].engine.exit(ContainerId(row.container_id), 1)
    await fleet.until(lambda: fleet.rows("late")[0].container_id not in ("", row.container_id))
    await fleet.until(lambda: fleet.settled("late"))
    assert variable_of(fleet, "late") == "new"


async def test_a_container_whose_key_went_is_not_made_again_until_it_is_back(
    fleet: SimulatedFleet,
) -> None:
    await fleet.store.run(lambda draft: put_key(draft, "k", value=b"1"))
    await fleet.put(a_deployment("late", services=[a_reader('{{kv_get "k"}}')]))
    await fleet.until(lambda: fleet.settled("late"))
    row = fleet.rows("late")[0]
    await fleet.store.run(lambda draft: delete_key(draft, "k"))
    await fleet.until(
        lambda: "does not exist" in str(agent_of(fleet, row).orders.desired.assignments)
    )
    assert fleet.settled("late")
    fleet.hosts[row.hostname].engine.exit(ContainerId(row.container_id), 1)
    await fleet.until(lambda: not fleet.settled("late"))
    await fleet.until(lambda: "0.app.late" not in fleet.running())
    await fleet.store.run(lambda draft: put_key(draft, "k", value=b"2"))
    await fleet.until(lambda: fleet.settled("late"))
    assert variable_of(fleet, "late") == "2"


async def test_a_proxy_has_one_port_per_host_as_long_as_its_deployment(
    fleet: SimulatedFleet,
) -> None:
    for host in fleet.hosts.values():
        host.engine.bridge_address = "127.0.0.9"
        await host.stop_agent()
        host.start_agent()
    await fleet.put(
        a_deployment("late", services=[a_reader('{{proxy "app:80"}}')], quantities={"app": 4})
    )
    await fleet.until(lambda: fleet.settled("late"))
    ports = {record.host_id: record.port for record in fleet.store.memory.proxy_ports.values()}
    assert set(ports) == {"h1", "h2"}
    assert variable_of(fleet, "late") == f"127.0.0.9:{ports[HostId('h1')]}"
    await fleet.change("late", desired_state=0, generation=2)
    await fleet.until(lambda: fleet.settled("late"))
    await fleet.store.run(lambda draft: draft.deployments.drop("late"))
    await fleet.until(lambda: not len(fleet.store.memory.proxy_ports))
