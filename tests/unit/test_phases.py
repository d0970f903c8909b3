"""The order in which services start, are updated and stop."""

import pytest

from berth.domain.deployment_view import container_rows
from berth.domain.ids import ServiceKey
from berth.domain.records import Deployment
from berth.domain.spec import LinkSpec, ServiceSpec
from berth.domain.states import Attempt, Health
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import changed, plan, settle
from unit.test_rollout import rolled

TWO_PHASES = (a_service("web", phase=1), a_service("db", phase=0))


def placed(world: World, deployment: Deployment) -> list[str]:
    """Plan, apply, and give the services that were placed."""
    known = world.deployments.get(deployment.id) or deployment
    made = plan(world, known)
    world.apply(known, made)
    return [placement.service for placement in made.placements]


def waiting(world: World, deployment: Deployment) -> list[tuple[str, str, str]]:
    """Return service, code and message of what waits."""
    made = plan(world, world.deployments.get(deployment.id) or deployment)
    return [(u.service, u.reasons[0].code, u.reasons[0].message) for u in made.unplaced]


def only(world: World, deployment: Deployment, *, service: str) -> str:
    """Return the id of the assignment of a service that has one."""
    of_service = [a for a in world.fleet.assignments_of(deployment.id) if a.service == service]
    assert len(of_service) == 1
    return of_service[0].id


def test_a_phase_starts_when_every_slot_of_the_one_before_runs() -> None:
    world = World(hosts=2)
    deployment = a_deployment(services=TWO_PHASES, quantities={"db": 2})
    assert placed(world, deployment) == ["db", "db"]
    world.report("a1", Attempt.RUNNING)
    assert waiting(world, deployment) == [
        ("web", "phase", "waits for phase 0: 1 of 2 containers of db are running")
    ]
    world.report("a2", Attempt.RUNNING)
    assert placed(world, deployment) == ["web"]


def test_a_phase_waits_until_the_containers_of_the_one_before_are_healthy() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    placed(world, deployment)
    world.report("a1", Attempt.RUNNING, health=Health.CHECKING)
    assert placed(world, deployment) == []
    world.report("a1", Attempt.RUNNING, health=Health.HEALTHY)
    assert placed(world, deployment) == ["web"]


def test_phases_may_have_gaps_and_the_text_any_order() -> None:
    world = World(hosts=1)
    services = [a_service(f"s{phase}", phase=phase) for phase in (7, 0, 3)]
    deployment = a_deployment(services=services)
    order = []
    for _ in services:
        order += placed(world, deployment)
        world.obey()
    assert order == ["s0", "s3", "s7"]


def test_a_waiting_slot_says_in_its_row_what_it_waits_for() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    placed(world, deployment)
    world.planned.unplaced[deployment.id] = plan(world, deployment).unplaced
    messages = {row.service: row.message for row in container_rows(world.fleet, deployment)}
    assert messages["web"] == "waits for phase 0: 0 of 1 containers of db are running"


def test_scaling_an_earlier_phase_leaves_the_later_one_running() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    settle(world, deployment)
    grown = changed(deployment, quantities={"db": 3, "web": 2})
    made = plan(world, grown)
    assert sorted(p.service for p in made.placements) == ["db", "db", "web"]
    assert made.endings == ()


def test_a_dead_container_of_an_earlier_phase_does_not_hold_a_later_one_up() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    settle(world, deployment)
    begun = world.deployments.get(deployment.id)
    assert begun is not None
    assert set(begun.begun) == {"db", "web"}
    world.report(only(world, deployment, service="db"), Attempt.ENDED, code="exited", failures=1)
    world.assignments.drop(only(world, deployment, service="web"))
    assert [p.service for p in plan(world, begun).placements] == ["web"]


def test_a_start_walks_the_phases_again() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    settle(world, deployment)
    settle(world, changed(deployment, desired_state=0))
    world.deployments.drop(deployment.id)
    assert placed(world, deployment) == ["db"]


@pytest.mark.parametrize(
    ("condition", "reports"),
    [
        ("started", [(Attempt.PULLING, {}), (Attempt.RUNNING, {"health": Health.CHECKING})]),
        (
            "healthy",
            [
                (Attempt.RUNNING, {"health": Health.CHECKING}),
                (Attempt.RUNNING, {"health": Health.HEALTHY}),
            ],
        ),
    ],
)
def test_a_dependency_is_waited_for(
    condition: str, reports: list[tuple[Attempt, dict[str, object]]]
) -> None:
    world = World(hosts=1)
    services = [a_service("web", needs={"db": condition}), a_service("db")]
    deployment = a_deployment(services=services)
    assert placed(world, deployment) == ["db"]
    (early, members), (late, enough) = reports
    world.report("a1", early, **members)
    assert placed(world, deployment) == []
    world.report("a1", late, **enough)
    assert placed(world, deployment) == ["web"]


