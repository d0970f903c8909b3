"""A whole instance in one process: the manager's parts, and agents on simulated engines.

Only HTTP is missing: links between agents and dispatcher are pairs of queues, which a test may cut.
"""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from berth.agent.app import Agent
from berth.agent.data_directory import DataDirectory, Identity
from berth.agent.link.transport import NoConnection
from berth.agent.reports.facts import HostFactsReader
from berth.domain.deployment_view import ContainerRow, container_rows, current_state
from berth.domain.ids import DeploymentId, HostId, InstanceId, PoolId
from berth.domain.image_calls import FindLogin
from berth.domain.images import Credentials
from berth.domain.records import Deployment, Host, Pool
from berth.domain.settings import Settings
from berth.domain.states import HostState
from berth.manager_loops import ManagerLoops
from berth.protocol.messages import MAX_FRAME_BYTES
from berth.runtime.clock import SystemClock
from berth.store.draft import Draft
from berth.store.store import Store
from berth.testing.engine import SimulatedEngine, SimulatedRegistry
from event_words import assert_whole

#: Everything quicker than in earnest, so that a test takes seconds.
SETTINGS = Settings(
    host_ttl_s=1.0,
    backoff_first_s=0.05,
    backoff_max_s=0.4,
    backoff_reset_s=0.5,
    stop_grace_s=0.2,
    rollout_monitor_s=0.5,
    resync_s=1.0,
    engine_resync_s=1.0,
)
DEADLINE_S = 20.0


class Wire:
    """What lies between a host and the manager; cut, it swallows frames without a word."""

    def __init__(self) -> None:
        self.cut = False
        #: A larger frame of the manager gets lost, with all that follow on its connection.
        self.longest = MAX_FRAME_BYTES


class ManagerEnd:
    """The manager's end of a link."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._stuck = False
        self.incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def receive_bytes(self) -> bytes:
        frame = await self.incoming.get()
        if frame is None:
            raise EOFError
        return frame

    async def send_bytes(self, data: bytes) -> None:
        self._stuck = self._stuck or len(data) > self.wire.longest
        if not self.wire.cut and not self._stuck:
            self.outgoing.put_nowait(data)


class AgentLink:
    """The agent's end of a link."""

    def __init__(self, end: ManagerEnd) -> None:
        self._end = end

    async def send(self, frame: bytes) -> None:
        if not self._end.wire.cut:
            self._end.incoming.put_nowait(frame)

    async def receive(self) -> bytes:
        frame = await self._end.outgoing.get()
        if frame is None:
            raise NoConnection("the manager ended the session")
        if len(frame) > MAX_FRAME_BYTES:
            raise NoConnection(f"the manager sent a frame of {len(frame)} bytes")
        return frame

    async def close(self) -> None:
        self._end.incoming.put_nowait(None)


class SimulatedHost:
    """One host: an agent on a simulated engine."""

    def __init__(self, fleet: "SimulatedFleet", host: Host, *, folder: Path) -> None:
        self._fleet = fleet
        self.host = host
        self.folder = folder
        self.wire = Wire()
        self.engine = SimulatedEngine(host.name, registry=fleet.registry)
        self._directory: DataDirectory | None = None
        #: Sessions that its agent began.
        self.sessions = 0
        #: The agent that runs.
        self.agent: Agent | None = None
        self._task: asyncio.Task[None] | None = None

    def start_agent(self) -> None:
        """Start the agent on what its data directory holds."""
        self._directory = DataDirectory(self.folder)
        self._directory.open()
        identity = Identity(
            instance_id=self._fleet.store.memory.instance.id,
            host_id=self.host.id,
            name=self.host.name,
            credential="",
        )
        clock = SystemClock()
        source = HostFactsReader(clock, address="10.0.0.5", public_address="", engine_id="")
        self.agent = Agent(
            self._directory,
            identity,
            engine=self.engine,
            host=source,
            clock=clock,
            epoch=self._directory.count_start(time.time()),
        )
        self._task = asyncio.create_task(self.agent.run(self._dial))

    async def stop_agent(self) -> None:
        """End the agent; its containers stay."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._directory is not None:
            self._directory.close()

    async def _dial(self) -> AgentLink:
        if self.wire.cut or self._fleet.manager is None:
            raise NoConnection("the manager cannot be reached")
        end = ManagerEnd(self.wire)
        self.sessions += 1
        self._fleet.manager.serve(end, self.host.id)
        return AgentLink(end)

    def running(self) -> list[str]:
        """Names of managed containers that run."""
        return [
            c.name for c in self.engine.containers() if c.running and "berth.assignment" in c.labels
        ]


class SimulatedManager:
    """The manager's loops on one store; sessions come over links instead of HTTP."""

    def __init__(self, store: Store, *, find_login: FindLogin) -> None:
        self._store = store
        self._loops = ManagerLoops(
            store, clock=SystemClock(), reveal=str, sign=str, find_login=find_login, sweep_s=1.0
        )
        self.dispatcher = self._loops.dispatcher
        self._work = self._loops.start()
        self._sessions: list[asyncio.Task[None]] = []

    def serve(self, end: ManagerEnd, host_id: HostId) -> None:
        memory = self._store.memory
        host = memory.hosts.get(host_id)
        tombstone = memory.tombstones.get(host_id)

        async def hold() -> None:
            try:
                if host is not None:
                    await self.dispatcher.serve(end, host)
                elif tombstone is not None:
                    await self.dispatcher.dismiss(end, tombstone)
            finally:
                end.outgoing.put_nowait(None)

        self._sessions.append(asyncio.create_task(hold()))

    async def close(self) -> None:
        await self.dispatcher.close()
        await self._loops.close()
        work = [*self._work, *self._sessions]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


