"""A record that a pass cannot deal with: the others go on, and a status says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.domain.fleet import HostStatus
from berth.domain.ids import ServiceKey
from berth.domain.observed import ContainerReport, HostFacts, PortBinding
from berth.domain.records import Host, Status
from berth.domain.spec import ContainerSpec, PlacementRules, PortSpec
from berth.domain.states import Attempt, HostState
from berth.reconcilers.deployments.reconciler import DEFECT_RETRY_S, DeploymentReconciler
from berth.reconcilers.discovery import DiscoveryReconciler
from berth.testing.builders import a_deployment, a_service
from simulation.manager_side import ManagerSide, a_report

WEB = ContainerSpec(image="example/web:1", ports=(PortSpec(container=80),))
#: It makes a key of more bytes than a key may have.
UNSPEAKABLE = ServiceKey("x" * 600)


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


async def run(side: ManagerSide, host: Host, *, name: str, container: str, **more: object) -> None:
    """Let an assignment run a container with a published port."""
    await side.assign(name, host, spec=WEB, **more)
    report = a_report(name, Attempt.RUNNING, ports=(PortBinding(80, "tcp", 32001),)).containers[0]
    named: ContainerReport = msgspec.structs.replace(report, container_id=container * 64)
    side.store.memory.observed.reports[named.assignment_id] = named


async def a_host(side: ManagerSide, name: str, *, address: str) -> Host:
    host = await side.add_host(name)
    facts = HostFacts(hostname=name, engine_id=name, address=address)
    status = HostStatus(host_id=host.id, state=HostState.ACTIVE, facts=facts)
    side.store.memory.observed.hosts[host.id] = status
    return host


async def reconcile(side: ManagerSide) -> dict[str, bytes]:
    """Look at all keys once; return those of containers by the container's last letter."""
    discovery = DiscoveryReconciler(side.store, clock=side.clock)
    looking = asyncio.create_task(discovery.reconcile_keys())
    while not looking.done():
        await asyncio.sleep(0.001)
        await side.clock.advance(1)
    discovery.close()
    await looking
    return {key.id[-1]: key.value for key in side.store.memory.keys.values()}


def open_statuses(side: ManagerSide, key: str) -> list[Status]:
    statuses = side.store.memory.statuses.values()
    return [each for each in statuses if each.event.key == key and not each.clear_event_id]


async def test_keys_that_cannot_be_written_stop_no_others(side: ManagerSide) -> None:
    host = await a_host(side, "h1", address="10.0.0.5")
    await run(side, host, name="a1", container="a", service=UNSPEAKABLE)
    await run(side, host, name="a2", container="b")
    assert await reconcile(side) == {"b": b"10.0.0.5:32001"}
    (status,) = open_statuses(side, "keys_failed")
    assert (
        "cannot have its keys written: Unreadable: a key may have at most" in status.event.summary
    )
    await side.store.run(lambda draft: draft.assignments.drop("a1"))
    await reconcile(side)
    assert open_statuses(side, "keys_failed") == []


async def test_keys_that_cannot_be_written_any_more_stop_no_others(side: ManagerSide) -> None:
    host = await a_host(side, "h1", address="10.0.0.5")
    for name in "abc":
        await run(side, host, name=name, container=name, slot=ord(name))
    assignment = side.store.memory.assignments.get("b")
    assert assignment is not None
    worse = msgspec.structs.replace(assignment, service=UNSPEAKABLE)
    # Written after the pass found what differs, and before it writes.
    changing = asyncio.create_task(side.store.run(lambda draft: draft.assignments.put(worse)))
    assert await reconcile(side) == {"a": b"10.0.0.5:32001", "c": b"10.0.0.5:32001"}
    await changing
    (status,) = open_statuses(side, "keys_failed")
    assert "a key may have at most" in status.event.summary


async def test_a_key_belongs_to_the_first_assignment_that_reports_its_container(
    side: ManagerSide,
) -> None:
    first = await a_host(side, "h1", address="10.0.0.5")
    await run(side, first, name="a1", container="a")
    assert await reconcile(side) == {"a": b"10.0.0.5:32001"}
    second = await a_host(side, "h2", address="203.0.113.9")
    await run(side, second, name="a2", container="a", slot=1)
    assert await reconcile(side) == {"a": b"10.0.0.5:32001"}
    await side.store.run(lambda draft: draft.assignments.drop("a1"))
    assert await reconcile(side) == {"a": b"203.0.113.9:32001"}


async def test_a_deployment_that_cannot_be_planned_has_a_status_and_stops_no_other(
    side: ManagerSide,
) -> None:
    host = await a_host(side, "h1", address="10.0.0.5")
    broken = a_service(rules=PlacementRules(required_tags=7))  # type: ignore[arg-type]
    good = a_deployment("good")
    for deployment in (a_deployment("broken", services=[broken]), good):
        await side.store.run(lambda draft, new=deployment: draft.deployments.put(new))  # type: ignore[misc]
    planner = DeploymentReconciler(side.store, clock=side.clock, new_id=iter("abcdefgh").__next__)
    await planner.reconcile_dirty()
    assert planner.resync_s() == DEFECT_RETRY_S, "the loop goes on at once with what changes"
    planner.close()
    assert [each.host_id for each in side.store.fleet.assignments_of(good.id)] == [host.id]
    (status,) = open_statuses(side, "planning_failed")
    assert status.event.summary.startswith("broken cannot be planned: ")
