"""The states of deployments that are kept beside what they were made of."""

import msgspec

from berth.api.rows import StateCache
from berth.domain.records import Deployment
from berth.domain.spec import PlacementRules
from berth.domain.states import Attempt, Availability, HostState
from berth.domain.views import current_state
from berth.scheduler import plan_deployment
from berth.testing.builders import World, a_deployment, a_service


def a_running_world(deployment: Deployment, *, hosts: int = 2) -> World:
    """Build a world in which a deployment runs."""
    world = World(hosts=hosts)
    world.deployments.put(deployment)
    world.apply(deployment, plan_deployment(world.fleet, deployment, now=world.now))
    world.obey()
    return world


def seen(cache: StateCache, world: World, *, of: Deployment) -> int:
    """Ask twice, and hold the answer against a fresh one."""
    state = cache.current(world.fleet, of)
    assert state == cache.current(world.fleet, of)
    assert state == current_state(world.fleet, of)
    return state


def test_a_kept_state_follows_reports_hosts_and_wishes() -> None:
    cache, deployment = StateCache(), a_deployment(quantities={"web": 2})
    world = a_running_world(deployment)
    assert seen(cache, world, of=deployment) == 1
    world.report("a1", Attempt.ENDED, code="exited")
    assert seen(cache, world, of=deployment) == 2
    world.report("a1", Attempt.RUNNING, attempt=2)
    assert seen(cache, world, of=deployment) == 1
    world.set_state("h1", HostState.INACTIVE)
    assert seen(cache, world, of=deployment) == 2
    world.set_state("h1", HostState.ACTIVE)
    assert seen(cache, world, of=deployment) == 1
    wished = msgspec.structs.replace(deployment, quantities={"web": 3})
    assert seen(cache, world, of=wished) == 2


def test_a_host_that_joins_changes_what_a_service_on_every_host_wants() -> None:
    rules = PlacementRules(availability=Availability.PER_HOST)
    cache, deployment = StateCache(), a_deployment(services=[a_service(rules=rules)])
    world = a_running_world(deployment)
    assert seen(cache, world, of=deployment) == 1
    world.add_host()
    assert seen(cache, world, of=deployment) == 2


def test_states_of_deployments_that_went_are_not_kept_for_ever() -> None:
    cache, world = StateCache(), World()
    for number in range(1_500):
        cache.current(world.fleet, a_deployment(f"d{number}"))
    assert len(cache) < 1_100
