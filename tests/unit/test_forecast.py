"""What a deployment comes to in the end, without doing any of it."""

from collections.abc import Iterable

import msgspec

from berth.domain.ids import AssignmentId, HostId, ServiceKey
from berth.domain.records import Deployment
from berth.domain.spec import ServiceSpec, UpdatePolicy
from berth.domain.states import Attempt, Duty, HostState
from berth.scheduler.forecast import Forecast, Outcome, Place
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import PER_HOST, changed, settle


def foresee(world: World, deployment: Deployment, *, steps: int = 100) -> Outcome:
    """Let it come to its end in a forecast."""
    world.deployments.put(deployment)
    forecast = Forecast(world, [deployment.id], now=world.now)
    while not forecast.is_over and forecast.steps < steps:
        forecast.take_step()
    return forecast.describe()[deployment.id]


def slots(places: Iterable[Place]) -> list[tuple[str, int, str]]:
    return [(each.service, each.slot, each.host_id) for each in places]


def newer(service: ServiceSpec) -> ServiceSpec:
    container = msgspec.structs.replace(service.container, image="example/web:2")
    return msgspec.structs.replace(service, container=container)


def test_a_new_deployment_is_placed_whole_through_all_its_phases() -> None:
    services = [a_service("db"), a_service("api", phase=1), a_service("web", phase=2)]
    outcome = foresee(World(hosts=1), a_deployment(services=services))
    assert slots(outcome.placed) == [("api", 0, "h1"), ("db", 0, "h1"), ("web", 0, "h1")]
    steps = {place.service: place.step for place in outcome.placed}
    assert steps[ServiceKey("db")] < steps[ServiceKey("api")] < steps[ServiceKey("web")]
    assert not outcome.more


def test_an_update_is_shown_to_its_end_slot_after_slot() -> None:
    world, deployment = World(hosts=2), a_deployment(quantities={"web": 4})
    settle(world, deployment)
    update = changed(deployment, services=(newer(deployment.services[0]),), rollout="update")
    outcome = foresee(world, update)
    assert [each.slot for each in outcome.replaced] == [0, 1, 2, 3]
    assert len({each.step for each in outcome.replaced}) == 4
    assert (outcome.kept, outcome.placed, outcome.ended) == ((), (), ())


def test_a_policy_of_two_at_a_time_takes_half_the_steps() -> None:
    policy = UpdatePolicy(parallelism=2)
    service = msgspec.structs.replace(a_service(), update=policy)
    world, deployment = World(hosts=2), a_deployment(services=[service], quantities={"web": 4})
    settle(world, deployment)
    outcome = foresee(world, changed(deployment, services=(newer(service),), rollout="update"))
    assert len({each.step for each in outcome.replaced}) == 2


def test_more_slots_keep_those_that_are_there() -> None:
    world, deployment = World(hosts=1), a_deployment()
    settle(world, deployment)
    outcome = foresee(world, changed(deployment, quantities={ServiceKey("web"): 3}))
    assert slots(outcome.kept) == [("web", 0, "h1")]
    assert slots(outcome.placed) == [("web", 1, "h1"), ("web", 2, "h1")]


def test_a_stop_ends_everything_and_says_why() -> None:
    world, deployment = World(hosts=1), a_deployment(quantities={"web": 2})
    settle(world, deployment)
    outcome = foresee(world, changed(deployment, desired_state=0))
    assert slots(outcome.ended) == [("web", 0, "h1"), ("web", 1, "h1")]
    assert {place.reason for place in outcome.ended} == {"stopped"}


def test_a_service_that_the_text_no_longer_has_is_ended() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=[a_service("web"), a_service("db")])
    settle(world, deployment)
    outcome = foresee(world, changed(deployment, services=deployment.services[:1]))
    assert slots(outcome.kept) == [("web", 0, "h1")]
    assert [(each.service, each.reason) for each in outcome.ended] == [("db", "service removed")]


def test_what_finds_no_host_in_the_end_waits_with_its_reasons() -> None:
    world, deployment = World(hosts=2), a_deployment(services=[a_service(ports=[8080])])
    outcome = foresee(world, changed(deployment, quantities={ServiceKey("web"): 3}))
    assert len(outcome.placed) == 2
    (waiting,) = outcome.unplaced
    assert [reason.code for reason in waiting.reasons] == ["port_taken", "port_taken"]


def test_an_old_container_that_holds_the_port_goes_before_the_new_one_comes() -> None:
    world, deployment = World(hosts=1), a_deployment(services=[a_service(ports=[8080])])
    settle(world, deployment)
    outcome = foresee(world, changed(deployment, nonce="again", rollout="update"))
    (replaced,) = outcome.replaced
    assert (replaced.from_host_id, replaced.to_host_id) == ("h1", "h1")
    assert outcome.unplaced == ()