class SimulatedFleet:
    """Store, manager and hosts."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.registry = SimulatedRegistry()
        #: The manager's logins by image.
        self.logins: dict[str, Credentials] = {}
        self.manager: SimulatedManager | None = None
        self.hosts: dict[str, SimulatedHost] = {}

    @classmethod
    async def up(cls, folder: Path, *, hosts: int) -> "SimulatedFleet":
        """Start a manager and hosts h1, h2 ... and wait until they are active."""
        fleet = cls(folder, await _open(folder))

        def seed(draft: Draft) -> None:
            draft.pools.put(Pool(id=PoolId("default"), name="default"))
            draft.settings = SETTINGS

        await fleet.store.run(seed)
        fleet.manager = SimulatedManager(fleet.store, find_login=fleet.logins.get)
        for number in range(1, hosts + 1):
            await fleet.add_host(f"h{number}")
        await fleet.until(lambda: all(fleet.state(h) is HostState.ACTIVE for h in fleet.hosts))
        return fleet

    async def down(self) -> None:
        for host in self.hosts.values():
            await host.stop_agent()
        await self.stop_manager()
        assert_whole(self.store.memory)
        await self.store.close()

    async def stop_manager(self) -> None:
        """End the manager; the store stays open, agents lose their sessions."""
        if self.manager is not None:
            manager, self.manager = self.manager, None
            await manager.close()

    async def restart_manager(self) -> None:
        """Start another manager on the same data."""
        await self.stop_manager()
        await self.store.close()
        self.store = await _open(self.folder)
        self.manager = SimulatedManager(self.store, find_login=self.logins.get)

    async def restore(self, data: Path) -> None:
        """Start another manager on data that was put aside."""
        await self.stop_manager()
        await self.store.close()
        _replace_files(self.folder, data)
        self.store = await _open(self.folder)
        self.manager = SimulatedManager(self.store, find_login=self.logins.get)

    async def kill_manager(self) -> None:
        """Start another manager on what is on the disk when all connections break off."""
        await self.stop_manager()
        left = self.folder / "left"
        left.mkdir(exist_ok=True)
        _replace_files(left, self.folder)
        await self.restore(left)

    async def add_host(self, name: str) -> SimulatedHost:
        host = Host(
            id=HostId(name),
            name=name,
            pool_id=PoolId("default"),
            engine_id=f"SIM:{name}",
            credential_hash="",
            created_at=0.0,
        )
        await self.store.run(lambda draft: draft.hosts.put(host))
        simulated = SimulatedHost(self, host, folder=self.folder / name)
        self.hosts[name] = simulated
        simulated.start_agent()
        return simulated

    async def put(self, deployment: Deployment) -> None:
        """Make or change a deployment."""
        await self.store.run(lambda draft: draft.deployments.put(deployment))

    async def change(self, deployment_id: str, **members: object) -> None:
        old = self.store.memory.deployments.get(deployment_id)
        assert old is not None
        await self.put(msgspec.structs.replace(old, **members))

    def state(self, host: str) -> HostState:
        return self.store.fleet.status_of(HostId(host)).state

    def rows(self, deployment_id: str) -> list[ContainerRow]:
        deployment = self.store.memory.deployments.get(deployment_id)
        assert deployment is not None
        return container_rows(self.store.fleet, deployment)

    def settled(self, deployment_id: str) -> bool:
        """Whether the manager says that all is as wanted."""
        deployment = self.store.memory.deployments.get(DeploymentId(deployment_id))
        assert deployment is not None
        return current_state(self.store.fleet, deployment) == deployment.desired_state

    def running(self) -> Counter[str]:
        """Managed containers that really run, by name, over all engines."""
        return Counter(name for host in self.hosts.values() for name in host.running())

    async def until(self, condition: Callable[[], bool], *, what: str = "") -> None:
        """Wait until the condition holds."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not condition():  # noqa: ASYNC110  # any condition, so nothing sets an event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"this did not come: {what or condition}") from None


def _replace_files(target: Path, source: Path) -> None:
    for path in target.glob("berth.db*"):
        path.unlink()
    for path in source.glob("berth.db*"):
        shutil.copy(path, target / path.name)


async def _open(folder: Path) -> Store:
    return await Store.open(
        f"sqlite:///{folder / 'berth.db'}",
        clock=SystemClock(),
        new_instance_id=lambda: InstanceId("instance"),
        lock_path=None,
    )
