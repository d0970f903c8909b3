"""What is used: rates from counters, and an hour in little room."""

from berth.agent.engine.docker.parser import parse_counters
from berth.agent.engine.protocol import ContainerCounters
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.reports.usage import UsageMeter, UsageReader, read_host
from berth.domain.ids import ContainerId
from berth.domain.usage import POINT_S, POINTS_AT_MOST, History, Usage
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine

ID = ContainerId("a" * 64)


class Counted(SimulatedEngine):
    """An engine with the counters that a test sets."""

    counters = ContainerCounters()

    async def read_counters(self, container_id: ContainerId) -> ContainerCounters:
        return self.counters


async def test_rates_follow_from_two_readings() -> None:
    clock = FakeClock()
    engine = Counted(clock=clock)
    meter = UsageMeter(engine, clock)
    assert await meter.read(ID) is None
    await clock.advance(10)
    engine.counters = ContainerCounters(
        cpu_s=15.0, memory_bytes=7, received_bytes=100, written_bytes=50
    )
    usage = await meter.read(ID)
    assert usage == Usage(
        at=clock.now(), cpu_percent=150.0, memory_bytes=7, received_bytes_s=10.0,
        written_bytes_s=5.0,
    )  # fmt: skip


async def test_a_container_that_started_again_counts_from_nothing() -> None:
    clock = FakeClock()
    engine = Counted(clock=clock)
    meter = UsageMeter(engine, clock)
    engine.counters = ContainerCounters(cpu_s=100.0)
    await meter.read(ID)
    await clock.advance(10)
    engine.counters = ContainerCounters(cpu_s=1.0)
    usage = await meter.read(ID)
    assert usage is not None
    assert usage.cpu_percent == 0.0


async def test_the_agent_measures_what_runs() -> None:
    clock = FakeClock()
    engine = Counted(clock=clock)
    reader = UsageReader(engine, EngineLimiter(lambda: 4), clock=clock, running=lambda: [ID])
    await reader.read()
    assert reader.take() is None
    await clock.advance(10)
    await reader.read()
    report = reader.take()
    assert report is not None
    assert list(report.containers) == [ID]
    assert report.host.memory_limit_bytes > 0
    assert reader.take() is None


def test_the_host_counts_grow() -> None:
    first, second = read_host(), read_host()
    assert 0 < first.cpu_s <= second.cpu_s
    assert first.memory_bytes > 0


def test_history_keeps_means_of_one_hour() -> None:
    history = History()
    for number in range(3 * POINTS_AT_MOST + 30):
        at = 1_700_000_010.0 + number * POINT_S / 3
        history.add(Usage(at=at, cpu_percent=float(number % 3), memory_bytes=2e9))
    points = list(history.points())
    assert len(points) == POINTS_AT_MOST
    assert {round(point.cpu_percent, 3) for point in points} == {1.0}
    assert points[-1].at - points[0].at == (POINTS_AT_MOST - 1) * POINT_S
    assert history.last is not None
    assert abs(points[-1].at - history.last.at) < POINT_S
    assert abs(points[-1].memory_bytes - 2e9) < 1000


def test_counters_are_read_from_what_docker_says() -> None:
    body = (
        b'{"cpu_stats":{"cpu_usage":{"total_usage":2500000000}},"memory_stats":{"usage":1000,'
        b'"limit":5000,"stats":{"inactive_file":300}},"networks":{"eth0":{"rx_bytes":1,'
        b'"tx_bytes":2},"eth1":{"rx_bytes":10,"tx_bytes":20}},"blkio_stats":'
        b'{"io_service_bytes_recursive":[{"op":"Read","value":5},{"op":"write","value":6},'
        b'{"op":"Total","value":11},{"op":"read","value":1}]}}'
    )
    assert parse_counters(body) == ContainerCounters(
        cpu_s=2.5, memory_bytes=700, memory_limit_bytes=5000, received_bytes=11, sent_bytes=22,
        read_bytes=6, written_bytes=6,
    )  # fmt: skip
    stopped = (
        b'{"cpu_stats":{},"memory_stats":{},"blkio_stats":{"io_service_bytes_recursive":null}}'
    )
    assert parse_counters(stopped) == ContainerCounters()
