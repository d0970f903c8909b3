"""Services that are joined by links or share a volume go to one host."""

import pytest

from berth.domain.records import Deployment
from berth.domain.spec import LinkSpec, MountSpec, ServiceSpec
from berth.domain.states import Attempt, Duty, HostState
from berth.testing.builders import World, a_deployment, a_service
from unit.planning import PER_HOST, changed, plan, settle


def linking(key: str, *others: str, **spec: object) -> ServiceSpec:
    links = tuple(LinkSpec(other, other) for other in others)  # type: ignore[arg-type]
    return a_service(key, links=links, **spec)  # type: ignore[arg-type]


def mounting(key: str, volume: str = "data", *, read_only: bool = False) -> ServiceSpec:
    mount = MountSpec(kind="volume", source=volume, target="/data", read_only=read_only)
    return a_service(key, mounts=(mount,))


def hosts_by_service(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in world.assignments.values():
        if each.wanted:
            found.setdefault(each.service, set()).add(each.host_id)
    return found


def settled(*services: ServiceSpec, hosts: int = 4, **members: object) -> tuple[World, Deployment]:
    world = World(hosts=hosts)
    deployment = a_deployment(services=services, **members)  # type: ignore[arg-type]
    settle(world, deployment)
    return world, deployment


def reasons(world: World, deployment: Deployment) -> set[tuple[str, str]]:
    made = plan(world, deployment)
    return {(each.code, each.message) for waits in made.unplaced for each in waits.reasons}


@pytest.mark.parametrize(
    "services",
    [
        [linking("web", "db"), a_service("db")],
        [linking("web", "db", "cache"), a_service("db"), a_service("cache")],
        [linking("web", "api"), linking("api", "db"), a_service("db")],
        [linking("web", "db", phase=0), a_service("db", phase=1)],
        [linking("a", "b"), linking("b", "a")],
        [mounting("web"), mounting("job")],
        [mounting("web"), mounting("job", read_only=True), linking("edge", "web")],
    ],
)
def test_what_belongs_together_is_on_one_host(services: list[ServiceSpec]) -> None:
    world, _ = settled(*services)
    placed = hosts_by_service(world)
    assert len(placed) == len(services)
    assert len(set.union(*placed.values())) == 1


def test_what_does_not_belong_together_is_spread() -> None:
    world, _ = settled(a_service("web"), a_service("db"), mounting("a", "x"), mounting("b", "y"))
    assert len(set.union(*hosts_by_service(world).values())) == 4


def test_every_slot_is_beside_a_container_that_it_links() -> None:
    web, db = linking("web", "db"), a_service("db")
    world, _ = settled(web, db, quantities={"web": 6, "db": 2})
    placed = hosts_by_service(world)
    assert placed["web"] == placed["db"]
    assert len(placed["db"]) == 2


def test_a_host_without_what_a_slot_links_is_refused_with_that_reason() -> None:
    web, db = linking("web", "db", ports=[80]), a_service("db")
    world, deployment = settled(web, db, hosts=2, quantities={"web": 2})
    assert reasons(world, deployment) == {
        ("port_taken", "host port 80/tcp is used by deployment 'shop'"),
        ("links", "no container of service db, which it links to, is on the host"),
    }


def test_one_of_which_nothing_is_wanted_binds_nobody() -> None:
    world, _ = settled(linking("web", "db"), a_service("db"), quantities={"db": 0})
    assert list(hosts_by_service(world)) == ["web"]


def test_a_service_follows_what_it_links_to_another_host() -> None:
    world, deployment = settled(linking("web", "db"), a_service("db"))
    (old,) = hosts_by_service(world)["db"]
    world.set_state(old, HostState.INACTIVE)
    settle(world, deployment)
    placed = hosts_by_service(world)
    assert placed["web"] == placed["db"] != {old}


def test_what_was_placed_apart_comes_together() -> None:
    world, apart = settled(a_service("web"), a_service("db"))
    settle(world, changed(apart, services=(linking("web", "db"), a_service("db"))))
    placed = hosts_by_service(world)
    assert placed["web"] == placed["db"]


def test_one_that_links_what_has_a_volume_stays_beside_it_on_a_drained_host() -> None:
    world, deployment = settled(linking("web", "db"), mounting("db"))
    (name,) = hosts_by_service(world)["db"]
    world.set_duty(name, Duty.DRAINED)
    made = plan(world, deployment)
    assert not made.changes
    told = {(held.service, held.reasons[0].message.partition(" is on ")[0]) for held in made.held}
    assert told == {("db", "its volume"), ("web", "the volume of a service that it links to")}


def test_volumes_that_were_filled_apart_stay_where_they_are() -> None:
    world, deployment = settled(mounting("web", "x"), mounting("job", "y"))
    shared = changed(deployment, services=(mounting("web"), mounting("job")))
    before = hosts_by_service(world)
    settle(world, shared)
    assert hosts_by_service(world) == before
    job = next(a for a in world.assignments.values() if a.service == "job" and a.wanted)
    world.report(job.id, Attempt.REMOVED)
    settle(world, shared)
    assert hosts_by_service(world) == before


def test_services_per_host_share_the_volume_of_each_host() -> None:
    one, other = mounting("web"), mounting("job")
    per_host = a_service("web", rules=PER_HOST, mounts=one.container.mounts)
    world, _ = settled(per_host, other)
    assert hosts_by_service(world)["web"] == {"h1", "h2", "h3", "h4"}


def test_a_container_of_another_text_is_linked_where_it_runs() -> None:
    world = World(hosts=3)
    web = a_service("web", external_links=("by-hand:db",))
    deployment = a_deployment(services=[web])
    assert reasons(world, deployment) == {
        ("external_links", "no container 'by-hand', which it links to, runs on the host")
    }
    world.add_unmanaged("h2", port=1)
    settle(world, deployment)
    assert hosts_by_service(world) == {"web": {"h2"}}
