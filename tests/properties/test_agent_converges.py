"""Whatever an agent finds, and whatever befalls it, it comes to rest where it shall."""

import asyncio
from collections.abc import Iterable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from berth.agent.engine.protocol import ContainerRequest
from berth.domain.errors import EngineError, EngineRefused, EngineTimeout, PortTaken
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer
from berth.domain.settings import Settings
from berth.domain.states import Intent
from berth.protocol.messages import AgentAssignment
from berth.testing.builders_agent import LonelyAgent, an_assignment, labels_for
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine

OURS = ("ours", "other spec", "orphan")
KINDS = (*OURS, "other host", "unmanaged")


class Found(msgspec.Struct, frozen=True):
    """A container that is there before the agent starts."""

    kind: str
    assignment: int
    attempt: int
    life: str
    right_name: bool


class Mishap(msgspec.Struct, frozen=True):
    """Something that happens to the engine or one of its containers."""

    kind: str
    which: int


founds = st.builds(
    Found,
    st.sampled_from(KINDS),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from(("created", "running", "paused", "exited")),
    st.booleans(),
)
mishaps = st.builds(
    Mishap,
    st.sampled_from(
        ("exit", "kill", "remove", "restart", "break", "down", "create", "start", "stop", "remove_")
    ),
    st.integers(0, 5),
)
intents = st.lists(
    st.sampled_from((Intent.RUN, Intent.RUN, Intent.END, None)), min_size=3, max_size=3
)
ERRORS = {
    "create": EngineRefused("no"),
    "start": PortTaken("port 80 is taken"),
    "stop": EngineTimeout("no answer"),
    "remove_": EngineError("busy"),
}


async def arrange(engine: SimulatedEngine, found: Found, *, number: int) -> None:
    assignment = an_assignment(f"a{found.assignment}", slot=found.assignment)
    labels = labels_for(assignment, found.attempt)
    if found.kind == "other spec":
        labels = labels_for(assignment, found.attempt, spec="other")
    if found.kind == "orphan":
        labels = labels_for(an_assignment("old", slot=found.assignment), found.attempt)
    if found.kind == "other host":
        labels = labels_for(assignment, found.attempt, host="host-2")
    taken = {one.name for one in engine.containers()}
    name = assignment.name
    request = ContainerRequest(
        name=name if found.right_name and name not in taken else f"c{number}",
        hostname="h",
        spec=assignment.spec,
        labels={} if found.kind == "unmanaged" else labels,
    )
    container = await engine.create(request)
    if found.life != "created":
        await engine.start(container)
    if found.life == "paused":
        await engine.pause(container)
    if found.life == "exited":
        engine.exit(container, 1)


async def befall(engine: SimulatedEngine, agent: LonelyAgent, *, mishap: Mishap) -> None:
    ours = [one for one in engine.containers() if one.labels.get("berth.host") == "host-1"]
    target = ContainerId(ours[mishap.which % len(ours)].id) if ours else None
    if mishap.kind in ERRORS:
        engine.plant(mishap.kind.rstrip("_"), ERRORS[mishap.kind], times=mishap.which % 3)
    elif mishap.kind == "down":
        engine.down(containers_die=mishap.which % 2 == 0)
        await agent.quiet()
        engine.up()
        await agent.watch.refresh()
    elif mishap.kind == "break":
        agent.watch.lost()
    elif target is not None:
        await strike(engine, target, kind=mishap.kind)


async def strike(engine: SimulatedEngine, target: ContainerId, *, kind: str) -> None:
    if kind == "remove":
        engine.remove_by_hand(target)
    elif kind == "restart":
        if engine.get_container(target).state == "running":
            await engine.restart(target, grace_s=0)
    else:
        engine.exit(target, 137 if kind == "kill" else 0)


async def rest(agent: LonelyAgent, clock: FakeClock) -> None:
    """Let everything happen that happens within two minutes."""
    await agent.watch.refresh()
    for _ in range(24):
        await agent.quiet()
        await clock.advance(5.0)
    await agent.quiet()


def foreign(containers: Iterable[EngineContainer]) -> list[tuple[str, str, str]]:
    """Return id, name and state of those that are not ours."""
    return sorted(
        (one.id, one.name, one.state)
        for one in containers
        if one.labels.get("berth.host") != "host-1"
    )


def check(engine: SimulatedEngine, wanted: list[AgentAssignment]) -> None:
    ours = [one for one in engine.containers() if one.labels.get("berth.host") == "host-1"]
    strangers = {name for _, name, _ in foreign(engine.containers())}
    running = {one.id: one for one in wanted if one.intent is Intent.RUN}
    for assignment in running.values():
        mine = [one for one in ours if one.labels["berth.assignment"] == assignment.id]
        blocked = assignment.name in strangers
        if not mine:
            assert blocked, f"{assignment.id} has no container"
            continue
        assert len(mine) == 1
        assert mine[0].running
        expected = labels_for(assignment, int(mine[0].labels["berth.attempt"]))
        assert mine[0].labels == expected
    assert {one.labels["berth.assignment"] for one in ours} <= set(running)


async def play(found: list[Found], wished: list[Intent | None], *, happens: list[Mishap]) -> None:
    clock = FakeClock()
    engine = SimulatedEngine("host-1", clock=clock)
    engine.add_image("example/web:1")
    for number, one in enumerate(found):
        await arrange(engine, one, number=number)
    before = foreign(engine.containers())
    wanted = [
        an_assignment(f"a{number}", slot=number, intent=intent)
        for number, intent in enumerate(wished)
        if intent is not None
    ]
    async with LonelyAgent(engine, clock, settings=Settings(backoff_max_s=8.0)) as agent:
        await agent.obey(*wanted)
        for mishap in happens:
            await befall(engine, agent, mishap=mishap)
            await clock.advance(mishap.which / 10)
        await rest(agent, clock)
        check(engine, wanted)
        await check_rest(engine, agent, wanted=wanted, stuck=bool(before))
    if any(one.kind == "down" and one.which % 2 == 0 for one in happens):
        # They died with the engine, which is none of the agent's doing.
        before = [(key, name, _dead(state)) for key, name, state in before]
    assert foreign(engine.containers()) == before


def _dead(state: str) -> str:
    return "exited" if state in ("running", "paused") else state


async def check_rest(
    engine: SimulatedEngine, agent: LonelyAgent, *, wanted: list[AgentAssignment], stuck: bool
) -> None:
    """See that a further step does nothing, unless a foreign name keeps an attempt trying."""
    engine.calls.clear()
    await agent.obey(*wanted)
    await agent.watch.refresh()
    await agent.quiet()
    changes = {"create", "start", "stop", "remove", "rename", "kill", "inspect"}
    assert stuck or not changes & set(engine.calls)


@given(st.lists(founds, max_size=6), intents, st.lists(mishaps, max_size=5))
def test_one_container_runs_for_each_wanted_assignment_and_none_for_others(
    found: list[Found], wished: list[Intent | None], happens: list[Mishap]
) -> None:
    asyncio.run(play(found, wished, happens=happens))
