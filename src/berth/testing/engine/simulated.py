"""The simulated engine: the Engine protocol over the model, with time, failures and hands."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from berth.agent.engine.base import ContainerRequest, PullProgress
from berth.domain.errors import (
    EngineConflict,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    PullFailed,
)
from berth.domain.ids import ContainerId
from berth.domain.images import Credentials, is_image_id
from berth.domain.observed import EngineContainer, EngineEvent, EngineInfo, LogChunk, LogQuery
from berth.runtime.clock import Clock, SystemClock
from berth.testing.engine.container import LogLine, SimulatedContainer
from berth.testing.engine.document import render_document
from berth.testing.engine.events import Subscription
from berth.testing.engine.hands import EngineHands
from berth.testing.engine.registry import SimulatedRegistry

_READS = frozenset({"info", "list_containers", "inspect", "find_image", "events", "logs"})
#: Signals that end a process unless it ignores them.
_ENDING = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "TERM": 15}
_HARMLESS = frozenset({"USR1", "USR2", "WINCH", "CONT", "CHLD"})


class SimulatedEngine(EngineHands):
    """An ``Engine`` in memory; without latencies a call takes one turn of the event loop."""

    def __init__(
        self,
        name: str = "engine",
        *,
        clock: Clock | None = None,
        registry: SimulatedRegistry | None = None,
        latencies: Mapping[str, float] | None = None,
    ) -> None:
        """Take seconds per method name as ``latencies``; an own registry has every image.

        The clock gives the times in lists and documents, and waits for latencies, stop graces and
        the deadlines of calls to a frozen engine.
        """
        self._clock = clock or SystemClock()
        super().__init__(name, clock=self._clock, registry=registry or SimulatedRegistry())
        self.latencies = dict(latencies or {})

    async def info(self) -> EngineInfo:
        """Tell about the engine."""
        await self._enter("info", "ask the engine about itself")
        return EngineInfo(
            id=f"SIM:{self.name}",
            name="Docker",
            version="20.10.24",
            api_version="1.41",
            os="Simulated",
            kernel="6.1.0",
            cpus=self.cpus,
            memory_bytes=self.memory_bytes,
            images=len(self._model.images),
            running=sum(c.alive for c in self._model.containers.values()),
        )

    async def list_containers(self) -> list[EngineContainer]:
        """List all containers, newest first."""
        await self._enter("list_containers", "list the containers")
        return self._model.list_containers()

    async def inspect(self, container_id: ContainerId) -> bytes:
        """Give a document like Docker's."""
        what = f"inspect container {container_id[:12]}"
        await self._enter("inspect", what)
        return render_document(self._model.get(container_id, what))

    async def create(self, request: ContainerRequest) -> ContainerId:
        """Create a container without starting it."""
        await self._enter("create", f"create container '{request.name}'")
        return self._model.create(request).id

    async def start(self, container_id: ContainerId) -> None:
        """Start it; a running one stays as it is."""
        container = await self._enter_at("start", container_id)
        self._model.start(container)

    async def stop(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Ask it to end, kill it after ``grace_s``; a stopped one stays as it is."""
        container = await self._enter_at("stop", container_id)
        await self._stop(container, grace_s)

    async def kill(self, container_id: ContainerId, *, signal: str = "SIGKILL") -> None:
        """Send a signal to its main process."""
        container = await self._enter_at("kill", container_id)
        short = container.id[:12]
        name = signal.upper().removeprefix("SIG")
        if name not in _ENDING and name not in _HARMLESS:
            raise EngineRefused(f"cannot kill container {short}: invalid signal {signal}")
        if not container.alive:
            raise EngineConflict(
                f"cannot kill container {short}: the engine says: it is not running"
            )
        self._model.tell(container, "kill", signal=str(_ENDING.get(name, 0)))
        if name == "KILL" or (name in _ENDING and not container.behaviour.ignores_stop):
            self._model.end(container, 128 + _ENDING[name])

    async def restart(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Stop and start it; keeps the id."""
        container = await self._enter_at("restart", container_id)
        await self._stop(container, grace_s)
        self._model.start(container)
        self._model.tell(container, "restart")

    async def pause(self, container_id: ContainerId) -> None:
        """Freeze it."""
        self._model.pause(await self._enter_at("pause", container_id))

    async def unpause(self, container_id: ContainerId) -> None:
        """Thaw it."""
        self._model.unpause(await self._enter_at("unpause", container_id))

    async def rename(self, container_id: ContainerId, name: str) -> None:
        """Give it another name; bearing it already is a success."""
        self._model.rename(await self._enter_at("rename", container_id), name)

    async def remove(self, container_id: ContainerId, *, force: bool = False) -> None:
        """Remove it; one that is gone already is a success."""
        try:
            container = await self._enter_at("remove", container_id)
        except EngineNotFound:
            return
        self._model.remove(container, force=force)

    async def pull(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: Callable[[PullProgress], None] | None = None,
        deadline_s: float = 1800.0,
    ) -> str:
        """Bring the image from the registry and give its id."""
        what = f"pull image {image}"
        self.pulls.append(image)
        tell = progress or (lambda step: None)
        await self._enter("pull", what, deadline_s=deadline_s)
        if is_image_id(image):
            raise PullFailed(f"cannot {what}: that is the id of an image, not a name to pull")
        tell(PullProgress(f"pulling {image}: 0 of 1 layers"))
        took_s = self.latencies.get("pull", 0.0)
        await self._pass_time(min(took_s, deadline_s) / 2)
        self._check_reachable(what)
        made = self.registry.get_image(image, credentials)
        tell(PullProgress(f"pulling {image}: 0 of 1 layers", 50))
        await self._pass_time(min(took_s, deadline_s) / 2)
        self._check_reachable(what)
        if took_s > deadline_s:
            raise EngineTimeout(f"cannot {what}: no answer within {deadline_s:g} s")
        tell(PullProgress(f"pulling {image}: 1 of 1 layers", 100))
        self._model.add_image(image, made)
        self._model.tell_image(image, "pull")
        return made.id

    async def find_image(self, image: str) -> str | None:
        """Give the id of an image that this engine has, else None."""
        await self._enter("find_image", f"look for image {image}")
        found = self._model.find_image(image)
        return found.id if found else None

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[EngineEvent]]:
        """Follow container and image events from the moment of entering."""
        await self._enter("events", "follow the engine's events")
        subscription = Subscription()
        self._model.subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._model.subscriptions.discard(subscription)

    async def logs(
        self, container_id: ContainerId, query: LogQuery
    ) -> AsyncGenerator[LogChunk, None]:
        """Give the output of a container up to now."""
        container = await self._enter_at("logs", container_id)
        for line in _select_lines(container.log, query):
            text = f"{_say_nanoseconds(line.time)} {line.text}\n"
            yield LogChunk(line.stream, text.encode())

    async def close(self) -> None:
        """Release nothing; the containers stay."""

    async def _enter(self, operation: str, what: str, *, deadline_s: float | None = None) -> None:
        self.calls[operation] += 1
        if not self._answers.is_set():
            usual_s = self.read_s if operation in _READS else self.change_s
            await self._wait_for_thaw(usual_s if deadline_s is None else deadline_s, what)
        # A pull passes its time bit by bit.
        await self._pass_time(0.0 if operation == "pull" else self.latencies.get(operation, 0.0))
        self._check_reachable(what)
        if planted := self._planted.get(operation):
            raise planted.pop(0)

    async def _enter_at(self, operation: str, container_id: ContainerId) -> SimulatedContainer:
        what = f"{operation} container {container_id[:12]}"
        await self._enter(operation, what)
        return self._model.get(container_id, what)

    def _check_reachable(self, what: str) -> None:
        if self._is_down:
            raise EngineUnreachable(
                f"cannot {what}: the engine {self.name} does not answer (Connection refused)"
            )

    async def _pass_time(self, seconds: float) -> None:
        await (self._clock.sleep(seconds) if seconds > 0 else asyncio.sleep(0))

    async def _wait_for_thaw(self, deadline_s: float, what: str) -> None:
        waits = [
            asyncio.ensure_future(self._answers.wait()),
            asyncio.ensure_future(self._clock.sleep(deadline_s)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        if not self._answers.is_set():
            raise EngineTimeout(
                f"cannot {what}: the engine {self.name} gave no answer within {deadline_s:g} s"
            )

    async def _stop(self, container: SimulatedContainer, grace_s: float) -> None:
        if not container.alive:
            return
        run = container.runs
        kills = container.request.spec.stop_signal.upper() in ("SIGKILL", "KILL", "9")
        self._model.tell(container, "kill", signal="9" if kills else "15")
        if container.behaviour.ignores_stop and not kills:
            await self._pass_time(grace_s)
            # Somebody may have ended, removed or restarted it meanwhile.
            if not container.alive or container.runs != run:
                return
            self._model.tell(container, "kill", signal="9")
            kills = True
        self._model.end(container, 137 if kills else 143)
        self._model.tell(container, "stop")


def _select_lines(log: list[LogLine], query: LogQuery) -> list[LogLine]:
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


def _say_nanoseconds(seconds: float) -> str:
    whole = int(seconds)
    day = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day}.{round((seconds - whole) * 1e9):09d}Z"
