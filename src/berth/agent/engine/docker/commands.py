"""Commands inside containers behind the Docker Engine API."""

import asyncio

import msgspec

from berth.agent.engine.docker.errors import LIBRARY_ERRORS
from berth.agent.engine.docker.http import (
    EngineHttp,
    EngineRequest,
    container_path,
    container_title,
)
from berth.agent.engine.protocol import OUTPUT_BYTES, CommandResult
from berth.domain.errors import EngineNotFound, EngineRefused
from berth.domain.ids import ContainerId

#: Commands that outlived their deadline and are remembered; the oldest are forgotten first.
LATE_AT_MOST = 1000

#: Exit code of a command that cannot be started, as shells have it.
_NOT_STARTED = 126

#: Length of the header before each frame of output: stream, three zeros, size.
_HEADER = 8


class _Made(msgspec.Struct):
    id: str = msgspec.field(name="Id")


class _Exec(msgspec.Struct, rename="pascal"):
    running: bool = False
    exit_code: int | None = None


class DockerCommands:
    """The command calls of a ``DockerEngine``."""

    def __init__(self, connection: EngineHttp) -> None:
        self._connection = connection
        #: Ids of commands that had not ended when their deadline came.
        self._late: dict[tuple[ContainerId, tuple[str, ...]], str] = {}

    async def execute(
        self, container_id: ContainerId, command: tuple[str, ...], *, deadline_s: float
    ) -> CommandResult:
        """Run a command inside a running container and wait for its end."""
        running = _Running(self._connection, container_id, command=command, deadline_s=deadline_s)
        key = (container_id, command)
        late = self._late.pop(key, "")
        if late and await running.goes_on(late):
            self._late[key] = late
            return CommandResult(None, "its last run has not ended yet")
        try:
            exec_id = await running.make()
            try:
                async with asyncio.timeout(deadline_s):
                    await running.follow(exec_id)
            except TimeoutError:
                self._remember(key, exec_id)
                return CommandResult(None, running.output.text())
            return CommandResult(await running.read_exit(exec_id), running.output.text())
        except EngineRefused as error:
            return CommandResult(_NOT_STARTED, str(error))

    def _remember(self, key: tuple[ContainerId, tuple[str, ...]], exec_id: str) -> None:
        self._late[key] = exec_id
        if len(self._late) > LATE_AT_MOST:
            del self._late[next(iter(self._late))]


class _Running:
    """The requests around one command."""

    def __init__(
        self,
        connection: EngineHttp,
        container_id: ContainerId,
        *,
        command: tuple[str, ...],
        deadline_s: float,
    ) -> None:
        self._connection = connection
        self._path = f"{container_path(container_id)}/exec"
        self._command = command
        self._what = f"run {command[0]} in {container_title(container_id)}"
        self._deadline_s = deadline_s
        self.output = _Tail()

    async def make(self) -> str:
        body = {"Cmd": list(self._command), "AttachStdout": True, "AttachStderr": True}
        answer = await self._connection.send(self._call("POST", self._path, body=body))
        return msgspec.json.decode(answer.body, type=_Made).id

    async def follow(self, exec_id: str) -> None:
        """Start it and read its output to the end."""
        body = {"Detach": False, "Tty": False}
        call = self._call("POST", f"exec/{exec_id}/start", body=body)
        async with self._connection.stream(call) as response:
            try:
                async for piece in response.content.iter_any():
                    self.output.add(piece)
            except LIBRARY_ERRORS as error:
                raise self._connection.explain(error, call) from error

    async def goes_on(self, exec_id: str) -> bool:
        try:
            return (await self._inspect(exec_id)).running
        except EngineNotFound:
            return False

    async def read_exit(self, exec_id: str) -> int:
        state = await self._inspect(exec_id)
        return _NOT_STARTED if state.exit_code is None else state.exit_code

    async def _inspect(self, exec_id: str) -> _Exec:
        answer = await self._connection.send(self._call("GET", f"exec/{exec_id}/json"))
        return msgspec.json.decode(answer.body, type=_Exec)

    def _call(self, method: str, path: str, *, body: object = None) -> EngineRequest:
        content = None if body is None else msgspec.json.encode(body)
        return EngineRequest(method, path, self._what, deadline_s=self._deadline_s, body=content)


class _Tail:
    """The end of the output of both streams, without the frames' headers."""

    def __init__(self) -> None:
        self._input = bytearray()
        self._kept = bytearray()

    def add(self, piece: bytes) -> None:
        """Take more in; what is old goes."""
        self._input += piece
        while len(self._input) >= _HEADER:
            size = int.from_bytes(self._input[4:_HEADER], "big")
            if len(self._input) < _HEADER + size:
                break
            self._kept += self._input[_HEADER : _HEADER + size]
            del self._input[: _HEADER + size]
        del self._kept[:-OUTPUT_BYTES]

    def text(self) -> str:
        """Return what is kept."""
        return self._kept.decode("utf-8", "replace")
