"""Builders for an agent's side: what its manager sends, what it sees, its local half."""

import asyncio

from berth.agent.containers.labels import Owner, labels_of, seal_labels
from berth.agent.containers.observed_container import ContainerState, ObservedContainer
from berth.agent.engine.protocol import Engine
from berth.agent.local.context import AgentContext, LiveSettings
from berth.agent.local.engine_watch import EngineWatch
from berth.agent.local.supervisor import Supervisor
from berth.agent.reports.facts import HostFactsReader
from berth.domain.ids import (
    AssignmentId,
    ContainerId,
    DeploymentId,
    HostId,
    InstanceId,
    ServiceKey,
)
from berth.domain.labels import LABEL_PREFIX
from berth.domain.observed import ContainerReport
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec, PortSpec, hash_spec
from berth.domain.states import Intent
from berth.protocol.messages import AgentAssignment
from berth.runtime.clock import Clock
from berth.testing.clock import settle

#: The host whose agent is under test.
OWNER = Owner(InstanceId("instance-1"), HostId("host-1"))


def an_assignment(
    assignment_id: str = "a1",
    *,
    slot: int = 0,
    intent: Intent = Intent.RUN,
    floor: int = 0,
    ports: tuple[PortSpec, ...] = (),
    **spec: object,
) -> AgentAssignment:
    """Build an assignment of a slot of deployment ``shop``; ``spec`` goes to its spec."""
    members = {"image": "example/web:1", "ports": ports, **spec}
    container = ContainerSpec(**members)  # type: ignore[arg-type]
    return AgentAssignment(
        id=AssignmentId(assignment_id),
        deployment_id=DeploymentId("shop"),
        service=ServiceKey("web"),
        slot=slot,
        name=f"{slot}.web.shop",
        spec=container,
        spec_hash=hash_spec(container),
        intent=intent,
        attempt_floor=floor,
    )


def labels_for(assignment: AgentAssignment, attempt: int = 1, **changed: str) -> dict[str, str]:
    """Return the labels of an attempt of the assignment on the tests' host."""
    labels = seal_labels(labels_of(assignment, OWNER, attempt=attempt))
    return labels | {LABEL_PREFIX + name: value for name, value in changed.items()}


def a_seen(
    assignment: AgentAssignment,
    life: ContainerState = ContainerState.RUNNING,
    *,
    attempt: int = 1,
    container_id: str = "",
    **members: object,
) -> ObservedContainer:
    """Build a container of the assignment as the agent saw it."""
    values: dict[str, object] = {
        "id": ContainerId(container_id or f"c{attempt}"),
        "name": assignment.name,
        "assignment_id": assignment.id,
        "attempt": attempt,
        "spec_hash": assignment.spec_hash,
        "life": life,
        "labels": labels_for(assignment, attempt),
        "exit_code": 0 if life is ContainerState.ENDED else None,
    }
    return ObservedContainer(**(values | members))  # type: ignore[arg-type]


class LonelyAgent:
    """The half of an agent that works without a manager, on an engine and a clock of the test."""

    def __init__(
        self, engine: Engine, clock: Clock, *, settings: Settings | None = None, epoch: int = 1
    ) -> None:
        live = LiveSettings(settings or Settings())
        self.engine = engine
        self.clock = clock
        self.host = HostFactsReader(clock, address="10.0.0.1")
        self.shared = AgentContext(
            engine=engine, owner=OWNER, host=self.host, clock=clock, live=live, epoch=epoch
        )
        self.supervisor = Supervisor(self.shared)
        self.watch = EngineWatch(self.shared, self.supervisor)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "LonelyAgent":
        loops = (self.watch.run(), self.shared.prober.run(), self.shared.networks.run())
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        await self.quiet()
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.supervisor.close()

    async def obey(self, *assignments: AgentAssignment) -> None:
        """Take a full set and let everything happen that needs no time."""
        self.supervisor.apply_set(assignments)
        await self.quiet()

    async def quiet(self) -> None:
        """Let everything happen that needs no time."""
        await settle(100)

    def report(self, assignment_id: str = "a1") -> ContainerReport | None:
        """Return the latest report of an assignment."""
        return self.shared.reporter.latest(AssignmentId(assignment_id))
