"""External volumes: a slot goes where they are, or waits for them."""

import msgspec
import pytest

from berth.agent.reports.volumes import VolumeList
from berth.definition import parse_definition
from berth.domain.ids import HostId
from berth.domain.records import Deployment
from berth.protocol.messages import MAX_VOLUMES, Volumes
from berth.testing.builders import World, a_deployment, a_service
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from unit.planning import hosts_of, plan, settle

TEXT = """
services:
  db: {image: redis, volumes: ["data:/data", "own:/own"]}
volumes: {data: {external: EXTERNAL}, own: {}}
"""


def using(*volumes: str, slots: int = 1) -> Deployment:
    service = msgspec.structs.replace(a_service(), external_volumes=volumes)
    return a_deployment(services=[service], quantities={"web": slots})


def with_volumes(**names: list[str]) -> World:
    """Return a world of three hosts, of which some have told their volumes."""
    world = World(hosts=3)
    for host_id, volumes in names.items():
        world.observed.volumes[HostId(host_id)] = frozenset(volumes)
    return world


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("true", ("data",)),
        ("{name: really}", ("really",)),
        ("false", ()),
    ],
)
def test_a_text_says_which_volumes_are_there_already(written: str, names: tuple[str, ...]) -> None:
    (service,) = parse_definition(TEXT.replace("EXTERNAL", written)).services
    assert service.external_volumes == names


def test_a_slot_goes_where_its_external_volume_is() -> None:
    world = with_volumes(h1=[], h2=["data", "other"], h3=["other"])
    deployment = using("data", slots=3)
    settle(world, deployment)
    assert set(hosts_of(world, deployment)) == {"h2"}


def test_a_slot_waits_where_no_host_has_its_external_volume() -> None:
    world = with_volumes(h1=[], h2=["data"], h3=[])
    (waiting,) = plan(world, using("lost")).unplaced
    assert waiting.summary == "external volume 'lost' exists on none of 3 hosts"


def test_a_host_that_has_not_told_its_volumes_takes_no_slot_that_needs_one() -> None:
    world = with_volumes(h1=[], h2=[])
    (waiting,) = plan(world, using("data")).unplaced
    assert [each.code for each in waiting.reasons] == ["external_volume"] * 3
    assert "not known yet whether the host has the volume 'data'" in waiting.summary


def test_an_agent_that_may_be_too_old_to_tell_its_volumes_is_named() -> None:
    world = World(hosts=1)
    status = world.observed.hosts[HostId("h1")]
    assert status.facts is not None
    facts = msgspec.structs.replace(status.facts, agent_version="0.0.9")
    world.observed.hosts[HostId("h1")] = msgspec.structs.replace(status, facts=facts)
    (waiting,) = plan(world, using("data")).unplaced
    assert "its agent (Berth 0.0.9) may be too old to report volumes" in waiting.summary


async def test_an_agent_tells_its_volumes_once_and_again_when_they_change() -> None:
    clock = FakeClock()
    engine = SimulatedEngine(clock=clock)
    volumes = VolumeList(engine, clock=clock)
    engine.add_volume("data")
    volumes.begin_session()
    assert volumes.take() is None
    await volumes.read()
    assert (volumes.take(), volumes.take()) == (Volumes(names=("data",)), None)
    await volumes.read()
    assert volumes.take() is None
    engine.add_volume("more")
    await volumes.read()
    assert volumes.take() == Volumes(names=("data", "more"))


async def test_an_agent_tells_no_more_volumes_than_a_frame_may_hold() -> None:
    clock = FakeClock()
    engine = SimulatedEngine(clock=clock)
    volumes = VolumeList(engine, clock=clock)
    for number in range(MAX_VOLUMES + 5):
        engine.add_volume(f"v{number}")
    engine.add_volume("n" * 300)
    await volumes.read()
    volumes.begin_session()
    told = volumes.take()
    assert told is not None
    assert (len(told.names), max(map(len, told.names)) <= 255) == (MAX_VOLUMES, True)
