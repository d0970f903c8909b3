"""The simulated engine: the Engine protocol over the model, with time, failures and hands."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from berth.agent.engine.protocol import PING_S, ContainerRequest
from berth.domain.engine_api import find_missing
from berth.domain.errors import (
    EngineConflict,
    EngineNotFound,
    EngineRefused,
)
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, EngineInfo, LogChunk, LogQuery
from berth.testing.engine.commands import SimulatedCommands
from berth.testing.engine.container import SimulatedContainer
from berth.testing.engine.document import render_document
from berth.testing.engine.events import Subscription
from berth.testing.engine.images import SimulatedImages
from berth.testing.engine.networks import SimulatedNetworks
from berth.testing.engine.streams import SimulatedStreams, render_line, select_lines
from berth.testing.engine.volumes import SimulatedVolumes

#: Signals that end a process unless it ignores them.
_ENDING = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "TERM": 15}
_API = (1, 41)
_HARMLESS = frozenset({"USR1", "USR2", "WINCH", "CONT", "CHLD"})


class SimulatedEngine(
    SimulatedImages, SimulatedCommands, SimulatedNetworks, SimulatedVolumes, SimulatedStreams
):
    """An ``Engine`` in memory; without latencies a call takes one turn of the event loop."""

    async def ping(self) -> None:
        """Answer, as a sign of life."""
        deadline_s = min(PING_S, self.read_s)
        await self._enter("ping", "ask the engine for a sign of life", deadline_s=deadline_s)

    async def info(self) -> EngineInfo:
        """Return what the engine is."""
        await self._enter("info", "ask the engine about itself")
        return EngineInfo(
            id=f"SIM:{self.name}",
            name="Docker",
            version="20.10.24",
            api_version="{}.{}".format(*_API),
            os="Simulated",
            kernel="6.1.0",
            cpus=self.cpus,
            memory_bytes=self.memory_bytes,
            images=len(self._model.images),
            running=sum(c.alive for c in self._model.containers.values()),
            bridge_address=self.bridge_address,
        )

    async def list_containers(self) -> list[EngineContainer]:
        """List all containers, newest first."""
        await self._enter("list_containers", "list the containers")
        return self._model.list_containers()

    async def inspect(self, container_id: ContainerId) -> bytes:
        """Return a document like Docker's."""
        what = f"inspect container {container_id[:12]}"
        await self._enter("inspect", what)
        return render_document(self._model.get(container_id, what))

    async def create(self, request: ContainerRequest) -> ContainerId:
        """Create a container without starting it."""
        await self._enter("create", f"create container '{request.name}'")
        if missing := find_missing(request.spec, _API):
            raise EngineRefused(missing)
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
        self._model.send_event(container, "kill", signal=str(_ENDING.get(name, 0)))
        if name == "KILL" or (name in _ENDING and not container.behaviour.ignores_stop):
            self._model.end(container, 128 + _ENDING[name])

    async def restart(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Stop and start it; keeps the id."""
        container = await self._enter_at("restart", container_id)
        await self._stop(container, grace_s)
        self._model.start(container)
        self._model.send_event(container, "restart")

    async def pause(self, container_id: ContainerId) -> None:
        """Freeze it."""
        self._model.pause(await self._enter_at("pause", container_id))

    async def unpause(self, container_id: ContainerId) -> None:
        """Thaw it."""
        self._model.unpause(await self._enter_at("unpause", container_id))

    async def rename(self, container_id: ContainerId, name: str) -> None:
        """Rename it; bearing the name already is a success."""
        self._model.rename(await self._enter_at("rename", container_id), name)

    async def remove(self, container_id: ContainerId, *, force: bool = False) -> None:
        """Remove it; one that is gone already is a success."""
        try:
            container = await self._enter_at("remove", container_id)
        except EngineNotFound:
            return
        if container.id in self._jammed:
            raise EngineConflict(
                f"cannot remove container {container.id[:12]}: the engine says: device or "
                "resource busy"
            )
        self._model.remove(container, force=force)

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
        """Yield the output of a container up to now."""
        container = await self._enter_at("logs", container_id)
        for line in select_lines(container.log, query):
            yield render_line(line)

    async def close(self) -> None:
        """Release nothing; the containers stay."""

    async def _stop(self, container: SimulatedContainer, grace_s: float) -> None:
        if not container.alive:
            return
        run = container.runs
        kills = container.request.spec.stop_signal.upper() in ("SIGKILL", "KILL", "9")
        self._model.send_event(container, "kill", signal="9" if kills else "15")
        if container.behaviour.ignores_stop and not kills:
            await self._pass_time(grace_s)
            # Somebody may have ended, removed or restarted it meanwhile.
            if not container.alive or container.runs != run:
                return
            self._model.send_event(container, "kill", signal="9")
            kills = True
        self._model.end(container, 137 if kills else 143)
        self._model.send_event(container, "stop")
