"""What holds for every plan, whatever the Fleet looks like."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from berth.domain.deployment_view import count_fill, current_state
from berth.domain.ids import ServiceKey
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import is_lost, suits_host, wanted_slots
from berth.domain.spec import LinkSpec, MountSpec, PlacementRules, ServiceSpec, UpdatePolicy
from berth.domain.states import Attempt, Availability, Duty, Health, HostState, Policy
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
    mounts=st.sampled_from([(), (), (MountSpec(kind="volume", source="data", target="/d"),)]),
    restart=st.sampled_from([True, True, False]),
    retries=st.sampled_from([0, 0, -1]),
    phase=st.integers(0, 1),
    needs=st.sampled_from([{}, {}, {"web": "started"}, {"db": "healthy"}, {"db": "completed"}]),
)

POLICIES = st.builds(
    UpdatePolicy,
    parallelism=st.integers(0, 3),
    order=st.sampled_from(["", "start-first", "stop-first"]),
    on_failure=st.sampled_from(["rollback", "pause", "continue"]),
    max_failure_ratio=st.sampled_from([0.0, 0.5]),
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
        world.set_duty(host.name, draw(st.sampled_from([Duty.ACTIVE, Duty.ACTIVE, *Duty])))
    return world


def taking_volumes(service: ServiceSpec) -> ServiceSpec:
    container = msgspec.structs.replace(service.container, volumes_from=("web",))
    return msgspec.structs.replace(service, container=container)


def linked(service: ServiceSpec, to: str) -> ServiceSpec:
    links = (LinkSpec(ServiceKey(to), to),) if to != service.key else ()
    container = msgspec.structs.replace(service.container, links=links)
    return msgspec.structs.replace(service, container=container)


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    services = [
        msgspec.structs.replace(draw(SERVICES), key=key, update=draw(POLICIES))
        for key in draw(st.sampled_from([["web"], ["web", "db"]]))
    ]
    match draw(st.integers(0, 5)):
        case 0:
            services[1:] = [taking_volumes(service) for service in services[1:]]
        case 1:
            services[1:] = [linked(service, "web") for service in services[1:]]
        case 2:
            services[:1] = [linked(services[0], services[-1].key)]
    quantities = {service.key: draw(st.integers(0, 6)) for service in services}
    rollout = draw(st.sampled_from(["", "update", "rollback"]))
    return a_deployment(services=services, quantities=quantities, rollout=rollout)


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
                health = draw(st.sampled_from(Health))
                world.report(assignment.id, Attempt.RUNNING, health=health)
                world.remember_homes()


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, Deployment]:
    """A world in which a deployment was planned, changed and disturbed a few times."""
    world = draw(worlds())
    deployment = draw(deployments())
    for _ in range(draw(st.integers(0, 4))):
        world.now += 30
        world.apply(deployment, plan_deployment(world.fleet, deployment, now=world.now))
        disturb(draw, world)
        deployment = world.deployments.get(deployment.id) or deployment
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
        assert host.duty is Duty.ACTIVE
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
        if codes & {"no_hosts", "volume_home", "mass_silence", "phase"}:
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
    in_contact = all(s.state is HostState.ACTIVE for s in world.observed.hosts.values())
    if in_contact and not plan.unplaced and not plan.held and not plan.ended_badly:
        assert current_state(world.fleet, deployment) == 1


@given(worlds(), deployments())
def test_a_deployment_scaled_to_nothing_gets_nothing(world: World, deployment: Deployment) -> None:
    empty = msgspec.structs.replace(deployment, quantities=dict.fromkeys(deployment.quantities, 0))
    assert plan_deployment(world.fleet, empty, now=world.now).placements == ()


@given(histories())
def test_no_more_slots_are_under_way_than_the_policy_says(
    history: tuple[World, Deployment],
) -> None:
    world, deployment = history
    plan = plan_deployment(world.fleet, deployment, now=world.now)
    placed = {(p.service, p.slot) for p in plan.placements}
    ended = {ending.assignment_id for ending in plan.endings}
    for service in deployment.services:
        policy = service.rollback if deployment.rollout == "rollback" else service.update
        slots = wanted_slots(world.fleet, deployment, service=service)
        begun = 0
        for slot in slots:
            held = outdated_in(world, deployment, service=service, slot=slot.slot)
            gone = bool(held) and all(a.id in ended for a in held)
            begun += bool(held) and (gone or (service.key, slot.slot) in placed)
        assert begun <= (policy.parallelism or len(slots))


def outdated_in(
    world: World, deployment: Deployment, *, service: ServiceSpec, slot: int
) -> list[Assignment]:
    """Return what fills a slot, if all of that is outdated."""
    found = world.assignments.find("slot", (deployment.id, service.key, slot))
    held = [a for a in found if a.wanted and not is_lost(world.fleet, a)]
    new = deployment.hash_of(service)
    return [] if any(a.spec_hash == new for a in held) else held


@given(worlds(), deployments(), st.data())
def test_a_phase_never_overtakes_the_one_before(
    world: World, deployment: Deployment, data: st.DataObject
) -> None:
    for _ in range(6):
        known = world.deployments.get(deployment.id) or deployment
        begun = {a.service for a in world.assignments.values()}
        plan = plan_deployment(world.fleet, known, now=world.now)
        first_fills = {p.service for p in plan.placements} - begun
        for later in deployment.services:
            for earlier in deployment.services:
                if later.key in first_fills and earlier.phase < later.phase:
                    wanted = wanted_slots(world.fleet, known, service=earlier)
                    assert satisfied(world, known, service=earlier.key) == {w.slot for w in wanted}
        world.apply(known, plan)
        disturb(data.draw, world)


def satisfied(world: World, deployment: Deployment, *, service: str) -> set[int]:
    """Return the slots of a service that are satisfied."""
    found = count_fill(world.fleet, deployment).satisfied
    return {slot for key, slot in found if key == service}


@given(st.integers(1, 5), st.integers(0, 8), POLICIES, st.sampled_from([(), (80,)]))
def test_a_rollback_converges_from_wherever_the_update_was(
    slots: int, steps: int, policy: UpdatePolicy, ports: tuple[int, ...]
) -> None:
    world = World(hosts=5)
    service = msgspec.structs.replace(a_service(ports=ports), update=policy, rollback=policy)
    good = a_deployment(services=[service], quantities={"web": slots}, rollout="rollback")
    spec = msgspec.structs.replace(service.container, image="example/web:bad")
    bad_service = msgspec.structs.replace(service, container=spec)
    bad = msgspec.structs.replace(good, services=(bad_service,), rollout="update")
    for deployment, rounds in ((good, 10), (bad, steps), (good, 60)):
        for _ in range(rounds):
            plan = plan_deployment(world.fleet, deployment, now=world.now)
            world.apply(deployment, plan)
            world.obey(failing=["example/web:bad"])
    assert {a.spec.image for a in world.assignments.values()} == {"example/web:1"}
    assert current_state(world.fleet, good) == 1


@given(worlds(), deployments())
def test_a_deployment_that_stops_ends_up_with_nothing(world: World, deployment: Deployment) -> None:
    for name in [host.name for host in world.hosts.values()]:
        world.set_state(name, HostState.ACTIVE)
    for wanted in (1, 0):
        deployment = msgspec.structs.replace(deployment, desired_state=wanted)
        for _ in range(20):
            world.apply(deployment, plan_deployment(world.fleet, deployment, now=world.now))
            world.obey()
    assert len(world.assignments) == 0
