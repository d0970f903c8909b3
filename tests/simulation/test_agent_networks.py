"""Networks, links and volumes of other services, on a simulated engine."""

import msgspec

from berth.agent.engine.protocol import Attachment, ContainerRequest
from berth.domain.ids import ContainerId, ServiceKey
from berth.domain.spec import LinkSpec, NetworkSpec
from berth.domain.states import Attempt
from berth.protocol.messages import AgentAssignment
from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine

DEFAULT = (NetworkSpec("default", ("shop",)),)
LINKED = (LinkSpec(ServiceKey("db"), "store"), LinkSpec(ServiceKey("db"), "db"))


def of_db(assignment_id: str = "db0", *, slot: int = 0, **spec: object) -> AgentAssignment:
    made = an_assignment(assignment_id, slot=slot, **spec)
    return msgspec.structs.replace(made, service=ServiceKey("db"), name=f"{slot}.db.shop")


def request_of(engine: SimulatedEngine, agent: LonelyAgent) -> ContainerRequest:
    report = agent.report("a1")
    assert report is not None
    return engine.get_container(ContainerId(report.container_id)).request


def message_of(agent: LonelyAgent) -> str:
    report = agent.report("a1")
    assert report is not None
    return report.message


async def names_of(engine: SimulatedEngine) -> set[str]:
    return {one.name for one in await engine.list_networks()} - {"bridge"}


async def test_a_container_joins_its_networks_under_the_name_of_its_service(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(an_assignment(networks=(*DEFAULT, NetworkSpec("back"))))
    assert request_of(engine, agent).networks == (
        Attachment("default.shop", ("web", "shop")),
        Attachment("back.shop", ("web",)),
    )


async def test_networks_go_with_the_last_container_of_the_deployment(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    web, db = an_assignment(networks=DEFAULT), of_db(networks=DEFAULT)
    await agent.obey(web, db)
    await agent.obey(web)
    agent.shared.reporter.accept(1000)
    await agent.quiet()
    assert await names_of(engine) == {"default.shop"}
    await agent.obey()
    agent.shared.reporter.accept(1000)
    await agent.quiet()
    assert await names_of(engine) == set()


async def test_an_agent_that_starts_again_keeps_the_networks(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    for _ in range(2):
        async with LonelyAgent(engine, clock) as agent:
            await agent.obey(an_assignment(networks=DEFAULT))
            await agent.shared.networks.remove_unneeded()
    assert (engine.calls["create_network"], engine.calls["remove_network"]) == (1, 0)


async def test_an_agent_that_no_manager_told_what_is_wanted_removes_no_network(
    engine: SimulatedEngine, clock: FakeClock
) -> None:
    async with LonelyAgent(engine, clock) as agent:
        await agent.obey(an_assignment(networks=DEFAULT))
        await engine.stop(ContainerId(engine.containers()[0].id), grace_s=0)
    async with LonelyAgent(engine, clock) as agent:
        await agent.shared.networks.remove_unneeded()
        assert await names_of(engine) == {"default.shop"}


async def test_a_network_that_cannot_be_made_fails_the_attempt(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    agent.shared.live.settings = msgspec.structs.replace(
        agent.shared.settings, network_pool="172.17.0.0/26"
    )
    await agent.obey(an_assignment(networks=DEFAULT))
    report = agent.report()
    assert report is not None
    assert (report.state, report.code) == (Attempt.ENDED, "no_subnet")


async def test_a_link_on_a_network_is_a_name_for_the_other_service(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(of_db(networks=DEFAULT), an_assignment(networks=DEFAULT, links=LINKED))
    [joined] = request_of(engine, agent).networks
    assert joined.links == ("db:store",)
    assert request_of(engine, agent).links == ()


async def test_a_link_on_the_default_bridge_names_the_container_of_the_lowest_slot(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(of_db("db1", slot=1), of_db("db0", slot=0))
    await agent.obey(of_db("db1", slot=1), of_db("db0", slot=0), an_assignment(links=LINKED))
    first = agent.report("db0")
    assert first is not None
    assert request_of(engine, agent).links == (
        (first.container_id, "store"),
        (first.container_id, "db"),
    )
    assert message_of(agent) == ""


async def test_a_link_to_what_is_elsewhere_is_left_out_and_told(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(an_assignment(links=LINKED))
    assert request_of(engine, agent).links == ()
    assert "nothing of db, which it links to, ran on this host" in message_of(agent)


async def test_a_container_waits_for_the_one_whose_volumes_it_takes(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    web = an_assignment(volumes_from=("db:ro",))
    await agent.obey(web)
    assert agent.report("a1") is not None
    assert "no container of service db, whose volumes it uses" in message_of(agent)
    await agent.obey(web, of_db())
    data = agent.report("db0")
    assert data is not None
    assert request_of(engine, agent).volumes_from == (f"{data.container_id}:ro",)
    assert message_of(agent) == ""


async def test_volumes_of_a_finished_run_once_container_are_taken_too(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    data = of_db(restart=False, command=("true",))
    await agent.obey(data, an_assignment(volumes_from=("db",)))
    report = agent.report("a1")
    assert report is not None
    assert report.state is Attempt.RUNNING


async def test_volumes_of_a_container_by_name_are_taken_as_they_are(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.run_unmanaged("store")
    await agent.obey(an_assignment(volumes_from=("container:store:ro",)))
    assert request_of(engine, agent).volumes_from == ("store:ro",)


async def test_another_container_of_the_host_is_linked_by_its_name(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    engine.run_unmanaged("0.db.shop")
    await agent.obey(an_assignment(external_links=("0.db.shop:db",)))
    assert request_of(engine, agent).links == (("0.db.shop", "db"),)