def test_a_container_that_fails_now_is_taken_to_become_healthy() -> None:
    world, deployment = World(hosts=1), a_deployment(quantities={"web": 2})
    settle(world, deployment)
    assignment = next(iter(world.assignments.values()))
    world.report(assignment.id, Attempt.ENDED, code="exited", failures=3)
    outcome = foresee(world, deployment)
    assert len(outcome.kept) == 2


def test_a_job_is_taken_to_end_well_so_that_others_follow() -> None:
    job = a_service("migrate", restart=False)
    web = a_service("web", needs={"migrate": "completed"})
    outcome = foresee(World(hosts=1), a_deployment(services=[job, web]))
    assert [place.service for place in outcome.placed] == ["migrate", "web"]


def test_slots_of_a_drained_host_go_elsewhere() -> None:
    world, deployment = World(hosts=2), a_deployment(quantities={"web": 2})
    settle(world, deployment)
    world.set_duty("h1", Duty.DRAINED)
    outcome = foresee(world, deployment)
    moves = [(each.from_host_id, each.to_host_id) for each in outcome.replaced]
    assert moves == [("h1", "h2")]


def test_a_slot_on_a_silent_host_is_placed_elsewhere() -> None:
    world, deployment = World(hosts=2), a_deployment()
    settle(world, deployment)
    (assignment,) = world.assignments.values()
    world.set_state(assignment.host_id, HostState.INACTIVE)
    (replaced,) = foresee(world, deployment).replaced
    assert replaced.to_host_id != assignment.host_id


def test_nothing_of_a_forecast_happens() -> None:
    world, deployment = World(hosts=2), a_deployment(quantities={"web": 2})
    settle(world, deployment)
    assignments, reports = list(world.assignments.values()), dict(world.observed.reports)
    foresee(world, changed(deployment, nonce="again", rollout="update"))
    assert list(world.assignments.values()) == assignments
    assert world.observed.reports == reports
    assert world.planned.exclusions == {}


def test_a_long_forecast_is_shown_as_far_as_it_went() -> None:
    world, deployment = World(hosts=2), a_deployment(quantities={"web": 8})
    settle(world, deployment)
    update = changed(deployment, nonce="again", rollout="update")
    outcome = foresee(world, update, steps=3)
    assert (outcome.steps, outcome.more) == (3, True)
    assert len(outcome.replaced) + len(outcome.kept) == 8
    assert outcome.replaced


def test_a_slot_on_each_host_is_placed_on_each_host() -> None:
    world = World(hosts=3)
    world.set_state("h3", HostState.INACTIVE)
    outcome = foresee(world, a_deployment(services=[a_service(rules=PER_HOST)]))
    assert [place.host_id for place in outcome.placed] == [HostId("h1"), HostId("h2")]


def test_a_container_that_is_going_already_is_no_loss_of_the_change() -> None:
    world, deployment = World(hosts=1), a_deployment(quantities={"web": 2})
    settle(world, deployment)
    settle(world, changed(deployment, quantities={ServiceKey("web"): 1}))
    outcome = foresee(world, changed(deployment, quantities={ServiceKey("web"): 1}))
    assert (len(outcome.kept), outcome.ended) == (1, ())
    assert AssignmentId("a1") in world.assignments


def test_deployments_that_share_a_host_that_is_drained_are_moved_together() -> None:
    world = World(hosts=2)
    deployments = [
        a_deployment(name, services=[a_service(ports=[port])])
        for name, port in (("shop", 8080), ("blog", 8081))
    ]
    for deployment in deployments:
        settle(world, deployment)
    for host in ("h1", "h2"):
        world.set_duty(host, Duty.DRAINED if host == "h1" else Duty.ACTIVE)
    forecast = Forecast(world, [each.id for each in deployments], now=world.now)
    while not forecast.is_over:
        forecast.take_step()
    ends = [each for outcome in forecast.describe().values() for each in outcome.replaced]
    assert {each.to_host_id for each in ends} == {"h2"}
    stays = [each for outcome in forecast.describe().values() for each in outcome.kept]
    assert len(ends) + len(stays) == 2
    assert {each.host_id for each in stays} <= {"h2"}


def test_a_forecast_of_nothing_is_over_at_once() -> None:
    forecast = Forecast(World(hosts=1), [], now=0.0)
    assert (forecast.is_over, forecast.describe()) == (True, {})
