"""What is larger than a frame, between a real manager and a real agent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.protocol.messages import MAX_FRAME_BYTES
from berth.testing.builders import a_deployment, a_service
from simulation.fleet import SimulatedFleet, SimulatedHost

#: This many slots with that text are more than a frame holds.
SLOTS = 100
TEXT = "x" * (MAX_FRAME_BYTES // SLOTS + 20_000)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    """Yield a host to which a large change was told."""
    fleet = await SimulatedFleet.up(tmp_path, hosts=1)
    service = a_service(environment=(("TEXT", TEXT),))
    await fleet.put(a_deployment(services=[service], quantities={"web": SLOTS}))
    await fleet.until(lambda: fleet.settled("shop"), what="all of it runs")
    yield fleet
    await fleet.down()


def texts(host: SimulatedHost) -> set[str]:
    """Return the texts of all variables ``TEXT`` that the host's agent was told."""
    assert host.agent is not None
    told = host.agent.orders.desired.assignments.values()
    return {dict(one.spec.environment)["TEXT"] for one in told}


async def test_a_change_of_large_specs_arrives_in_the_session_that_stands(
    fleet: SimulatedFleet,
) -> None:
    host = fleet.hosts["h1"]
    assert (len(host.running()), host.sessions, texts(host)) == (SLOTS, 1, {TEXT})


async def test_a_host_obeys_a_set_that_no_frame_could_hold(fleet: SimulatedFleet) -> None:
    host = fleet.hosts["h1"]
    await fleet.restart_manager()
    await fleet.until(lambda: fleet.settled("shop"), what="the host is back")
    await fleet.change("shop", quantities={"web": 1}, generation=2)
    await fleet.until(lambda: len(host.running()) == 1, what="the host obeys")
    assert host.sessions == 2


async def test_an_agent_that_starts_anew_knows_its_large_set_from_the_disk(
    fleet: SimulatedFleet,
) -> None:
    host = fleet.hosts["h1"]
    await host.stop_agent()
    host.wire.cut = True
    host.start_agent()
    assert texts(host) == {TEXT}
    host.engine.exit(fleet.rows("shop")[0].container_id, 1)
    await fleet.until(lambda: len(host.running()) == SLOTS, what="it is replaced")
