"""The manager's side without HTTP: a real store, the dispatcher, and an agent in the test's hand."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.liveness import Liveness
from berth.domain.ids import AssignmentId, DeploymentId, HostId, InstanceId, PoolId, ServiceKey
from berth.domain.images import Credentials
from berth.domain.observed import ContainerReport, HostFacts, HostMetrics
from berth.domain.records import Assignment, Host, Pool, Status, Tombstone
from berth.domain.spec import ContainerSpec
from berth.domain.states import Attempt
from berth.protocol import codec
from berth.protocol.messages import (
    PROTOCOL_VERSION,
    Hello,
    Message,
    Report,
)
from berth.store.draft import Draft
from berth.store.store import Store
from berth.testing.clock import FakeClock, settle

M = TypeVar("M")
DEADLINE_S = 5.0


class AgentEnd:
    """The agent's end of a socket; the dispatcher holds the other."""

    def __init__(self) -> None:
        self._to_manager: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._to_agent: asyncio.Queue[bytes] = asyncio.Queue()

    async def receive_bytes(self) -> bytes:
        frame = await self._to_manager.get()
        if frame is None:
            raise EOFError
        return frame

    async def send_bytes(self, data: bytes) -> None:
        self._to_agent.put_nowait(data)

    def say(self, message: Message) -> None:
        """Send a frame to the manager."""
        self.send(codec.encode(message))

    def send(self, frame: bytes) -> None:
        """Send bytes to the manager."""
        self._to_manager.put_nowait(frame)

    def hang_up(self) -> None:
        """Close the connection."""
        self._to_manager.put_nowait(None)

    async def hear(self, kind: type[M]) -> M:
        """Return the next frame of that kind; others before it are dropped."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                message = codec.decode_from_manager(await self._to_agent.get())
                if isinstance(message, kind):
                    return message


class ManagerSide:
    """A store with pool ``default`` and a dispatcher, on a clock that the test moves."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        #: Logins by image.
        self.logins: dict[str, Credentials] = {}
        self.dispatcher = Dispatcher(
            store, clock=clock, find_login=self.logins.get, reveal=str, sign=str
        )
        self.liveness = Liveness(store, self.dispatcher, clock=clock)
        self._served: dict[AgentEnd, asyncio.Task[str]] = {}

    @classmethod
    async def open(cls, folder: Path) -> "ManagerSide":
        clock = FakeClock()
        store = await Store.open(
            f"sqlite:///{folder / 'berth.db'}",
            clock=clock,
            new_instance_id=lambda: "instance",
            lock_path=None,
        )
        await store.run(lambda d: d.pools.put(Pool(id=PoolId("default"), name="default")))
        return cls(store, clock)

    def restart(self) -> None:
        """Forget what no store keeps, as a manager that starts again does."""
        self.dispatcher = Dispatcher(
            self.store, clock=self.clock, find_login=self.logins.get, reveal=str, sign=str
        )
        self.liveness = Liveness(self.store, self.dispatcher, clock=self.clock)

    async def close(self) -> None:
        await self.dispatcher.close()
        for task in self._served.values():
            task.cancel()
        await asyncio.gather(*self._served.values(), return_exceptions=True)
        await self.store.close()

    async def add_host(self, name: str = "h1") -> Host:
        host = Host(
            id=HostId(name),
            name=name,
            pool_id=PoolId("default"),
            engine_id=f"engine-{name}",
            credential_hash="",
            created_at=0.0,
        )
        await self.store.run(lambda draft: draft.hosts.put(host))
        return host

    async def assign(self, assignment_id: str, host: Host, **members: object) -> Assignment:
        values: dict[str, object] = {
            "id": AssignmentId(assignment_id),
            "deployment_id": DeploymentId("shop"),
            "service": ServiceKey("web"),
            "slot": 0,
            "host_id": host.id,
            "spec": ContainerSpec(image="example/web:1"),
            "spec_hash": "hash",
            "created_at": self.clock.now(),
        }
        assignment = Assignment(**(values | members))  # type: ignore[arg-type]

        def command(draft: Draft) -> None:
            draft.assignments.put(assignment)

        await self.store.run(command)
        return assignment

    def connect(self, host: Host, hello: Message | None = None, *, address: str = "") -> AgentEnd:
        """Connect an agent that said hello."""
        agent = AgentEnd()
        serving = self.dispatcher.serve(agent, host, address=address)
        self._served[agent] = asyncio.create_task(serving)
        agent.say(hello or a_hello(host))
        return agent

    def is_served(self, agent: AgentEnd) -> bool:
        """Whether the session of an agent goes on."""
        return not self._served[agent].done()

    async def end_of(self, agent: AgentEnd) -> str:
        """Wait for the end of a session; return why it was refused, "" when it was not."""
        async with asyncio.timeout(DEADLINE_S):
            return await self._served.pop(agent)

    async def statuses(self, key: str) -> list[Status]:
        """Write the events that wait, and give the statuses of a key."""
        flushing = asyncio.create_task(self.dispatcher.observer.flush_events())
        await settle()
        await self.clock.advance(1)
        await flushing
        return [each for each in self.store.memory.statuses.values() if each.event.key == key]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110  # any condition, so nothing to set an event
                await asyncio.sleep(0.001)


def a_hello(host: Host | Tombstone) -> Hello:
    return Hello(
        protocol=PROTOCOL_VERSION,
        instance_id=InstanceId("instance"),
        host_id=host.id,
        agent_epoch=1,
        facts=HostFacts(hostname=host.name, engine_id=host.engine_id, address="10.0.0.5"),
        metrics=HostMetrics(),
        obeyed_epoch=0,
        obeyed_revision=0,
    )


def a_report(
    assignment_id: str, state: Attempt, *, sequence: int = 1, attempt: int = 1, **more: object
) -> Report:
    """Build a report that is not full, about one assignment."""
    container = ContainerReport(
        assignment_id=AssignmentId(assignment_id),
        attempt=attempt,
        state=state,
        agent_epoch=1,
        sequence=sequence,
        container_id="c" * 64,
        name="0.web.shop",
        **more,  # type: ignore[arg-type]
    )
    return Report(full=False, sequence=sequence, containers=(container,))


def a_full_report(*, held: bool = False) -> Report:
    """Build a report of a host that holds nothing."""
    return Report(full=True, sequence=0, containers=(), held=held)
