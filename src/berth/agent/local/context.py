"""What the workers of an agent share."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from berth.agent.containers.container_view import ContainerView
from berth.agent.containers.labels import Owner
from berth.agent.containers.stuck_containers import StuckContainers
from berth.agent.engine.protocol import Engine
from berth.agent.engine.pulse import EnginePulse
from berth.agent.health.prober import Prober
from berth.agent.limits.limiter import EngineLimiter
from berth.agent.limits.networks import Networks
from berth.agent.limits.pulls import Pulls
from berth.agent.limits.registry_logins import RegistryLogins
from berth.agent.local.attempt import Moment
from berth.agent.local.former_hosts import FormerHosts
from berth.agent.local.reporter import Reporter
from berth.agent.local.step import Neighbours
from berth.agent.reports.containers import ContainerList
from berth.agent.reports.disks import Disks
from berth.agent.reports.facts import HostFactsReader
from berth.agent.reports.images import ImageList
from berth.agent.reports.usage import UsageReader
from berth.agent.reports.volumes import VolumeList
from berth.domain.ids import AssignmentId
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec
from berth.protocol.messages import AgentAssignment
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup


class LiveSettings:
    """Settings in force: replaced as a whole when an operator changes one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def get(self) -> Settings:
        """Return the settings of this moment."""
        return self.settings


class AgentContext:
    """The engine, what is known of it, and what rations it."""

    def __init__(
        self,
        *,
        engine: Engine,
        owner: Owner,
        host: HostFactsReader,
        clock: Clock,
        live: LiveSettings,
        epoch: int,
    ):
        self.engine = engine
        self.owner = owner
        self.host = host
        self.clock = clock
        self.live = live
        self.epoch = epoch
        self.pulse = EnginePulse(engine, clock)
        self.view = ContainerView(owner)
        self.stuck = StuckContainers(self.view, clock=clock, settings=live.get)
        self.limiter = EngineLimiter(lambda: live.settings.engine_concurrency)
        self.logins = RegistryLogins()
        self.pulls = Pulls(engine, clock, settings=live.get, find_login=self.logins.ask)
        #: Lists the engine's containers now, and notes that it did not answer: a list then decides
        #: whether it is back. The watch brings both. Listing raises EngineError.
        self.refresh: Callable[[], Awaitable[None]] = _nothing
        self.engine_lost: Callable[[], None] = lambda: None
        self.inventory = ContainerList(engine, self.limiter, clock=clock, refresh=self._refresh)
        self.images = ImageList(engine, self.limiter, clock=clock)
        self.volumes = VolumeList(engine, clock=clock)
        self.reporter = Reporter(epoch)
        self.usage = UsageReader(engine, self.limiter, clock=clock, running=self.inventory.running)
        self.disks = Disks(clock, engine_root=lambda: host.engine_root)
        self.prober = Prober(engine, clock, host_address=lambda: host.address)
        self.former_hosts = FormerHosts(engine, owner, clock=clock, settings=live.get)
        self.networks = Networks(engine, owner, clock=clock, settings=live.get)
        #: Set when an attempt began or a run-once result came, so that it gets to the disk.
        self.changed = Wakeup()

    def remember(self) -> None:
        """Ask for a write of what must outlive the agent."""
        self.changed.set()

    async def _refresh(self) -> None:
        await self.refresh()

    @property
    def settings(self) -> Settings:
        """Return the settings of this moment."""
        return self.live.settings

    def pins_image(self, spec: ContainerSpec) -> bool:
        """Return whether the image that a tag meant once is kept for later containers."""
        return spec.pins_image and self.settings.image_tags == "once"

    def moment(self) -> Moment:
        """Read both clocks."""
        return Moment(self.clock.monotonic(), self.clock.now())


class WorkerOwner(Protocol):
    """What a worker asks of the one who keeps them all."""

    @property
    def ready(self) -> bool:
        """Whether the engine answers and its containers are known."""
        ...

    def neighbours(self, assignment: AgentAssignment) -> Neighbours:
        """Return what else on the host concerns the assignment's next container."""
        ...

    def made_room(self) -> None:
        """Note that a container came or went: others may wait for it, its name or its ports."""
        ...

    def wake_at(self, assignment_id: AssignmentId, due: float | None) -> None:
        """Wake the assignment's worker at a monotonic time; none takes that back."""
        ...

    def forget(self, assignment_id: AssignmentId) -> None:
        """Drop the worker of an assignment that is gone and reported so."""
        ...


async def _nothing() -> None:
    return None
