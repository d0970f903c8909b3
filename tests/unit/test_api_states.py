"""The states of deployments that are kept beside what they were made of."""

import msgspec

from berth.api.row_cache import StateCache
from berth.domain.deployment_view import current_state
from berth.domain.discovery_records import Key
from berth.domain.observed import HostFacts, PortBinding
from berth.domain.records import Deployment
from berth.domain.spec import PlacementRules
from berth.domain.states import Attempt, Availability, HostState
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


def test_a_deployment_is_as_wanted_when_its_keys_are_there() -> None:
    cache, deployment = StateCache(), a_deployment(services=[a_service(ports=[32768])])
    world = a_running_world(deployment)
    facts = HostFacts(hostname="h1", engine_id="e", address="10.0.0.5")
    for host_id, status in world.observed.hosts.items():
        world.observed.hosts[host_id] = msgspec.structs.replace(status, facts=facts)
    world.report("a1", Attempt.RUNNING, ports=(PortBinding(80, "tcp", 32768),))
    assert seen(cache, world, of=deployment) == 2
    for value, state in ((b"10.0.0.5:32767", 2), (b"10.0.0.5:32768", 1)):
        name = f"apps/web-shop-80/containers/{'a1':0>64}"
        world.keys.put(Key(id=name, value=value, create_index=1, modify_index=1))
        assert seen(cache, world, of=deployment) == state


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
