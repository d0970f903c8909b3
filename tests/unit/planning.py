"""Planning against a world of builders, for the tests of the scheduler."""

import msgspec

from berth.domain.records import Deployment
from berth.domain.spec import PlacementRules
from berth.domain.states import Availability
from berth.scheduler import Plan, plan_deployment
from berth.testing.builders import World

PER_HOST = PlacementRules(availability=Availability.PER_HOST)


def plan(world: World, deployment: Deployment) -> Plan:
    world.deployments.put(deployment)
    return plan_deployment(world.fleet, deployment, now=world.now)


def settle(world: World, deployment: Deployment, *, failing: tuple[str, ...] = ()) -> Plan:
    """Plan, apply and obey until nothing changes; return the last plan."""
    world.deployments.put(deployment)
    for _ in range(60):
        known = world.deployments.get(deployment.id) or deployment
        made = plan(world, known)
        if not made.changes:
            return made
        world.apply(known, made)
        world.obey(failing=failing)
    raise AssertionError("the plan does not settle")


def hosts_of(world: World, deployment: Deployment) -> list[str]:
    return [a.host_id for a in world.fleet.assignments_of(deployment.id) if a.wanted]


def changed(deployment: Deployment, **members: object) -> Deployment:
    return msgspec.structs.replace(deployment, **members)
