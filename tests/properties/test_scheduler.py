"""What holds for every plan, whatever the Fleet looks like."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from berth.domain.records import Deployment
from berth.domain.spec import PlacementRules
from berth.domain.states import Attempt, Availability, HostState, Policy
from berth.domain.views import current_state
from berth.domain.wanted import suits_host, wanted_slots
from berth.scheduler import plan_deployment
from berth.testing.builders import MB, World, a_deployment, a_service

RULES = st.builds(
    PlacementRules,
    availability=st.sampled_from(Availability),
    tag=st.sampled_from(["fast", "big"]),
    policy=st.sampled_from(Policy),
    hostname=st.sampled_from(["", "", "", "h1"]),
    not_hostnames=st.sampled_from([(), (), ("h2",)]),
)

SERVICES = st.builds(
    a_service,
    rules=RULES,
    ports=st.sampled_from([(), (), (80,)]),
    image=st.sampled_from(["example/web:1", "example/web:2"]),
    memory_reservation_bytes=st.sampled_from([0, 300 * MB]),
    phase=st.integers(0, 1),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World()
    for _ in range(draw(st.integers(0, 5))):
        host = world.add_host(
            pool=draw(st.sampled_from(["default", "default", "other"])),
            tags=draw(st.sets(st.sampled_from(["fast", "big"]))),
            memory_mb=draw(st.sampled_from([512, 2048])),
            cpu_percent=draw(st.floats(0, 100)),
        )
        world.set_state(host.name, draw(st.sampled_from([*HostState, HostState.ACTIVE])))
    return world


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    services = [
        msgspec.structs.replace(draw(SERVICES), key=key)
        for key in draw(st.sampled_from([["web"], ["web", "db"]]))
    ]
    quantities = {service.key: draw(st.integers(0, 6)) for service in services}
    return a_deployment(services=services, quantities=quantities)


def disturb(draw: st.DrawFn, world: World) -> None:
    """Let something happen to hosts and containers."""
    for host in list(world.hosts.values()):
        if draw(st.integers(0, 3)) == 0:
            world.set_state(host.name, draw(st.sampled_from(HostState)))
    for assignment in list(world.assignments.values()):
        match draw(st.integers(0, 4)):
            case 0:
                failures = draw(st.integers(1, 6))
                world.report(assignment.id, Attempt.ENDED, code="exited", failures=failures)
            case 1 if not assignment.wanted:
                world.report(assignment.id, Attempt.REMOVED)
            case 2:
                world.report(assignment.id, Attempt.RUNNING)


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, Deployment]:
    """A world in which a deployment was planned, changed and disturbed a few times."""
    world = draw(worlds())
    deployment = draw(deployments())
    for _ in range(draw(st.integers(0, 4))):
        world.now += 30
        world.apply(deployment, plan_deployment(world.fleet, deployment, now=world.now))
        disturb(draw, world)
        if draw(st.booleans()):
            deployment = draw(deployments())
    world.deployments.put(deployment)
    return world, deployment


@given(histories())
def test_nothing_is_placed_that_was_not_asked_for(history: tuple[World, Deployment]) -> None:
    world, deployment = history
    wanted = {
        (service.key, w.slot)
        for service in deployment.services
        for w in wanted_slots(world.fleet, deployment, service=service)
    }
    placed = plan_deployment(world.fleet, deployment, now=world.now).placements
    assert {(p.service, p.slot) for p in placed} <= wanted
    assert max(Counter((p.service, p.slot) for p in placed).values(), default=0) <= 1


@given(histories())
def test_nothing_is_placed_on_a_wrong_host(history: tuple[World, Deployment]) -> None:
    world, deployment = history
    for placement in plan_deployment(world.fleet, deployment, now=world.now).placements:
        host = world.hosts.get(placement.host_id)
        service = deployment.service(placement.service)
        assert host is not None
        assert service is not None
        assert host.pool_id == deployment.pool_id
        assert world.fleet.status_of(host.id).state is HostState.ACTIVE
        assert suits_host(service, host)


@given(histories())
def test_applying_a_plan_leaves_nothing_to_plan(history: tuple[World, Deployment]) -> None:
    world, deployment = history
    for _ in range(2):  # what is forgotten may make room for what waited
        plan = plan_deployment(world.fleet, deployment, now=world.now)
        world.apply(deployment, plan)
        if not plan.forget:
            break
    assert not plan_deployment(world.fleet, deployment, now=world.now).changes


@given(histories())
def test_reasons_add_up_to_the_hosts_of_the_pool(history: tuple[World, Deployment]) -> None:
    world, deployment = history
    pool = [host.id for host in world.fleet.hosts_in(deployment.pool_id)]
    for unplaced in plan_deployment(world.fleet, deployment, now=world.now).unplaced:
        codes = {reason.code for reason in unplaced.reasons}
        if codes & {"no_hosts", "volume_home", "mass_silence"}:
            continue
        assert sorted(reason.host_id for reason in unplaced.reasons) == sorted(pool)


@given(histories())
def test_no_static_port_is_given_twice_on_a_host(history: tuple[World, Deployment]) -> None:
    world, deployment = history
    world.apply(deployment, plan_deployment(world.fleet, deployment, now=world.now))
    held = Counter(
        (a.host_id, port.host)
        for a in world.assignments.values()
        if not (r := world.fleet.report_of(a.id)) or r.state < Attempt.REMOVED or a.wanted
        for port in a.spec.static_ports
    )
    assert max(held.values(), default=0) <= 1


@given(histories())
def test_obedient_agents_bring_every_deployment_to_rest(
    history: tuple[World, Deployment],
) -> None:
    world, deployment = history
    for _ in range(80):
        world.now += 70  # past every exclusion
        world.obey()
        plan = plan_deployment(world.fleet, deployment, now=world.now)
        if not plan.changes:
            break
        world.apply(deployment, plan)
    assert not plan.changes
    if not plan.unplaced and all(
        s.state is HostState.ACTIVE for s in world.observed.hosts.values()
    ):
        assert current_state(world.fleet, deployment) == 1


@given(worlds(), deployments())
def test_a_deployment_scaled_to_nothing_gets_nothing(world: World, deployment: Deployment) -> None:
    empty = msgspec.structs.replace(deployment, quantities=dict.fromkeys(deployment.quantities, 0))
    assert plan_deployment(world.fleet, empty, now=world.now).placements == ()
