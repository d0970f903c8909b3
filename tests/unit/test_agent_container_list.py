"""The host's containers as the manager shows them."""

import asyncio

import pytest

from berth.agent.limits.limiter import CREATION, EngineLimiter
from berth.agent.reports.containers import DOCUMENT_BYTES, ContainerList
from berth.domain.observed import EngineEvent
from berth.protocol.messages import Inventory
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine


class Bench:
    """A reader on an engine, with a list that comes from it."""

    def __init__(self, frame_bytes: int = 1 << 20) -> None:
        self.clock = FakeClock()
        self.engine = SimulatedEngine(clock=self.clock)
        self.limiter = EngineLimiter(lambda: 4)
        self.reader = ContainerList(
            self.engine,
            self.limiter,
            clock=self.clock,
            refresh=self.refresh,
            frame_bytes=frame_bytes,
        )

    async def refresh(self) -> None:
        self.reader.apply_list(await self.engine.list_containers())

    async def list_and_read(self) -> None:
        await self.refresh()
        await self.read()

    async def read(self) -> None:
        """Let the reader do its pass, the wait for further events included."""
        reading = asyncio.create_task(self.reader.read())
        await self.clock.advance(1)
        await reading

    def take(self) -> Inventory:
        message = self.reader.take()
        assert message is not None
        return message


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_session_begins_with_everything(bench: Bench) -> None:
    bench.engine.run_unmanaged("one")
    await bench.list_and_read()
    bench.reader.begin_session()
    message = bench.take()
    assert (message.full, [one.container.name for one in message.items]) == (True, ["one"])
    assert message.items[0].inspect.startswith(b"{")
    assert bench.reader.take() is None


async def test_an_empty_host_says_so(bench: Bench) -> None:
    bench.reader.begin_session()
    assert bench.take() == Inventory(full=True)


async def test_changes_and_losses_are_told_once(bench: Bench) -> None:
    one = bench.engine.run_unmanaged("one")
    await bench.list_and_read()
    bench.reader.begin_session()
    bench.take()
    bench.engine.exit(one)
    await bench.refresh()
    assert [item.container.state for item in bench.take().items] == ["exited"]
    bench.engine.remove_by_hand(one)
    await bench.refresh()
    assert bench.take().gone == (one,)
    assert bench.reader.take() is None


async def test_the_passing_of_time_is_no_change(bench: Bench) -> None:
    bench.engine.run_unmanaged("one")
    await bench.list_and_read()
    bench.reader.begin_session()
    bench.take()
    await bench.clock.advance(120)
    await bench.refresh()
    assert bench.reader.take() is None


async def test_a_long_list_goes_in_several_frames() -> None:
    bench = Bench(frame_bytes=5000)
    for number in range(9):
        bench.engine.run_unmanaged(f"n{number}")
    await bench.list_and_read()
    bench.reader.begin_session()
    frames = []
    while (message := bench.reader.take()) is not None:
        frames.append(message)
    assert [one.full for one in frames] == [True] + [False] * (len(frames) - 1)
    assert len(frames) > 1
    assert sum(len(one.items) for one in frames) == 9


async def test_nothing_is_read_while_creates_are_under_way(bench: Bench) -> None:
    bench.engine.run_unmanaged("one")
    await bench.refresh()
    async with bench.limiter.hold(CREATION):
        reading = asyncio.create_task(bench.reader.read())
        await bench.clock.advance(60)
        assert bench.engine.calls["inspect"] == 0
    await reading
    assert bench.engine.calls["inspect"] == 1


async def test_an_event_makes_the_list_old(bench: Bench) -> None:
    event = EngineEvent(kind="container", action="start", subject="x" * 64)
    bench.engine.run_unmanaged("one")
    bench.reader.apply_event(EngineEvent(kind="container", action="exec_create: ls", subject="x"))
    await bench.read()
    assert bench.engine.calls["list_containers"] == 0
    bench.reader.apply_event(event)
    await bench.read()
    assert (bench.engine.calls["list_containers"], bench.engine.calls["inspect"]) == (1, 1)


async def test_labels_count_before_their_container_was_inspected() -> None:
    bench = Bench(frame_bytes=5000)
    for number in range(3):
        bench.engine.run_unmanaged(f"n{number}", labels=dict.fromkeys(("one", "two"), "x" * 3000))
    await bench.refresh()
    bench.reader.begin_session()
    assert [len(bench.take().items) for _ in range(3)] == [1, 1, 1]


async def test_a_document_that_fits_into_no_frame_is_left_out(bench: Bench) -> None:
    container_id = bench.engine.run_unmanaged("one")
    await bench.list_and_read()
    bench.reader.inspected(container_id, b"x" * (DOCUMENT_BYTES + 1))
    bench.reader.begin_session()
    assert [item.inspect for item in bench.take().items] == [b""]


async def test_containers_whose_labels_were_left_out_are_sent_once(bench: Bench) -> None:
    labels = {f"l{number}": "x" * 4000 for number in range(100)}
    for number in range(100):
        bench.engine.run_unmanaged(f"n{number}", labels=labels)
    await bench.refresh()
    bench.reader.begin_session()
    sent = [item for message in iter(bench.reader.take, None) for item in message.items]
    assert {len(item.container.labels) for item in sent} == {0, 100}
    await bench.refresh()
    assert bench.reader.take() is None
    for container in [item.container for item in sent][:50]:
        bench.engine.remove_by_hand(container.id)
    await bench.refresh()
    again = bench.take().items
    assert again
    assert all(item.container.labels for item in again), "there is room for them now"
