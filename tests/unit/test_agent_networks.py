"""The bridges of deployments: their subnets, their names, and when they go."""

import ipaddress

import pytest

from berth.agent.engine.protocol import EngineNetwork, NetworkRequest
from berth.agent.limits.networks import Networks, NoSubnet, free_subnet
from berth.domain.errors import EngineConflict, SubnetTaken
from berth.domain.ids import DeploymentId
from berth.domain.settings import Settings
from berth.testing.builders_agent import OWNER
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine

SHOP = DeploymentId("shop")


@pytest.fixture
def engine() -> SimulatedEngine:
    return SimulatedEngine("host-1", clock=FakeClock())


def networks_of(engine: SimulatedEngine, pool: str = "10.210.0.0/16") -> Networks:
    settings = Settings(network_pool=pool)
    return Networks(engine, OWNER, clock=FakeClock(), settings=lambda: settings)


async def listed(engine: SimulatedEngine) -> dict[str, EngineNetwork]:
    return {one.name: one for one in await engine.list_networks() if one.name != "bridge"}


def test_a_subnet_is_the_first_that_overlaps_with_nothing() -> None:
    taken = [ipaddress.IPv4Network("10.210.0.0/25"), ipaddress.IPv4Network("192.168.0.0/16")]
    assert str(free_subnet("10.210.0.0/16", taken)) == "10.210.0.128/26"
    assert free_subnet("10.210.0.0/25", taken) is None


async def test_a_network_is_made_once_and_bears_whose_it_is(engine: SimulatedEngine) -> None:
    networks = networks_of(engine)
    for _ in range(2):
        assert await networks.ensure(SHOP, ["back"]) == {"back": "back.shop"}
    [made] = (await listed(engine)).values()
    assert made.subnets == ("10.210.0.0/26",)
    assert made.labels == {
        "berth.instance": "instance-1",
        "berth.host": "host-1",
        "berth.deployment": "shop",
        "berth.network": "back",
    }


async def test_networks_of_deployments_have_subnets_of_their_own(engine: SimulatedEngine) -> None:
    networks = networks_of(engine)
    await networks.ensure(SHOP, ["front", "back"])
    await networks.ensure(DeploymentId("blog"), ["front"])
    found = await listed(engine)
    assert set(found) == {"front.shop", "back.shop", "front.blog"}
    assert len({one.subnets for one in found.values()}) == 3


async def test_a_subnet_that_the_engine_refuses_is_passed_over(engine: SimulatedEngine) -> None:
    engine.plant("create_network", SubnetTaken("Pool overlaps"))
    await networks_of(engine).ensure(SHOP, ["back"])
    assert (await listed(engine))["back.shop"].subnets == ("10.210.0.64/26",)


async def test_a_pool_that_is_used_up_is_said(engine: SimulatedEngine) -> None:
    networks = networks_of(engine, "10.210.0.0/26")
    await networks.ensure(SHOP, ["front"])
    with pytest.raises(NoSubnet, match=r"no subnet of 10\.210\.0\.0/26 is free"):
        await networks.ensure(SHOP, ["back"])


async def test_a_network_of_somebody_else_keeps_its_name(engine: SimulatedEngine) -> None:
    foreign = NetworkRequest(name="back.shop", subnet="10.9.0.0/26", labels={})
    await engine.create_network(foreign)
    assert await networks_of(engine).ensure(SHOP, ["back"]) == {"back": "back.shop.host-1"}


async def test_what_nothing_needs_is_removed_and_nothing_else(engine: SimulatedEngine) -> None:
    networks = networks_of(engine)
    await engine.create_network(NetworkRequest(name="own", subnet="10.9.0.0/26", labels={}))
    await networks.ensure(SHOP, ["back"])
    await networks.ensure(DeploymentId("blog"), ["back"])
    assert await networks.remove_unneeded() == ""
    networks.needed_by = lambda: {DeploymentId("blog")}
    assert await networks.remove_unneeded() == "removed back.shop"
    assert set(await listed(engine)) == {"own", "back.blog"}


async def test_a_network_that_is_in_use_stays(engine: SimulatedEngine) -> None:
    networks = networks_of(engine)
    await networks.ensure(SHOP, ["a", "b"])
    networks.needed_by = set
    engine.plant("remove_network", EngineConflict("has active endpoints"))
    assert await networks.remove_unneeded() == "removed b.shop"
    assert set(await listed(engine)) == {"a.shop"}
