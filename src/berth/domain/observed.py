"""What agents and engines report: reports, facts, metrics, and how reports merge."""

from typing import Annotated, Literal

import msgspec

from berth.domain.bounds import (
    Address,
    Amount,
    Count,
    EngineId,
    EngineIdOrNone,
    ExitCode,
    ImageId,
    Labels,
    Name,
    Port,
    Text,
    Time,
    Word,
)
from berth.domain.disks import DiskSpace
from berth.domain.ids import AssignmentId
from berth.domain.states import Attempt, Health

#: How the message of a container begins that runs on an image that could not be pulled again.
USED_PRESENT_IMAGE = "pull failed, using the image that is present"


class PortBinding(msgspec.Struct, frozen=True):
    """A container port bound to a host port."""

    container: Port
    protocol: Word
    host: Port
    #: Address on the host: "" means all, "0.0.0.0" all of IPv4, "::" all of IPv6.
    ip: Address = ""


#: An engine lists a port for each address and protocol.
Bindings = Annotated[tuple[PortBinding, ...], msgspec.Meta(max_length=1024)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=256)]


class EngineContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container as the engine lists it."""

    id: EngineId
    #: Without the leading slash.
    name: Name
    image: Name
    image_id: Word = ""
    #: The engine's word: created, running, paused, restarting, removing, exited, dead.
    state: Word
    #: The engine's sentence, for example ``Up 3 minutes (healthy)``.
    status: Name = ""
    command: Text = ""
    created_at: Time = 0.0
    labels: Labels = {}
    ports: Bindings = ()

    @property
    def running(self) -> bool:
        """Whether a process of the container lives; a paused one does."""
        return self.state in ("running", "paused", "restarting")


class EngineImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image as the engine lists it."""

    id: ImageId
    parent_id: Word = ""
    #: References with tags, as the engine shortens them.
    names: Names = ()
    #: References with digests.
    digests: Names = ()
    #: Unix seconds.
    created_at: Annotated[int, msgspec.Meta(ge=-(10**11), le=10**11)] = 0
    size: Count = 0
    labels: Labels = {}


class ContainerReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest state of one assignment, as its agent sees it."""

    assignment_id: Annotated[AssignmentId, msgspec.Meta(max_length=256)]
    #: Counts the assignment's containers from 1; 0 before the first.
    attempt: Count
    state: Attempt
    #: Which start of the agent spoke, and the count of its reports: later ones win.
    agent_epoch: Count
    sequence: Count
    container_id: EngineIdOrNone = ""
    name: Name = ""
    health: Health = Health.NONE
    #: Whether its checks have all passed at one time, as far as its agent remembers.
    was_healthy: bool = False
    checks_total: Count = 0
    checks_passed: Count = 0
    paused: bool = False
    #: Progress or the reason of a failure, for people.
    message: Text = ""
    #: Failure word (an EngineError's ``code``, or ``exited``), "" while nothing failed.
    code: Word = ""
    exit_code: ExitCode | None = None
    #: Whether its processes were killed since they wanted more memory than there was.
    out_of_memory: bool = False
    #: Unix seconds.
    started_at: Time | None = None
    #: Attempts that ended in a row without a minute of running between them.
    failures: Count = 0
    #: Unix seconds at which the agent makes the next attempt, while it backs off.
    retry_at: Time | None = None
    ports: Bindings = ()
    #: Unix seconds at which the pull for this attempt ended well; none when there was none.
    pulled_at: Time | None = None
    #: Digest of the image that the container is made from; "" while that is not known, and of
    #: images that come from no registry.
    image_digest: Name = ""


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

    hostname: Word
    engine_id: Word
    engine_version: Word = ""
    engine_api_version: Word = ""
    agent_version: Word = ""
    os: Word = ""
    kernel: Word = ""
    cpus: Count = 1
    memory_bytes: Count = 0
    #: The address under which other hosts and the manager reach published ports.
    address: Address = ""
    public_address: Address = ""
    #: Interface name to address, the engine's bridge included.
    interfaces: Annotated[dict[Word, Address], msgspec.Meta(max_length=256)] = {}
    #: Address of the engine's default bridge, where containers reach the host; "" without one.
    bridge_address: Address = ""
    #: Unix seconds of the agent's start.
    started_at: Time = 0.0


class StuckContainer(msgspec.Struct, frozen=True):
    """A container that does not run and cannot be removed."""

    id: EngineId
    name: Name
    #: The engine's words.
    message: Text


class HostMetrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changes all the time about a host."""

    cpu_percent: Amount = 0.0
    memory_percent: Amount = 0.0
    memory_used_bytes: Count = 0
    load: Amount = 0.0
    uptime_s: Amount = 0.0
    images: Count = 0
    running: Count = 0
    #: False while the agent cannot reach its engine.
    engine_reachable: bool = True
    #: Why not, for people.
    engine_message: Text = ""
    #: For how long it has not.
    engine_silent_s: Amount = 0.0
    #: Unix seconds by the host's clock; 0 from an agent that does not tell.
    clock: Amount = 0.0
    #: Disks that its agent and its engine write to, each once.
    disks: Annotated[tuple[DiskSpace, ...], msgspec.Meta(max_length=16)] = ()
    #: Containers that its engine cannot remove, at most some dozens.
    stuck: Annotated[tuple[StuckContainer, ...], msgspec.Meta(max_length=256)] = ()


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
    percent: Annotated[int, msgspec.Meta(ge=0, le=99)]
    message: Text


#: A start that differs from the known one by more is another start of the same container.
SAME_START_S = 2.0