def test_a_dependency_on_the_end_of_a_job_waits_for_a_good_one() -> None:
    world = World(hosts=1)
    services = [a_service("web", needs={"job": "completed"}), a_service("job", restart=False)]
    deployment = a_deployment(services=services)
    assert placed(world, deployment) == ["job"]
    world.report("a1", Attempt.RUNNING)
    assert placed(world, deployment) == []
    world.report("a1", Attempt.ENDED, exit_code=3)
    assert waiting(world, deployment)[0][2] == (
        "waits for a dependency: 0 of 1 containers of job have finished successfully"
    )
    world.report("a1", Attempt.ENDED, exit_code=0)
    assert placed(world, deployment) == ["web"]


def test_dependencies_that_make_a_circle_are_entered_somewhere() -> None:
    world = World(hosts=1)
    services = [
        a_service("a", needs={"b": "started"}),
        a_service("b", needs={"a": "healthy", "c": "started", "b": "started"}),
    ]
    deployment = a_deployment(services=services)
    settle(world, deployment)
    assert sorted(a.service for a in world.fleet.assignments_of(deployment.id)) == ["a", "b"]


def test_a_dependency_on_a_later_phase_orders_nothing() -> None:
    world = World(hosts=1)
    services = [a_service("db", needs={"web": "healthy"}), a_service("web", phase=1)]
    assert placed(world, a_deployment(services=services)) == ["db"]


def linked(key: str, *others: str, phase: int = 0, needs: str = "") -> ServiceSpec:
    """Build a service with links to others."""
    links = tuple(LinkSpec(ServiceKey(other), other) for other in others)
    return a_service(key, links=links, phase=phase, needs={needs: "started"} if needs else None)


def test_a_linked_service_runs_before_the_one_with_the_link() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=[linked("web", "db"), a_service("db")])
    assert placed(world, deployment) == ["db"]
    assert waiting(world, deployment) == [
        ("web", "phase", "waits for a link: 0 of 1 containers of db are running")
    ]
    world.obey()
    assert placed(world, deployment) == ["web"]


@pytest.mark.parametrize(
    "services",
    [
        [linked("a", "b"), linked("b", "a")],
        [linked("a", needs="b"), linked("b", "a")],
        [linked("a", "a", "b"), a_service("b", phase=1)],
    ],
)
def test_links_that_cannot_order_the_start_hold_nothing_up(services: list[ServiceSpec]) -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=services)
    settle(world, deployment)
    assert sorted(a.service for a in world.fleet.assignments_of(deployment.id)) == ["a", "b"]


def test_a_dependency_orders_the_start_before_a_link_that_contradicts_it() -> None:
    deployment = a_deployment(services=[linked("a", needs="b"), linked("b", "a")])
    assert placed(World(hosts=1), deployment) == ["b"]


def test_a_stop_ends_the_last_phase_first() -> None:
    world = World(hosts=1)
    deployment = a_deployment(services=TWO_PHASES)
    settle(world, deployment)
    stopped = changed(deployment, desired_state=0)
    order = []
    for _ in TWO_PHASES:
        made = plan(world, stopped)
        ended = [world.assignments.get(each.assignment_id) for each in made.endings]
        order.append([each.service for each in ended if each])
        world.apply(stopped, made)
        assert not plan(world, stopped).endings  # they are not gone yet
        world.obey()
    assert order == [["web"], ["db"]]


def test_a_stop_ends_what_depends_on_others_before_them() -> None:
    world = World(hosts=1)
    services = [a_service("db"), a_service("web", needs={"db": "started"})]
    deployment = a_deployment(services=services)
    settle(world, deployment)
    made = plan(world, changed(deployment, desired_state=0))
    assert [e.assignment_id for e in made.endings] == [only(world, deployment, service="web")]


def test_an_update_walks_dependencies_like_phases() -> None:
    world = World(hosts=1)
    services = [a_service("web", needs={"db": "started"}), a_service("db")]
    deployment = a_deployment(services=services)
    settle(world, deployment)
    assert [p.service for p in plan(world, rolled(deployment, "x:2")).placements] == ["db"]
