"""Sessions over a link in memory: how they begin, overflow and are tried again."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
import pytest

from berth.agent.gateway.key_copy import KeyCopy
from berth.agent.limits.limiter import CREATION
from berth.agent.link.connector import REFUSED_S, RETRY_S, SessionConnector
from berth.agent.link.orders import Orders
from berth.agent.link.session import QUEUE_AT_MOST, AgentSession
from berth.agent.link.transport import Dialer, Link, NoConnection, Refused
from berth.agent.local.desired import Desired, Obeyed
from berth.domain.errors import ProtocolError
from berth.domain.ids import ContainerId, InstanceId
from berth.domain.observed import LogQuery
from berth.domain.settings import Settings
from berth.protocol.codec import decode_from_agent, encode
from berth.protocol.messages import (
    AssignmentSet,
    Call,
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    LogsRequest,
    Message,
    Resync,
    SettingsChange,
    Welcome,
)
from berth.testing.builders_agent import OWNER, LonelyAgent
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine

M = TypeVar("M")

WELCOME = Welcome(
    protocol=1,
    instance_id=OWNER.instance_id,
    epoch=1,
    settings=Settings(),
    host_name="host-1",
    pool_id="default",
)

A_SET = AssignmentSet(epoch=1, revision=1, assignments=())
OF_ANOTHER = msgspec.structs.replace(WELCOME, instance_id=InstanceId("another"))
HALF_A_SET = AssignmentSet(epoch=1, revision=1, last=False, assignments=())


class MemoryLink:
    """A manager that says what the test says, and may stop reading."""

    def __init__(self, *said: Message) -> None:
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self.heard = 0
        for message in said:
            self.said.put_nowait(message)

    async def send(self, frame: bytes) -> None:
        await self.reads.wait()
        self.heard += 1

    async def receive(self) -> bytes:
        return encode(await self.said.get())

    async def close(self) -> None:
        return None


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def agent(clock: FakeClock) -> AsyncIterator[LonelyAgent]:
    async with LonelyAgent(SimulatedEngine(clock=clock), clock) as agent:
        yield agent


def orders_of(agent: LonelyAgent) -> Orders:
    desired = Desired(Obeyed(instance_id=OWNER.instance_id))
    return Orders(agent.shared, agent.supervisor, desired=desired, keys=KeyCopy())


def a_connector(agent: LonelyAgent, dial: Dialer) -> SessionConnector:
    return SessionConnector(
        dial, agent.shared, supervisor=agent.supervisor, orders=orders_of(agent)
    )


async def serve(agent: LonelyAgent, link: MemoryLink, *, orders: Orders | None = None) -> None:
    orders = orders or orders_of(agent)
    async with asyncio.timeout(5.0):
        session = AgentSession(link, agent.shared, supervisor=agent.supervisor, orders=orders)
        await session.run(lambda welcome: None)


async def test_a_manager_that_does_not_begin_with_a_welcome_is_left(agent: LonelyAgent) -> None:
    with pytest.raises(ProtocolError, match="HeartbeatAnswer"):
        await serve(agent, MemoryLink(HeartbeatAnswer()))


async def test_a_manager_that_does_not_read_is_left_when_too_much_waits(
    agent: LonelyAgent,
) -> None:
    link = MemoryLink(WELCOME)
    serving = asyncio.create_task(serve(agent, link))
    await settle()
    link.reads.clear()
    request = LogsRequest(ContainerId("nobody"), LogQuery())
    for number in range(QUEUE_AT_MOST + 2):
        link.said.put_nowait(Call(id=number, deadline_s=5.0, request=request))
    await settle(3000)
    link.reads.set()
    with pytest.raises(NoConnection, match="messages wait"):
        await serving


async def test_more_places_are_there_as_soon_as_the_setting_says_so(agent: LonelyAgent) -> None:
    orders = orders_of(agent)
    async with agent.shared.limiter.hold(CREATION):
        few = msgspec.structs.replace(Settings(), engine_concurrency=1)
        orders.take(SettingsChange(settings=few, host_name="h", pool_id="p"))
        waiting = asyncio.create_task(_take_a_place(agent))
        await settle()
        assert not waiting.done()
        orders.take(SettingsChange(settings=Settings(), host_name="h", pool_id="p"))
        await waiting


class BreakingLink(MemoryLink):
    """A manager that is gone after what it said."""

    breaks = True

    async def receive(self) -> bytes:
        if self.breaks and self.said.empty():
            raise NoConnection("what the manager sent cannot be read")
        return await super().receive()


class HeardLink(BreakingLink):
    """Keeps what the agent said."""

    def __init__(self, *said: Message) -> None:
        super().__init__(*said)
        self.frames: list[bytes] = []

    async def send(self, frame: bytes) -> None:
        self.frames.append(frame)

    def all(self, kind: type[M]) -> list[M]:
        messages = [decode_from_agent(frame) for frame in self.frames]
        return [each for each in messages if isinstance(each, kind)]


@pytest.mark.parametrize(
    ("last_said", "longest_s"),
    [(A_SET, RETRY_S[0]), (WELCOME, RETRY_S[1]), (HALF_A_SET, RETRY_S[1])],
    ids=["obeyed", "no set", "half a set"],
)
async def test_only_a_set_that_was_obeyed_ends_the_trouble(
    agent: LonelyAgent, clock: FakeClock, caplog: pytest.LogCaptureFixture,
    last_said: Message, longest_s: float,
) -> None:  # fmt: skip
    tries: list[float] = []

    async def dial() -> Link:
        tries.append(clock.monotonic())
        return BreakingLink(WELCOME, last_said)

    running = asyncio.create_task(a_connector(agent, dial).run())
    await clock.advance(20)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert longest_s / 2 <= min(waits[-3:]) <= max(waits) <= longest_s
    assert (caplog.text.count("tried again") == 1) == (last_said != A_SET)


@pytest.mark.parametrize(
    ("welcome", "said", "told"),
    [(WELCOME, A_SET, [True]), (WELCOME, HALF_A_SET, []), (OF_ANOTHER, A_SET, [True])],
    ids=["obeyed", "half", "held"],
)
async def test_a_set_that_came_is_told_at_once(
    agent: LonelyAgent, welcome: Message, said: Message, told: list[bool]
) -> None:
    link = HeardLink(welcome, said)
    link.breaks = False
    serving = asyncio.create_task(serve(agent, link))
    await settle()
    assert [each.has_set for each in link.all(Heartbeat)] == told
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_hello_says_why_the_last_session_ended(
    agent: LonelyAgent, clock: FakeClock
) -> None:
    links: list[HeardLink] = []

    async def dial() -> Link:
        links.append(HeardLink(WELCOME))
        return links[-1]

    running = asyncio.create_task(a_connector(agent, dial).run())
    await clock.advance(5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    hellos = [link.all(Hello)[0] for link in links]
    assert [each.trouble for each in hellos[:2]] == ["", "what the manager sent cannot be read"]


async def test_half_a_set_is_let_go_when_its_session_ends(agent: LonelyAgent) -> None:
    orders = orders_of(agent)
    with pytest.raises(NoConnection):
        await serve(agent, BreakingLink(WELCOME, HALF_A_SET), orders=orders)
    rest = msgspec.structs.replace(HALF_A_SET, first=False, last=True)
    assert orders.take(rest) == Resync(reason="a part of a set does not follow the part before")


async def _take_a_place(agent: LonelyAgent) -> None:
    async with agent.shared.limiter.hold(CREATION):
        pass


@pytest.mark.parametrize(
    ("failure", "longest_s"), [(NoConnection("away"), RETRY_S[1]), (Refused("gone"), REFUSED_S)]
)
async def test_waits_between_tries_grow_to_a_longest(
    agent: LonelyAgent, clock: FakeClock, failure: Exception, longest_s: float
) -> None:
    tries: list[float] = []

    async def dial() -> Link:
        tries.append(clock.monotonic())
        raise failure

    running = asyncio.create_task(a_connector(agent, dial).run())
    await clock.advance(600)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert max(waits[:2]) <= 0.4
    assert longest_s / 2 <= min(waits[-3:]) <= max(waits) <= longest_s
