"""Output as it is written: of one container, or merged over a deployment."""

import asyncio
import heapq
import itertools
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from berth.api.http.sse import render_message, render_problem_message
from berth.api.services import Services
from berth.api.streams.log_lines import (
    LineAssembler,
    LogLine,
    LogRange,
    LogSource,
    render_line_message,
)
from berth.domain.deployment_view import container_rows
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import ContainerId, DeploymentId, HostId
from berth.domain.records import Deployment
from berth.domain.streams import FollowLogs
from berth.runtime.loop import Wakeup
from berth.store.feed import Change

log = logging.getLogger(__name__)

#: At most this many containers are read at once.
READS_AT_ONCE = 16

#: Newest lines of a deployment where no number is asked for, and the most that can be.
LINES, LINES_AT_MOST = 1_000, 10_000

#: Lines that wait for one caller; beyond them containers are not read further.
LINES_WAITING = 1_000

#: Longest time between two searches for containers, besides those that the feed brings about.
LOOK_S = 5.0

END = render_message(b"{}", event="end")


async def follow_container(
    services: Services, source: LogSource, *, wanted: LogRange
) -> AsyncGenerator[bytes, None]:
    """Yield the messages of one container's lines until it ends."""
    try:
        async with aclosing(_lines_of(services, source, wanted=wanted)) as lines:
            async for line in lines:
                yield render_line_message(line, wanted)
    except (HostAway, CallFailed) as failure:
        yield render_problem_message(failure.message, code=failure.code)
        return
    yield END


class Merged(msgspec.Struct):
    """Output of several containers by time."""

    lines: list[LogLine]
    #: Sentences about containers that could not be asked.
    unavailable: list[str]
    #: Time of the newest line of each container.
    last: dict[str, str]


async def read_deployment(
    services: Services, deployment: Deployment, *, wanted: LogRange
) -> Merged:
    """Return the newest lines of a deployment by time."""
    most = min(LINES if wanted.tail is None else wanted.tail, LINES_AT_MOST)
    # At least the last line, since a follower goes on after it.
    query = msgspec.structs.replace(wanted, tail=max(most, 1)).query()
    merged, newest = Merged([], [], {}), _Newest(most)
    places = asyncio.Semaphore(READS_AT_ONCE)

    async def read(source: LogSource) -> None:
        async with places:
            try:
                logs = await services.agents.read_logs(
                    HostId(source.host_id), ContainerId(source.container_id), query=query
                )
            except (HostAway, CallFailed) as failure:
                merged.unavailable.append(f"{source.container_name}: {failure.message}")
                return
            lines = [line for line in source.all_lines(logs) if line.time > wanted.known]
            if lines:
                merged.last[source.container_id] = lines[-1].time
            newest.add(lines)

    await asyncio.gather(*(read(source) for source in find_sources(services, deployment)))
    merged.lines = newest.lines()
    merged.unavailable.sort()
    return merged


