"""What agents and engines report: reports, facts, metrics, and how reports merge."""

from typing import Literal

import msgspec

from berth.domain.disks import DiskSpace
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.states import Attempt, Health

#: How the message of a container begins that runs on an image that could not be pulled again.
USED_PRESENT_IMAGE = "pull failed, using the image that is present"


class PortBinding(msgspec.Struct, frozen=True):
    """A container port bound to a host port."""

    container: int
    protocol: str
    host: int
    #: Address on the host: "" means all, "0.0.0.0" all of IPv4, "::" all of IPv6.
    ip: str = ""


class EngineContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container as the engine lists it."""

    id: ContainerId
    #: Without the leading slash.
    name: str
    image: str
    image_id: str = ""
    #: The engine's word: created, running, paused, restarting, removing, exited, dead.
    state: str
    #: The engine's sentence, for example ``Up 3 minutes (healthy)``.
    status: str = ""
    command: str = ""
    created_at: float = 0.0
    labels: dict[str, str] = {}
    ports: tuple[PortBinding, ...] = ()

    @property
    def running(self) -> bool:
        """Whether a process of the container lives; a paused one does."""
        return self.state in ("running", "paused", "restarting")


class EngineImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image as the engine lists it."""

    id: str
    parent_id: str = ""
    #: References with tags, as the engine shortens them.
    names: tuple[str, ...] = ()
    #: References with digests.
    digests: tuple[str, ...] = ()
    #: Unix seconds.
    created_at: int = 0
    size: int = 0
    labels: dict[str, str] = {}


class ContainerReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest state of one assignment, as its agent sees it."""

    assignment_id: AssignmentId
    #: Counts the assignment's containers from 1; 0 before the first.
    attempt: int
    state: Attempt
    #: Which start of the agent spoke, and the count of its reports: later ones win.
    agent_epoch: int
    sequence: int
    container_id: str = ""
    name: str = ""
    health: Health = Health.NONE
    #: Whether its checks have all passed at one time, as far as its agent remembers.
    was_healthy: bool = False
    checks_total: int = 0
    checks_passed: int = 0
    paused: bool = False
    #: Progress or the reason of a failure, for people.
    message: str = ""
    #: Failure word (an EngineError's ``code``, or ``exited``), "" while nothing failed.
    code: str = ""
    exit_code: int | None = None
    #: Whether its processes were killed since they wanted more memory than there was.
    out_of_memory: bool = False
    #: Unix seconds.
    started_at: float | None = None
    #: Attempts that ended in a row without a minute of running between them.
    failures: int = 0
    #: Unix seconds at which the agent makes the next attempt, while it backs off.
    retry_at: float | None = None
    ports: tuple[PortBinding, ...] = ()
    #: Unix seconds at which the pull for this attempt ended well; none when there was none.
    pulled_at: float | None = None
    #: Digest of the image that the container is made from; "" while that is not known, and of
    #: images that come from no registry.
    image_digest: str = ""


def describe_end(exit_code: int | None, *, out_of_memory: bool, memory_bytes: int) -> str:
    """Return how a container ended, as the rest of a sentence; ``memory_bytes`` is its limit."""
    if out_of_memory and exit_code != 0:
        limit = f"limit {memory_bytes / 2**20:.4g} MB" if memory_bytes else "no limit is set"
        return f"ran out of memory ({limit})"
    return "ended" if exit_code is None else f"ended with exit code {exit_code}"


def merge_report(old: ContainerReport | None, new: ContainerReport) -> ContainerReport:
    """Fold a report into what is known; any order and any repetition lead to the same result.

    A later attempt wins whole. Within one attempt the life-cycle state only grows, what was
    healthy stays so called, and all other members come from the later (agent epoch, sequence).
    """
    if old is None or new.attempt > old.attempt:
        return new
    if new.attempt < old.attempt:
        return old
    later, earlier = (new, old) if _order(new) > _order(old) else (old, new)
    state = max(earlier.state, later.state)
    was_healthy = earlier.was_healthy or later.was_healthy
    if (state, was_healthy) == (later.state, later.was_healthy):
        return later
    return msgspec.structs.replace(later, state=state, was_healthy=was_healthy)


def _order(report: ContainerReport) -> tuple[int, int]:
    return report.agent_epoch, report.sequence


class InventoryItem(msgspec.Struct, frozen=True):
    """One container of a host, managed by Berth or not."""

    container: EngineContainer
    #: The engine's inspect document as JSON; empty until the agent had time to read it.
    inspect: bytes = b""


class HostFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What seldom changes about a host; sent with each hello."""

    hostname: str
    engine_id: str
    engine_version: str = ""
    engine_api_version: str = ""
    agent_version: str = ""
    os: str = ""
    kernel: str = ""
    cpus: int = 1
    memory_bytes: int = 0
    #: The address under which other hosts and the manager reach published ports.
    address: str = ""
    public_address: str = ""
    #: Interface name to address, the engine's bridge included.
    interfaces: dict[str, str] = {}
    #: Address of the engine's default bridge, where containers reach the host; "" without one.
    bridge_address: str = ""
    #: Unix seconds of the agent's start.
    started_at: float = 0.0


class StuckContainer(msgspec.Struct, frozen=True):
    """A container that does not run and cannot be removed."""

    id: ContainerId
    name: str
    #: The engine's words.
    message: str


class HostMetrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changes all the time about a host."""

    cpu_percent: float = 0.0
    memory_percent: float = 0.0
    memory_used_bytes: int = 0
    load: float = 0.0
    uptime_s: float = 0.0
    images: int = 0
    running: int = 0
    #: False while the agent cannot reach its engine.
    engine_reachable: bool = True
    #: Why not, for people.
    engine_message: str = ""
    #: For how long it has not.
    engine_silent_s: float = 0.0
    #: Disks that its agent and its engine write to, each once.
    disks: tuple[DiskSpace, ...] = ()
    #: Containers that its engine cannot remove, at most some dozens.
    stuck: tuple[StuckContainer, ...] = ()


class LogQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which lines of a container's output are asked for."""

    stdout: bool = True
    stderr: bool = True
    #: Newest lines only; None means all.
    tail: int | None = None
    #: Unix seconds.
    since: float | None = None
    until: float | None = None


class LogChunk(msgspec.Struct, frozen=True):
    """A piece of a container's output: whole lines, each a UTC time, a blank and the text."""

    stream: Literal["stdout", "stderr"]
    data: bytes


class EngineInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine reports of itself."""

    id: str
    name: str
    version: str
    #: The version negotiated for this connection.
    api_version: str
    os: str = ""
    kernel: str = ""
    cpus: int = 1
    memory_bytes: int = 0
    images: int = 0
    running: int = 0
    #: Address of the default bridge on the host; "" when there is none.
    bridge_address: str = ""
    #: The folder in which it keeps images and containers.
    root_dir: str = ""


class EngineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a container or an image; only a hint to look again."""

    kind: Literal["container", "image"]
    #: The engine's word, for example create, start, die, destroy, rename or health_status.
    action: str
    #: Container id, or image name.
    subject: str
    attributes: dict[str, str] = {}
    #: Unix seconds.
    time: float = 0.0


class TaskProgress(msgspec.Struct, frozen=True):
    """How far an open task is: remembered only, since it follows from what else is known."""

    #: 0 to 99; the outcome makes it 100.
    percent: int
    message: str


#: A start that differs from the known one by more is another start of the same container.
SAME_START_S = 2.0
