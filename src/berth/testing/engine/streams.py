"""The streaming calls of the simulated engine, with a few programs that containers can run."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from berth.agent.engine.protocol import ContainerCounters
from berth.domain.errors import EngineConflict, EngineRefused
from berth.domain.ids import ContainerId
from berth.domain.observed import LogChunk, LogQuery
from berth.domain.streams import Exec
from berth.testing.engine.calls import SimulatedCalls
from berth.testing.engine.container import WrittenLine

#: Time between two looks of followers of logs.
_LOOK_S = 0.02

#: Share of a processor that each simulated container keeps busy.
_BUSY = 0.1


class SimulatedStreams(SimulatedCalls):
    """Logs that go on, programs, and counters of a simulated engine."""

    async def follow_logs(
        self, container_id: ContainerId, query: LogQuery
    ) -> AsyncGenerator[LogChunk, None]:
        """Yield output up to now and then as it is written, until the container ends."""
        container = await self._enter_at("follow_logs", container_id)
        run, seen = container.runs, len(container.log)
        for line in select_lines(container.log, query):
            yield render_line(line)
        later = LogQuery(stdout=query.stdout, stderr=query.stderr, until=query.until)
        while True:
            lines, seen = container.log[seen:], len(container.log)
            for line in select_lines(lines, later):
                yield render_line(line)
            if not container.alive or container.runs != run:
                return
            await self._clock.sleep(_LOOK_S)
            self._check_reachable(f"follow the log of container {container_id[:12]}")

    @asynccontextmanager
    async def run_program(self, request: Exec) -> AsyncIterator["SimulatedProgram"]:
        """Start ``cat``, ``echo`` or ``sh -c`` with ``echo``, ``exit`` and ``size``."""
        container = await self._enter_at("run_program", request.container_id)
        if not container.alive:
            raise EngineConflict(
                f"cannot run {request.command[0]} in container {container.id[:12]}: "
                "the engine says: it is not running"
            )
        if request.command[0] not in ("cat", "echo", "sh"):
            raise EngineRefused(
                f"cannot run {request.command[0]}: the engine says: no such program"
            )
        program = SimulatedProgram(request)
        self.programs.append(program)
        try:
            yield program
        finally:
            program.left = True

    async def read_counters(self, container_id: ContainerId) -> ContainerCounters:
        """Return counters that grow with the time of running."""
        container = await self._enter_at("read_counters", container_id)
        if not container.alive or container.started_at is None:
            return ContainerCounters()
        ran_s = self._clock.now() - container.started_at
        return ContainerCounters(
            cpu_s=_BUSY * ran_s, memory_bytes=8 << 20, memory_limit_bytes=self.memory_bytes,
            received_bytes=int(1000 * ran_s), sent_bytes=int(2000 * ran_s),
        )  # fmt: skip


class SimulatedProgram:
    """A program that answers at once, or when its input ends."""

    def __init__(self, request: Exec) -> None:
        self.request = request
        self.size: tuple[int, int] | None = None
        #: Whether the caller has let go of it.
        self.left = False
        self._output: deque[LogChunk] = deque()
        self._changed = asyncio.Event()
        self._code: int | None = None
        if request.command[0] == "echo":
            self._put_output(" ".join(request.command[1:]))
            self._code = 0
        elif request.command[0] == "sh":
            self._run(request.command[-1])

    async def read(self) -> LogChunk | None:
        """Return the next output; none at the end."""
        while not self._output and self._code is None:
            self._changed.clear()
            await self._changed.wait()
        return self._output.popleft() if self._output else None

    async def write(self, data: bytes) -> None:
        """Write input: ``cat`` repeats it, a shell with a terminal runs it."""
        if self._code is not None:
            return
        self._output.append(LogChunk("stdout", data))
        if self.request.tty and b"\x04" in data:
            self._code = 0
        self._changed.set()

    async def end_input(self) -> None:
        """End it."""
        if self._code is None:
            self._code = 0
        self._changed.set()

    async def resize(self, rows: int, columns: int) -> None:
        """Note the size."""
        self.size = rows, columns

    async def read_exit_code(self) -> int | None:
        """Return its exit code."""
        return self._code

    def _run(self, script: str) -> None:
        """Run commands that are separated by semicolons."""
        for command in script.split(";"):
            words = command.split()
            if words[:1] == ["echo"]:
                is_error = words[-1] == ">&2"
                text = " ".join(words[1:-1] if is_error else words[1:])
                self._put_output(text, error=is_error and not self.request.tty)
            elif words[:1] == ["exit"]:
                self._code = int(words[1])
                return
        self._code = 0 if script != "cat" else None

    def _put_output(self, text: str, *, error: bool = False) -> None:
        end = "\r\n" if self.request.tty else "\n"
        self._output.append(LogChunk("stderr" if error else "stdout", f"{text}{end}".encode()))


def select_lines(log: list[WrittenLine], query: LogQuery) -> list[WrittenLine]:
    """Choose as Docker does: the newest lines are counted before streams and times choose."""
    streams = {"stdout": query.stdout, "stderr": query.stderr}
    newest = len(log) if query.tail is None else max(0, query.tail)
    return [
        line
        for line in log[max(0, len(log) - newest) :]
        if streams[line.stream]
        and (query.since is None or line.time >= query.since)
        and (query.until is None or line.time <= query.until)
    ]


def render_line(line: WrittenLine) -> LogChunk:
    """Write a line as logs have it."""
    return LogChunk(line.stream, f"{_render_nanoseconds(line.time)} {line.text}\n".encode())


def _render_nanoseconds(seconds: float) -> str:
    whole = int(seconds)
    day = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day}.{round((seconds - whole) * 1e9):09d}Z"
