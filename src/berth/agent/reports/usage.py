"""What the containers and the host use, measured seldom and one after the other."""

import logging
from collections.abc import Callable, Iterable

import psutil

from berth.agent.engine.protocol import ContainerCounters, StreamEngine
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.source import Notify, no_session
from berth.domain.errors import EngineError, EngineTimeout, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.domain.usage import INTERVAL_S, Usage
from berth.protocol.streams import UsageReport
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)


class UsageMeter:
    """Turns counters into rates; the first reading of each only begins its measurement."""

    def __init__(self, engine: StreamEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._last: dict[ContainerId | None, tuple[float, ContainerCounters]] = {}

    async def read(self, container_id: ContainerId | None) -> Usage | None:
        """Measure a container, or the host; none at first. Raises EngineError."""
        if container_id is None:
            counters = read_host()
        else:
            counters = await self._engine.read_counters(container_id)
        return self._measure(container_id, counters)

    def keep_only(self, container_ids: Iterable[ContainerId]) -> None:
        """Forget containers that are gone."""
        kept = {None, *container_ids}
        for gone in [each for each in self._last if each not in kept]:
            del self._last[gone]

    def _measure(self, key: ContainerId | None, counters: ContainerCounters) -> Usage | None:
        now = self._clock.monotonic()
        before = self._last.get(key)
        self._last[key] = now, counters
        if before is None or now <= before[0]:
            return None
        passed_s, old = now - before[0], before[1]

        def rate(newer: float, older: float) -> float:
            # A container that started again counts from 0.
            return round(max(0.0, newer - older) / passed_s, 3)

        return Usage(
            at=self._clock.now(),
            cpu_percent=round(100 * rate(counters.cpu_s, old.cpu_s), 2),
            memory_bytes=counters.memory_bytes,
            memory_limit_bytes=counters.memory_limit_bytes,
            received_bytes_s=rate(counters.received_bytes, old.received_bytes),
            sent_bytes_s=rate(counters.sent_bytes, old.sent_bytes),
            read_bytes_s=rate(counters.read_bytes, old.read_bytes),
            written_bytes_s=rate(counters.written_bytes, old.written_bytes),
        )


class UsageReader:
    """Measures the host and what runs on it at intervals, for the manager."""

    def __init__(
        self,
        engine: StreamEngine,
        limiter: EngineLimiter,
        *,
        clock: Clock,
        running: Callable[[], list[ContainerId]],
    ) -> None:
        """``running`` returns the containers that run."""
        self._meter = UsageMeter(engine, clock)
        self._limiter = limiter
        self._clock = clock
        self._ready: UsageReport | None = None
        self._running = running
        self._notify: Notify = no_session

    async def run(self) -> None:
        """Measure for ever."""
        await run_loop(
            "usage", self.read, wakeup=Wakeup(), resync_s=lambda: INTERVAL_S, clock=self._clock
        )

    async def read(self) -> str:
        """Measure once, as long as nobody waits for the engine."""
        running = self._running()
        self._meter.keep_only(running)
        host = await self._meter.read(None)
        containers: dict[ContainerId, Usage] = {}
        for container_id in running:
            await self._limiter.wait_quiet()
            try:
                usage = await self._meter.read(container_id)
            except (EngineUnreachable, EngineTimeout):
                break
            except EngineError as exc:
                log.debug("the use of container %s is not known: %s", container_id[:12], exc)
                continue
            if usage is not None:
                containers[container_id] = usage
        if host is not None:
            self._ready = UsageReport(host=host, containers=containers)
            self._notify(True)
        return ""

    def begin_session(self, notify: Notify = no_session) -> None:
        """Send what is measured from now on."""
        self._notify = notify

    def end_session(self) -> None:
        """Keep the newest measurement for the next session."""
        self._notify = no_session

    def take(self) -> UsageReport | None:
        """Return the newest measurement once; one that nobody took is replaced by the next."""
        ready, self._ready = self._ready, None
        return ready


def read_host() -> ContainerCounters:
    """Read what the host counts; does not block."""
    times, memory = psutil.cpu_times(), psutil.virtual_memory()
    network, disk = psutil.net_io_counters(), psutil.disk_io_counters()
    idle_s = times.idle + getattr(times, "iowait", 0.0)
    # Time of guests is in that of their users already.
    guests_s = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return ContainerCounters(
        cpu_s=sum(times) - idle_s - guests_s,
        memory_bytes=memory.used,
        memory_limit_bytes=memory.total,
        received_bytes=network.bytes_recv if network else 0,
        sent_bytes=network.bytes_sent if network else 0,
        read_bytes=disk.read_bytes if disk else 0,
        written_bytes=disk.write_bytes if disk else 0,
    )
