"""The streaming calls of an engine behind the Docker Engine API."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiodocker
import msgspec
from aiodocker.execs import Exec as DockerExec
from aiodocker.stream import Stream as HijackedStream

from berth.agent.engine.docker.errors import LIBRARY_ERRORS
from berth.agent.engine.docker.http import (
    EngineHttp,
    EngineRequest,
    container_path,
    container_title,
)
from berth.agent.engine.docker.logs import LogCutter, render_query
from berth.agent.engine.docker.parser import parse_counters
from berth.agent.engine.protocol import ContainerCounters
from berth.domain.errors import EngineError
from berth.domain.ids import ContainerId
from berth.domain.observed import LogChunk, LogQuery
from berth.domain.streams import Exec

#: What a terminal sends for an interrupt and the end of input: most programs end.
_LEAVE = b"\x03\x04"

#: Time between two queries for the exit code of a program whose output ended, and how many.
_EXIT_WAIT_S = 0.05
_EXIT_TRIES = 40


class _Created(msgspec.Struct):
    id: str = msgspec.field(name="Id")


class _State(msgspec.Struct):
    running: bool = msgspec.field(name="Running", default=False)
    exit_code: int | None = msgspec.field(name="ExitCode", default=None)


class DockerStreams:
    """The streaming calls of a ``DockerEngine``."""

    def __init__(self, connection: EngineHttp) -> None:
        self._connection = connection

    async def follow_logs(
        self, container_id: ContainerId, query: LogQuery
    ) -> AsyncGenerator[LogChunk, None]:
        """Yield output up to now and then as it is written; an early end needs ``aclosing``."""
        what = f"follow the log of {container_title(container_id)}"
        values = render_query(query) | {"follow": "1"}
        call = EngineRequest("GET", f"{container_path(container_id)}/logs", what, query=values)
        cutter = LogCutter(what)
        async with self._connection.stream(call) as response:
            try:
                async for piece in response.content.iter_any():
                    for chunk in cutter.feed(piece):
                        yield chunk
            except LIBRARY_ERRORS as error:
                raise self._connection.explain(error, call) from error
        for chunk in cutter.finish():
            yield chunk

    @asynccontextmanager
    async def run_program(self, request: Exec) -> AsyncIterator["DockerProgram"]:
        """Start a program; leaving ends its input."""
        what = f"run {request.command[0]} in {container_title(request.container_id)}"
        call = EngineRequest(
            "POST", f"{container_path(request.container_id)}/exec", what, body=_render(request)
        )
        created = (await self._connection.send(call)).body
        try:
            exec_id = msgspec.json.decode(created, type=_Created).id
        except LIBRARY_ERRORS as error:
            raise self._connection.explain(error, call) from error
        program = DockerProgram(self._connection, exec_id, request=request)
        await program.start(call)
        try:
            yield program
        finally:
            await program.leave()

    async def read_counters(self, container_id: ContainerId) -> ContainerCounters:
        """Return what a container has used; all 0 when it does not run."""
        call = EngineRequest(
            "GET",
            f"{container_path(container_id)}/stats",
            f"read the use of {container_title(container_id)}",
            query={"stream": "0", "one-shot": "1"},
        )
        answer = await self._connection.send(call)
        try:
            return parse_counters(answer.body)
        except LIBRARY_ERRORS as error:
            raise self._connection.explain(error, call) from error


class DockerProgram:
    """A program over a connection that carries its input and output."""

    def __init__(self, connection: EngineHttp, exec_id: str, *, request: Exec) -> None:
        self._connection = connection
        self._exec_id = exec_id
        self._request = request
        self._call = EngineRequest(
            "POST", "", f"talk to a program in {container_title(request.container_id)}"
        )
        self._stream: HijackedStream | None = None

    async def start(self, call: EngineRequest) -> None:
        """Begin it, and take its connection over."""
        docker = self._connection.library()
        stream = DockerExec(docker, self._exec_id, tty=self._request.tty).start()
        try:
            async with asyncio.timeout(self._connection.change_s):
                await stream.__aenter__()
        except (*LIBRARY_ERRORS, aiodocker.DockerError) as error:
            with suppress(*LIBRARY_ERRORS, AssertionError):
                await stream.close()
            raise self._connection.explain(error, call) from error
        self._stream = stream

    async def read(self) -> LogChunk | None:
        """Return the next output; none at the end."""
        assert self._stream is not None
        try:
            message = await self._stream.read_out()
        except LIBRARY_ERRORS as error:
            raise self._connection.explain(error, self._call) from error
        if message is None:
            return None
        return LogChunk("stderr" if message.stream == 2 else "stdout", bytes(message.data))

    async def write(self, data: bytes) -> None:
        """Write input; what comes after its end is dropped."""
        assert self._stream is not None
        with suppress(*LIBRARY_ERRORS, RuntimeError, AssertionError):
            await self._stream.write_in(data)

    async def end_input(self) -> None:
        """Close the connection's way to the program alone."""
        if self._request.tty:
            await self.write(_LEAVE[1:])
            return
        answer = self._stream._resp if self._stream else None
        transport = answer.connection.transport if answer and answer.connection else None
        if transport is not None and transport.can_write_eof():
            transport.write_eof()

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of its terminal; too late is no failure."""
        size = {"h": str(rows), "w": str(columns)}
        call = self._call._replace(path=f"exec/{self._exec_id}/resize", query=size)
        with suppress(EngineError):
            await self._connection.send(call)

    async def read_exit_code(self) -> int | None:
        """Return its exit code; the engine knows it a moment after the output has ended."""
        call = self._call._replace(method="GET", path=f"exec/{self._exec_id}/json")
        for _ in range(_EXIT_TRIES):
            answer = await self._connection.send(call)
            try:
                state = msgspec.json.decode(answer.body, type=_State)
            except LIBRARY_ERRORS as error:
                raise self._connection.explain(error, call) from error
            if not state.running:
                return state.exit_code
            await asyncio.sleep(_EXIT_WAIT_S)
        return None

    async def leave(self) -> None:
        """End its input and let go of the connection."""
        if self._stream is None:
            return
        if self._request.tty:
            await self.write(_LEAVE)
        with suppress(*LIBRARY_ERRORS, RuntimeError, AssertionError):
            await self._stream.close()


def _render(request: Exec) -> bytes:
    return msgspec.json.encode(
        {
            "Cmd": request.command,
            "AttachStdin": True,
            "AttachStdout": True,
            "AttachStderr": True,
            "Tty": request.tty,
            "User": request.user,
            "WorkingDir": request.workdir,
            "Env": request.env,
        }
    )