class _Newest:
    """The newest lines of many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[str, int, LogLine]] = []
        self._count = itertools.count()

    def add(self, lines: list[LogLine]) -> None:
        """Take lines in; those that are too old go."""
        for line in lines[-self._most :] if self._most else ():
            keep = heapq.heappush if len(self._heap) < self._most else heapq.heappushpop
            keep(self._heap, (line.time, next(self._count), line))

    def lines(self) -> list[LogLine]:
        """Return what is kept, by time."""
        return [line for _, _, line in sorted(self._heap)]


class DeploymentFollower:
    """Follows all containers of a deployment, those that come later, too."""

    def __init__(self, services: Services, deployment: Deployment, *, wanted: LogRange) -> None:
        self._services = services
        self._deployment_id = DeploymentId(deployment.id)
        self._wanted = wanted
        #: None means that the deployment is gone.
        self._lines: asyncio.Queue[LogLine | None] = asyncio.Queue(LINES_WAITING)
        self._over = False
        self._wakeup = Wakeup()
        #: Time of the last line that was sent of each container.
        self._sent_until: dict[str, str] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}

    async def messages(self) -> AsyncGenerator[bytes, None]:
        """Yield the messages until the deployment is gone: first what there is, by time."""
        deployment = self._services.store.memory.deployments.get(self._deployment_id)
        if deployment is None:
            return
        found = await read_deployment(self._services, deployment, wanted=self._wanted)
        self._sent_until = found.last
        unlisten = self._services.store.feed.listen(self._hear)
        looking = asyncio.create_task(self._follow_containers(), name="follow a deployment")
        try:
            yield self._render(found.lines)
            while not self._over:
                yield self._render(await self._take())
            yield END
        finally:
            unlisten()
            tasks = [looking, *self._readers.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _render(self, lines: list[LogLine]) -> bytes:
        return b"".join(render_line_message(line, self._wanted) for line in lines)

    async def _take(self) -> list[LogLine]:
        """Wait for lines and return all that there are by time."""
        waiting = [await self._lines.get()]
        waiting += [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        self._over = None in waiting
        return sorted((line for line in waiting if line is not None), key=lambda line: line.time)

    def _hear(self, changes: list[Change]) -> None:
        if any(change.table in ("reports", "deployments", "host_status") for change in changes):
            self._wakeup.set()

    async def _follow_containers(self) -> None:
        """Follow each container that there is, until the deployment is gone."""
        while True:
            self._wakeup.clear()
            deployment = self._services.store.memory.deployments.get(self._deployment_id)
            if deployment is None:
                await self._lines.put(None)
                return
            sources = {each.container_id: each for each in find_sources(self._services, deployment)}
            for source in sources.values():
                if source.container_id not in self._readers:
                    self._begin(source)
            self._sent_until = {
                key: time for key, time in self._sent_until.items() if key in sources
            }
            await self._wakeup.wait(LOOK_S)

    def _begin(self, source: LogSource) -> None:
        task = asyncio.create_task(self._read(source), name="follow a container")
        self._readers[source.container_id] = task
        task.add_done_callback(lambda _: self._readers.pop(source.container_id, None))

    async def _read(self, source: LogSource) -> None:
        """Queue a container's lines; when it ends or its host goes, it is tried again later."""
        known = self._sent_until.get(source.container_id, "")
        try:
            wanted = LogRange(since=self._wanted.since, known=max(known, self._wanted.known))
            async with aclosing(_lines_of(self._services, source, wanted=wanted)) as lines:
                async for line in lines:
                    await self._lines.put(line)
                    self._sent_until[source.container_id] = line.time
        except (HostAway, CallFailed) as failure:
            log.debug("the output of %s is not followed: %s", source.container_name, failure)
        # One that has ended stays listed for a while.
        await asyncio.sleep(LOOK_S)


async def _lines_of(
    services: Services, source: LogSource, *, wanted: LogRange
) -> AsyncGenerator[LogLine, None]:
    """Yield the lines of a container that come after what is known. Raises HostAway, CallFailed."""
    request = FollowLogs(ContainerId(source.container_id), wanted.query())
    assembler = LineAssembler(source)
    async with services.agents.open_stream(HostId(source.host_id), request) as stream:
        while (piece := await stream.receive()) is not None:
            for line in assembler.feed(piece.name, piece.data):
                if line.time > wanted.known:
                    yield line
    for line in assembler.finish():
        if line.time > wanted.known:
            yield line


def find_sources(services: Services, deployment: Deployment) -> Sequence[LogSource]:
    """Return the containers of a deployment that there are."""
    return [
        LogSource(
            container_id=row.container_id,
            host_id=row.host_id,
            container_name=row.container_name,
            service_id=row.service,
            service_slot=row.slot,
            hostname=row.hostname,
        )
        for row in container_rows(services.store.memory.fleet, deployment)
        if row.container_id
    ]
