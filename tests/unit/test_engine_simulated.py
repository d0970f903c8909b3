"""What the simulated engine offers beyond the contract."""

import asyncio
import json

import pytest

from berth.agent.engine.protocol import ContainerRequest
from berth.domain.errors import (
    EngineNotFound,
    EngineTimeout,
    EngineUnreachable,
    PortTaken,
    PullFailed,
)
from berth.domain.spec import ContainerSpec, PortSpec
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import Behaviour, SimulatedEngine, SimulatedRegistry
from berth.testing.engine.container import describe_span


def an_engine(**options: object) -> SimulatedEngine:
    """Make an engine with app:1 on it and a clock that stands still."""
    options.setdefault("clock", FakeClock())
    engine = SimulatedEngine("host-1", **options)  # type: ignore[arg-type]
    engine.add_image("app:1")
    return engine


def a_request(name: str = "web", image: str = "app:1", **spec: object) -> ContainerRequest:
    """Ask for a container."""
    made = ContainerSpec(image=image, **spec)  # type: ignore[arg-type]
    return ContainerRequest(name=name, hostname=name, spec=made, labels={})


async def test_two_engines_of_one_name_make_the_same_ids() -> None:
    first, second = an_engine(), an_engine()
    assert await first.create(a_request()) == await second.create(a_request())
    assert await first.create(a_request("db")) == await second.create(a_request("db"))
    assert len(first.containers()) == 2


async def test_the_newest_container_is_listed_first() -> None:
    engine = an_engine()
    made = [engine.run_unmanaged(name) for name in ("first", "second")]
    assert [container.id for container in engine.containers()] == made[::-1]


async def test_anyone_may_end_and_remove_containers() -> None:
    engine = an_engine()
    container_id = engine.run_unmanaged("legacy", ports=(PortSpec(80, host=80),))
    async with engine.events() as events:
        engine.exit(container_id, 3, oom=True)
        engine.remove_by_hand(container_id)
        actions = [(await anext(events)).action for _ in range(3)]
    assert actions == ["oom", "die", "destroy"]
    assert engine.containers() == []
    with pytest.raises(EngineNotFound):
        engine.exit(container_id)


async def test_a_port_may_be_taken_by_what_is_no_container() -> None:
    engine = an_engine()
    engine.occupy_port(80)
    container_id = await engine.create(a_request(ports=(PortSpec(80, host=80),)))
    with pytest.raises(PortTaken):
        await engine.start(container_id)


async def test_a_refused_start_holds_no_port() -> None:
    engine = an_engine()
    engine.occupy_port(81)
    ports = (PortSpec(80, host=80), PortSpec(81, host=81))
    with pytest.raises(PortTaken):
        await engine.start(await engine.create(a_request(ports=ports)))
    assert engine.run_unmanaged("other", ports=(PortSpec(80, host=80),))


async def test_each_start_gets_new_dynamic_ports() -> None:
    engine = an_engine()
    container_id = engine.run_unmanaged("web", ports=(PortSpec(80),))
    before = engine.containers()[0].ports
    await engine.restart(container_id, grace_s=0)
    after = engine.containers()[0].ports
    assert before != after
    assert len(after) == 1


async def test_latencies_pass_on_the_clock() -> None:
    clock = FakeClock()
    engine = an_engine(clock=clock, latencies={"create": 2.0})
    task = asyncio.create_task(engine.create(a_request()))
    await clock.advance(1.9)
    assert not task.done()
    await clock.advance(0.2)
    assert engine.get_container(await task).name == "web"


async def test_a_stop_waits_its_grace_and_then_kills() -> None:
    clock = FakeClock()
    engine = an_engine(clock=clock)
    engine.add_image("deaf:1", Behaviour(ignores_stop=True))
    container_id = engine.run_unmanaged("deaf", "deaf:1")
    task = asyncio.create_task(engine.stop(container_id, grace_s=10))
    await clock.advance(9.9)
    assert engine.get_container(container_id).alive
    await clock.advance(0.2)
    await task
    assert engine.get_container(container_id).exit_code == 137


async def test_a_late_stop_does_not_end_the_next_run() -> None:
    clock = FakeClock()
    engine = an_engine(clock=clock)
    engine.add_image("deaf:1", Behaviour(ignores_stop=True))
    container_id = engine.run_unmanaged("deaf", "deaf:1")
    task = asyncio.create_task(engine.stop(container_id, grace_s=10))
    await clock.advance(5)
    engine.exit(container_id)
    await engine.start(container_id)
    await clock.advance(6)
    await task
    assert engine.get_container(container_id).alive


