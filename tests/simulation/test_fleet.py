"""A manager and agents on simulated engines, through everything that dies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from berth.domain.errors import PullFailed
from berth.domain.ids import DeploymentId
from berth.domain.records import Deployment
from berth.domain.spec import PlacementRules
from berth.domain.states import Availability, HostState
from berth.protocol.messages import MAX_FRAME_BYTES
from berth.reconcilers.deployments import reconciler
from berth.reconcilers.deployments.one_pass import PassResult, reconcile_deployment
from berth.store.draft import Draft
from berth.testing.builders import a_deployment, a_service
from berth.testing.engine import Behaviour
from simulation.fleet import SimulatedFleet


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=3)
    yield fleet
    await fleet.down()


def named(deployment: str, service: str, *, slots: int) -> Counter[str]:
    return Counter(f"{slot}.{service}.{deployment}" for slot in range(slots))


async def deploy(fleet: SimulatedFleet, deployment: Deployment) -> None:
    await fleet.put(deployment)
    await fleet.until(lambda: fleet.settled(deployment.id), what="all of it runs")


async def test_a_deployment_runs_spread_over_the_hosts(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    assert fleet.running() == named("shop", "web", slots=6)
    assert [len(host.running()) for host in fleet.hosts.values()] == [2, 2, 2]


async def test_scaling_down_and_stopping_remove_containers(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    await fleet.change("shop", quantities={"web": 2}, generation=2)
    await fleet.until(lambda: fleet.settled("shop"))
    assert fleet.running() == named("shop", "web", slots=2)
    await fleet.change("shop", desired_state=0, generation=3)
    await fleet.until(lambda: fleet.settled("shop"))
    assert [host.engine.containers() for host in fleet.hosts.values()] == [[], [], []]


async def test_a_killed_container_is_replaced_with_a_new_id(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment())
    old = fleet.rows("shop")[0].container_id
    host = fleet.hosts[fleet.rows("shop")[0].hostname]
    host.engine.exit(old, 137)
    await fleet.until(lambda: fleet.settled("shop") and fleet.rows("shop")[0].container_id != old)
    assert fleet.running() == named("shop", "web", slots=1)


async def test_slots_of_a_silent_host_run_elsewhere_and_its_surplus_goes_when_it_returns(
    fleet: SimulatedFleet,
) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    cut = fleet.hosts["h3"]
    cut.wire.cut = True
    await fleet.until(lambda: fleet.state("h3") is HostState.INACTIVE)
    await fleet.until(lambda: fleet.settled("shop"))
    assert len(cut.running()) == 2  # nobody can tell it, so it goes on
    cut.wire.cut = False
    await fleet.until(lambda: fleet.state("h3") is HostState.ACTIVE)
    await fleet.until(
        lambda: fleet.running() == named("shop", "web", slots=6), what="the surplus goes"
    )


async def test_a_host_that_gets_no_set_through_loses_its_slots_until_it_does(
    fleet: SimulatedFleet,
) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    narrow = fleet.hosts["h1"]
    # Room for a greeting, but not for a set.
    narrow.wire.longest = 700
    assert fleet.manager is not None
    fleet.manager.dispatcher.end_session(narrow.host.id, "the way changed")
    elsewhere = [fleet.hosts["h2"], fleet.hosts["h3"]]
    await fleet.until(lambda: sum(len(host.running()) for host in elsewhere) == 6)
    assert fleet.state("h1") is HostState.INACTIVE
    words = "its agent says: the manager was silent for 1 s"
    # A later reason may stand in the status by now: the event of each one stays.
    events = fleet.store.memory.events
    await fleet.until(
        lambda: any(e.makes_status and words in e.summary for e in events.values()),
        what="a status with the agent's reason",
    )
    narrow.wire.longest = MAX_FRAME_BYTES
    await fleet.until(lambda: fleet.state("h1") is HostState.ACTIVE)
    await fleet.until(lambda: fleet.running() == named("shop", "web", slots=6))


async def test_a_manager_that_comes_back_restarts_nothing(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    per_host = a_service(rules=PlacementRules(availability=Availability.PER_HOST))
    await deploy(fleet, a_deployment("everywhere", services=[per_host]))
    before = {c.id for host in fleet.hosts.values() for c in host.engine.containers()}
    assert len(before) == 9
    await fleet.restart_manager()
    await fleet.until(lambda: fleet.settled("shop") and fleet.settled("everywhere"))
    assert {c.id for host in fleet.hosts.values() for c in host.engine.containers()} == before


async def test_agents_replace_what_dies_while_the_manager_is_away(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 3}))
    await fleet.stop_manager()
    host = fleet.hosts["h1"]
    old = host.engine.containers()[0].id
    host.engine.remove_by_hand(old)
    await fleet.until(lambda: fleet.running() == named("shop", "web", slots=3))
    await fleet.restart_manager()
    await fleet.until(lambda: fleet.settled("shop"))
    assert old not in {c.id for c in host.engine.containers()}


async def test_an_agent_that_comes_back_adopts_everything(fleet: SimulatedFleet) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 6}))
    before = {c.id for c in fleet.hosts["h1"].engine.containers()}
    await fleet.hosts["h1"].stop_agent()
    fleet.hosts["h1"].start_agent()
    await fleet.until(lambda: fleet.settled("shop"))
    assert {c.id for c in fleet.hosts["h1"].engine.containers()} == before


async def test_a_slot_that_keeps_failing_moves_to_another_host(fleet: SimulatedFleet) -> None:
    fails = PullFailed("the registry refuses")
    fleet.hosts["h1"].engine.plant("pull", fails, times=1000)
    await deploy(fleet, a_deployment())
    assert fleet.rows("shop")[0].hostname != "h1"
    keys = [event.key for event in fleet.store.memory.events.values()]
    assert "container_failed" in keys


async def test_an_update_never_has_fewer_running_than_wanted(fleet: SimulatedFleet) -> None:
    old = a_deployment(quantities={"web": 3})
    await deploy(fleet, old)
    service = a_service(image="example/web:2")
    fewest = 3

    def updated() -> bool:
        nonlocal fewest
        fewest = min(fewest, len([r for r in fleet.rows("shop") if r.state == "Running"]))
        return fleet.settled("shop")

    await fleet.put(msgspec.structs.replace(old, services=(service,), generation=2))
    await fleet.until(updated)
    images = {c.image for host in fleet.hosts.values() for c in host.engine.containers()}
    assert (fewest, images) == (3, {"example/web:2"})


async def test_an_update_that_fails_returns_and_the_old_containers_stay(
    fleet: SimulatedFleet,
) -> None:
    await deploy(fleet, a_deployment(quantities={"web": 3}))
    generations = fleet.store.memory.generations
    await fleet.until(lambda: [g.outcome for g in generations.values()] == ["done"])
    before = {row.container_id for row in fleet.rows("shop")}
    for host in fleet.hosts.values():
        host.engine.plant("pull", PullFailed("there is no such image"), times=1000)
    bad = a_service(image="example/web:bad")
    await fleet.change("shop", services=(bad,), generation=2, rollout="update")
    await fleet.until(lambda: fleet.settled("shop") and len(generations) == 2)
    await fleet.until(lambda: all(g.outcome == "done" for g in generations.values()))
    assert {row.container_id for row in fleet.rows("shop")} == before


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_everything_comes_to_rest(fleet: SimulatedFleet, seed: int) -> None:
    chance = random.Random(seed)
    await deploy(fleet, a_deployment(quantities={"web": 4}))
    await deploy(fleet, a_deployment("db", services=[a_service("db", ports=[5432])]))
    for _ in range(25):
        await disturb(fleet, chance)
    for host in fleet.hosts.values():
        host.wire.cut = False
        host.engine.up()
    wanted = fleet.store.memory.deployments.get("shop").quantities["web"]  # type: ignore[union-attr]
    expected = named("shop", "web", slots=wanted) + named("db", "db", slots=1)
    await fleet.until(
        lambda: fleet.settled("shop") and fleet.settled("db") and fleet.running() == expected,
        what=f"{expected}; running: {fleet.running()}",
    )


async def disturb(fleet: SimulatedFleet, chance: random.Random) -> None:
    """Let one thing happen, and a moment pass."""
    host = chance.choice(list(fleet.hosts.values()))
    containers = [c for c in host.engine.containers() if c.running]
    match chance.randrange(8):
        case 0 if containers:
            host.engine.exit(chance.choice(containers).id, 1)
        case 1 if containers:
            host.engine.remove_by_hand(chance.choice(containers).id)
        case 2:
            host.wire.cut = not host.wire.cut
        case 3:
            host.engine.down()
        case 4:
            host.engine.up()
        case 5:
            await fleet.change("shop", quantities={"web": chance.randrange(1, 8)})
        case 6:
            await host.stop_agent()
            host.start_agent()
        case 7:
            await fleet.restart_manager()
    await asyncio.sleep(chance.random() * 0.3)


async def test_a_defect_about_one_deployment_keeps_no_other_waiting(
    fleet: SimulatedFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(draft: Draft, deployment_id: DeploymentId, *, new_id: Callable[[], str]) -> PassResult:
        if deployment_id == "bad":
            raise RuntimeError("a defect")
        return reconcile_deployment(draft, deployment_id, new_id=new_id)

    monkeypatch.setattr(reconciler, "reconcile_deployment", look)
    monkeypatch.setattr(reconciler, "GROUP", 1)
    await fleet.put(a_deployment("bad"))
    await deploy(fleet, a_deployment("shop"))
    assert fleet.running() == named("shop", "web", slots=1)


async def test_an_agent_that_lost_its_data_is_believed_when_it_joins_again(
    fleet: SimulatedFleet,
) -> None:
    await deploy(fleet, a_deployment())
    host = fleet.hosts[fleet.rows("shop")[0].hostname]
    await host.stop_agent()
    (host.folder / "starts").unlink()
    host.start_agent()
    await fleet.until(lambda: fleet.state(host.host.id) is HostState.ACTIVE)
    await fleet.until(lambda: fleet.settled("shop"))
    await host.engine.pause(fleet.rows("shop")[0].container_id)
    await fleet.until(lambda: fleet.rows("shop")[0].state == "Paused", what="the pause is seen")


async def test_a_container_gets_the_name_of_its_slot_when_a_failing_one_before_it_is_gone(
    fleet: SimulatedFleet,
) -> None:
    bound = PlacementRules(hostname="h1")
    fleet.registry.publish("example/failing:1", Behaviour(exit_code=1))
    old, new = (a_service(image=f"example/{name}:1", rules=bound) for name in ("failing", "web"))
    await fleet.put(a_deployment(services=[old]))
    host = fleet.hosts["h1"]
    await fleet.until(lambda: len(host.engine.containers()) == 1)
    await fleet.change("shop", services=(new,), generation=2)
    await fleet.until(lambda: fleet.settled("shop"))
    await fleet.until(lambda: host.running() == ["0.web.shop"], what="it has the slot's name")
    await fleet.until(lambda: fleet.rows("shop")[0].container_name == "0.web.shop")
