"""Streams between manager and agent: both ends, joined without a connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from berth.agent.containers.labels import Owner
from berth.agent.engine.protocol import ContainerRequest
from berth.agent.link.stream_server import StreamServer
from berth.agent.local.context import AgentContext, LiveSettings
from berth.agent.reports.facts import HostFactsReader
from berth.dispatcher.streams import OpenedStream, OpenStreams
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import ContainerId, HostId, InstanceId
from berth.domain.observed import LogQuery
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec
from berth.domain.streams import Exec, FollowLogs, FollowStats, Piece, StreamRequest
from berth.domain.usage import Usage
from berth.protocol.codec import decode_from_agent, decode_from_manager, encode
from berth.protocol.messages import CallDone, CallPart, Cancel, Message
from berth.protocol.streams import WINDOW_BYTES, Input, OpenStream, Taken
from berth.runtime.clock import SystemClock
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine

DEADLINE_S = 10.0


class Pair:
    """A manager's and an agent's end of one session."""

    def __init__(self, engine: SimulatedEngine, clock: FakeClock | SystemClock) -> None:
        owner = Owner(InstanceId("i"), HostId("h"))
        shared = AgentContext(
            engine=engine,
            owner=owner,
            host=HostFactsReader(clock),
            clock=clock,
            live=LiveSettings(Settings()),
            epoch=1,
        )
        self.engine = engine
        self.under_way = 0
        self.agent = StreamServer(shared, send=self._to_manager)
        self.manager = OpenStreams(self._to_agent, host_name="h1")

    def _to_agent(self, message: Message) -> None:
        got = decode_from_manager(encode(message))
        if isinstance(got, Cancel):
            self.agent.cancel(got.id)
        else:
            assert isinstance(got, OpenStream | Input | Taken)
            self.agent.take(got)

    def _to_manager(self, message: Message) -> None:
        got = decode_from_agent(encode(message))
        if isinstance(got, CallPart):
            self.under_way += len(got.data)
            self.manager.take_part(got)
        elif isinstance(got, CallDone):
            self.manager.take_done(got)
        elif isinstance(got, Taken):
            self.manager.take_credit(got)

    async def run(self) -> ContainerId:
        """Run a container."""
        await self.engine.pull("busybox:1")
        spec = ContainerSpec(image="busybox:1")
        request = ContainerRequest(name="box", hostname="box", spec=spec, labels={})
        container_id = await self.engine.create(request)
        await self.engine.start(container_id)
        return container_id

    @asynccontextmanager
    async def open(self, request: StreamRequest) -> AsyncIterator[OpenedStream]:
        """Open a stream."""
        async with asyncio.timeout(DEADLINE_S), self.manager.open_stream(request) as stream:
            yield stream


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    """Both ends, on the machine's clock."""
    clock = SystemClock()
    made = Pair(SimulatedEngine(clock=clock), clock)
    yield made
    await made.agent.close()


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what shall come true."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await settle()


async def read_all(stream: OpenedStream) -> dict[str, bytes]:
    """Read to the end, and join what came by name."""
    found: dict[str, bytes] = {}
    while (piece := await stream.receive()) is not None:
        found[piece.name] = found.get(piece.name, b"") + piece.data
    return found


async def test_a_program_says_both_streams_and_its_exit_code(pair: Pair) -> None:
    request = Exec(
        container_id=await pair.run(), command=("sh", "-c", "echo out; echo err >&2; exit 3")
    )
    async with pair.open(request) as stream:
        assert await read_all(stream) == {"stdout": b"out\n", "stderr": b"err\n", "exit": b"3"}


async def test_a_program_gets_input_and_its_end(pair: Pair) -> None:
    async with pair.open(Exec(container_id=await pair.run(), command=("cat",))) as stream:
        await stream.send(Piece("stdin", b"hello"))
        assert await stream.receive() == Piece("stdout", b"hello")
        await stream.send(Piece("resize", b"24 80"))
        await stream.send(Piece("eof"))
        assert await read_all(stream) == {"exit": b"0"}
    assert pair.engine.programs[0].size == (24, 80)


async def test_leaving_a_stream_ends_its_program(pair: Pair) -> None:
    async with pair.open(Exec(container_id=await pair.run(), command=("cat",))) as stream:
        await stream.send(Piece("stdin", b"x"))
        await stream.receive()
    await wait_until(lambda: pair.engine.programs[0].left)


async def test_a_refusal_of_the_engine_ends_the_stream_with_its_reason(pair: Pair) -> None:
    gone = Exec(container_id=ContainerId("f" * 64), command=("cat",))
    async with pair.open(gone) as stream:
        with pytest.raises(CallFailed) as caught:
            await stream.receive()
    assert caught.value.code == "not_found"


async def test_the_log_goes_on_until_the_container_ends(pair: Pair) -> None:
    container_id = await pair.run()
    pair.engine.write_output(container_id, "old")
    async with pair.open(FollowLogs(container_id, LogQuery())) as stream:
        first = await stream.receive()
        assert first is not None
        assert first.data.endswith(b" old\n")
        pair.engine.write_output(container_id, "new", stream="stderr")
        second = await stream.receive()
        assert second is not None
        assert (second.name, second.data[-5:]) == ("stderr", b" new\n")
        pair.engine.exit(container_id)
        assert await stream.receive() is None


async def test_who_does_not_read_is_sent_no_more_than_a_window(pair: Pair) -> None:
    container_id = await pair.run()
    for _ in range(40):
        pair.engine.write_output(container_id, "x" * 20_000)
    pair.engine.exit(container_id)
    async with pair.open(FollowLogs(container_id, LogQuery())) as stream:
        await wait_until(lambda: pair.under_way > 0)
        await settle()
        assert pair.under_way < WINDOW_BYTES + 40_000
        assert len((await read_all(stream))["stdout"]) > 800_000


async def test_what_is_used_is_measured_at_intervals() -> None:
    clock = FakeClock()
    pair = Pair(SimulatedEngine(clock=clock), clock)
    async with pair.open(FollowStats(await pair.run(), 2.0)) as stream:
        await clock.advance(5.0)
        piece = await stream.receive()
        assert piece is not None
        usage = msgspec.json.decode(piece.data, type=Usage)
        assert (usage.cpu_percent, usage.received_bytes_s) == (10.0, 1000.0)
        assert usage.memory_bytes == 8 << 20
    await pair.agent.close()


async def test_the_end_of_the_session_ends_its_streams(pair: Pair) -> None:
    async with pair.open(FollowLogs(await pair.run(), LogQuery())) as stream:
        pair.manager.fail_all()
        with pytest.raises(HostAway):
            await stream.receive()
    with pytest.raises(HostAway):
        async with pair.open(FollowLogs(ContainerId("x"), LogQuery())):
            pass