async def test_a_frozen_engine_answers_once_it_is_thawed() -> None:
    engine = an_engine()
    engine.freeze()
    task = asyncio.create_task(engine.list_containers())
    await settle()
    assert not task.done()
    engine.thaw()
    assert await task == []


async def test_a_frozen_engine_answers_not_at_all_past_the_deadline() -> None:
    clock = FakeClock()
    engine = an_engine(clock=clock)
    engine.freeze()
    task = asyncio.create_task(engine.list_containers())
    await clock.advance(29.9)
    assert not task.done()
    await clock.advance(0.2)
    with pytest.raises(EngineTimeout):
        await task


async def test_a_frozen_engine_holds_its_events_back() -> None:
    engine = an_engine()
    container_id = engine.run_unmanaged("web")
    async with engine.events() as events:
        engine.freeze()
        engine.exit(container_id)
        task = asyncio.create_task(anext(events))
        await settle()
        assert not task.done()
        engine.thaw()
        assert (await task).action == "die"


@pytest.mark.parametrize(("containers_die", "alive"), [(False, True), (True, False)])
async def test_containers_may_outlive_an_outage(containers_die: bool, alive: bool) -> None:
    engine = an_engine()
    container_id = engine.run_unmanaged("web")
    engine.down(containers_die=containers_die)
    with pytest.raises(EngineUnreachable):
        await engine.list_containers()
    engine.up()
    assert engine.get_container(container_id).alive is alive


async def test_planted_errors_come_as_often_as_asked_for() -> None:
    engine = an_engine()
    engine.plant("list_containers", EngineTimeout("too late"), times=2)
    for _ in range(2):
        with pytest.raises(EngineTimeout, match="too late"):
            await engine.list_containers()
    assert await engine.list_containers() == []
    assert engine.calls["list_containers"] == 3


async def test_a_registry_serves_many_engines_and_fails_as_planted() -> None:
    registry = SimulatedRegistry()
    registry.refuse("far:1", "connection reset", times=1)
    first, second = an_engine(registry=registry), an_engine(registry=registry)
    with pytest.raises(PullFailed, match="connection reset"):
        await first.pull("far:1")
    assert await first.pull("far:1") == await second.pull("far:1")
    assert first.pulls == ["far:1", "far:1"]


async def test_a_moved_tag_brings_another_image() -> None:
    registry = SimulatedRegistry()
    engine = an_engine(registry=registry)
    old = await engine.pull("far:1")
    await engine.create(a_request(image="far:1"))
    assert registry.publish("far:1") != old
    new = await engine.pull("far:1")
    assert new != old
    assert engine.containers()[0].image == old


async def test_a_slow_pull_runs_into_its_deadline() -> None:
    clock = FakeClock()
    engine = an_engine(clock=clock, latencies={"pull": 100.0})
    task = asyncio.create_task(engine.pull("far:1", deadline_s=10))
    await clock.advance(10.1)
    with pytest.raises(EngineTimeout):
        await task
    assert await engine.find_image("far:1") is None


async def test_a_removed_image_is_gone() -> None:
    engine = an_engine()
    engine.remove_image_by_hand("app:1")
    assert await engine.find_image("app:1") is None


async def test_inspect_documents_are_as_large_as_real_ones() -> None:
    engine = an_engine()
    container_id = await engine.create(a_request())
    assert len(await engine.inspect(container_id)) >= 4096
    assert json.loads(await engine.inspect(container_id))["State"]["Status"] == "created"


@pytest.mark.parametrize(
    ("command", "exit_code", "output"),
    [
        (("true",), 0, []),
        (("false",), 1, []),
        (("echo", "a", "b"), 0, ["a b"]),
        (("sh", "-c", "echo 'x y'; exit 7"), 7, ["x y"]),
        (("sh", "-c", "echo up; sleep 10; exit 7"), None, ["up"]),
        (("serve",), None, []),
    ],
)
async def test_simple_commands_are_followed(
    command: tuple[str, ...], exit_code: int | None, output: list[str]
) -> None:
    engine = an_engine()
    container_id = await engine.create(a_request(command=command))
    await engine.start(container_id)
    container = engine.get_container(container_id)
    assert (None if container.alive else container.exit_code) == exit_code
    assert [line.text for line in container.log] == output


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (61, "About a minute"),
        (600, "10 minutes"), (3700, "About an hour"), (7200, "2 hours"), (172800, "2 days"),
        (1209600, "2 weeks"), (5184000, "2 months"),
    ],
)  # fmt: skip
def test_spans_are_said_as_docker_says_them(seconds: float, words: str) -> None:
    assert describe_span(seconds) == words
