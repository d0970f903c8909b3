"""Hosts that were deleted while they were away, and come back."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.agent.containers.labels import Owner
from berth.agent.local.former_hosts import FormerHosts
from berth.control.hosts.membership import delete_host
from berth.dispatcher.dismissals import RAISE_PAUSE_S
from berth.domain.ids import HostId, InstanceId, TaskId
from berth.domain.labels import ASSIGNMENT_LABEL, HOST_LABEL, INSTANCE_LABEL
from berth.domain.origin import Origin
from berth.domain.records import Tombstone
from berth.domain.settings import Settings
from berth.domain.states import HostState, Severity
from berth.reconcilers.retention import KEEP_TOMBSTONES, KEEP_TOMBSTONES_S, Retention
from berth.store.draft import Draft
from berth.testing.builders import a_deployment
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from simulation.fleet import SimulatedFleet, SimulatedHost
from simulation.manager_side import AgentEnd, ManagerSide, a_hello

ORIGIN = Origin(user="admin", task_id=TaskId("t1"))


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    await fleet.put(a_deployment(quantities={"web": 2}))
    await fleet.until(lambda: fleet.settled("shop"), what="a container on each host")
    yield fleet
    await fleet.down()


async def lose(fleet: SimulatedFleet) -> SimulatedHost:
    """Delete h1 while it is out of contact, and let it come back."""
    host = fleet.hosts["h1"]
    host.wire.cut = True
    await fleet.until(lambda: fleet.state("h1") is HostState.INACTIVE)
    await fleet.store.run(lambda draft: delete_host(draft, "h1", origin=ORIGIN))
    assert len(host.running()) == 1, "it keeps what it has as long as nobody tells it"
    host.wire.cut = False
    return host


def severities(fleet: SimulatedFleet) -> list[Severity]:
    events = sorted(fleet.store.memory.events.values(), key=lambda event: event.id)
    return [each.severity for each in events if each.key == "deleted_host_returned"]


async def test_a_deleted_host_that_comes_back_stops_what_it_has(fleet: SimulatedFleet) -> None:
    host = await lose(fleet)
    await fleet.until(lambda: host.engine.containers() == [], what="its containers go")
    told = [Severity.WARNING, Severity.CLEARED]
    await fleet.until(lambda: severities(fleet) == told, what="the status is raised and cleared")
    await fleet.until(lambda: fleet.settled("shop"))
    assert len(fleet.hosts["h2"].running()) == 2


async def test_a_deleted_host_may_be_left_as_it_is(fleet: SimulatedFleet) -> None:
    def leave(draft: Draft) -> None:
        draft.settings = msgspec.structs.replace(draft.settings, deleted_hosts="report")

    await fleet.store.run(leave)
    host = await lose(fleet)
    await fleet.until(lambda: severities(fleet) == [Severity.WARNING], what="a status names it")
    (container,) = [each for each in host.engine.containers() if each.running]
    host.engine.exit(container.id, 1)
    await fleet.until(lambda: not host.running())
    dials = host.sessions
    await fleet.until(lambda: host.sessions > dials + 1, what="it is told again")
    assert host.running() == [], "what ends there is not replaced"
    assert len(host.engine.containers()) == 1


async def test_a_host_whose_deletion_the_data_does_not_know_keeps_what_it_has(
    fleet: SimulatedFleet,
) -> None:
    host = await lose(fleet)
    host.wire.cut = True
    await fleet.store.run(lambda draft: draft.tombstones.drop(host.host.id))
    running = host.running()
    host.wire.cut = False
    dials = host.sessions
    await fleet.until(lambda: host.sessions > dials + 2)
    assert host.running() == running


async def test_what_a_deleted_host_left_goes_when_its_engine_joins_again() -> None:
    engine, owner = SimulatedEngine(), Owner(InstanceId("i"), HostId("new"))
    for host_id, instance in (("old", "i"), ("other", "i"), ("old", "another"), ("new", "i")):
        labels = {INSTANCE_LABEL: instance, HOST_LABEL: host_id, ASSIGNMENT_LABEL: "a1"}
        engine.run_unmanaged(f"{instance}-{host_id}", labels=labels)
    former = FormerHosts(engine, owner, clock=FakeClock(), settings=Settings)
    former.take((HostId("old"), HostId("new")))
    await former.remove_left()
    assert sorted(c.name for c in engine.containers()) == ["another-old", "i-new", "i-other"]


async def test_what_cannot_be_removed_of_a_deleted_host_holds_up_nothing_else() -> None:
    engine, owner = SimulatedEngine(), Owner(InstanceId("i"), HostId("new"))
    labels = {INSTANCE_LABEL: "i", HOST_LABEL: "old", ASSIGNMENT_LABEL: "a1"}
    one, _, other = (engine.run_unmanaged(name, labels=labels) for name in ("c1", "c2", "c3"))
    engine.jam(one)
    engine.jam(other)
    former = FormerHosts(engine, owner, clock=FakeClock(), settings=Settings)
    former.take((HostId("old"),))
    assert await former.remove_left() == "removed c2"
    engine.jam(one, free=True)
    engine.jam(other, free=True)
    await former.remove_left()
    assert engine.containers() == []


async def test_tombstones_are_kept_for_a_time_and_in_a_number(fleet: SimulatedFleet) -> None:

    def bury(draft: Draft) -> None:
        ages = [*range(KEEP_TOMBSTONES + 5), KEEP_TOMBSTONES_S + 60]
        for number, age_s in enumerate(ages):
            draft.tombstones.put(
                Tombstone(
                    id=HostId(f"t{number}"), name=f"t{number}", engine_id="", credential_hash="",
                    deleted_at=draft.now - age_s,
                )
            )  # fmt: skip

    await fleet.store.run(bury)
    await Retention(fleet.store).drop_old()
    kept = {each.id for each in fleet.store.memory.tombstones.values()}
    assert kept == {f"t{number}" for number in range(KEEP_TOMBSTONES)}


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


def a_tombstone() -> Tombstone:
    return Tombstone(id=HostId("h1"), name="h1", engine_id="", credential_hash="", deleted_at=0.0)


async def greet(side: ManagerSide, *counts: int | None) -> list[Severity]:
    """Greet once for each count of containers; return the severities of all events so far."""
    for count in counts:
        agent = AgentEnd()
        agent.say(msgspec.structs.replace(a_hello(a_tombstone()), containers=count))
        await side.dispatcher.dismiss(agent, a_tombstone())
    await side.statuses("deleted_host_returned")
    events = sorted(side.store.memory.events.values(), key=lambda event: event.id)
    return [each.severity for each in events if each.key == "deleted_host_returned"]


async def test_a_deleted_host_that_says_something_else_each_time_makes_few_events(
    side: ManagerSide,
) -> None:
    told = [Severity.WARNING, Severity.CLEARED]
    assert await greet(side, *[1, 0] * 10) == told
    await side.clock.advance(RAISE_PAUSE_S)
    assert await greet(side, *[1, 0] * 10) == told * 2


async def test_a_deleted_host_that_cannot_tell_yet_is_not_back_again(side: ManagerSide) -> None:
    told = [Severity.WARNING, Severity.CLEARED]
    await greet(side, None, 0)
    await side.clock.advance(RAISE_PAUSE_S)
    assert await greet(side, None) == told
    side.restart()
    assert await greet(side, None) == told


async def test_what_was_told_of_a_deleted_host_is_forgotten_with_its_tombstone(
    side: ManagerSide,
) -> None:
    await side.store.run(lambda draft: draft.tombstones.put(a_tombstone()))
    assert await greet(side, 1, 1) == [Severity.WARNING]
    await side.store.run(lambda draft: draft.tombstones.drop("h1"))
    assert await greet(side, 1) == [Severity.WARNING] * 2
