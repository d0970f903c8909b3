"""The Engine protocol: every operation that Berth asks of a container engine."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from berth.domain.ids import ContainerId
from berth.domain.images import Credentials
from berth.domain.observed import (
    EngineContainer,
    EngineEvent,
    EngineImage,
    EngineInfo,
    LogChunk,
    LogQuery,
)
from berth.domain.spec import ContainerSpec
from berth.domain.streams import Exec

#: Deadline of a ping.
PING_S = 5.0
#: At most this much of a command's output is kept: the last of it.
OUTPUT_BYTES = 4096


class CommandResult(msgspec.Struct, frozen=True):
    """How a command ended."""

    #: None when it did not end within its deadline.
    exit_code: int | None
    #: The end of what it wrote to either stream.
    output: str = ""


class CommandEngine(Protocol):
    """What an engine does with commands."""

    async def execute(
        self, container_id: ContainerId, command: tuple[str, ...], *, deadline_s: float
    ) -> CommandResult:
        """Run a command inside a running container and wait for its end.

        One that does not end in time goes on, since engines cannot end it; the same command is
        not begun again in that container before it has. A command that cannot be started has exit
        code 126 or 127. Raises EngineConflict when the container does not run or is paused.
        """
        ...


class PullProgress(msgspec.Struct, frozen=True):
    """How far a pull or a push is."""

    message: str
    #: None while the sizes of the layers are not known.
    percent: int | None = None


OnProgress = Callable[[PullProgress], None]


class ImageEngine(Protocol):
    """What an engine does with images; names are references, ids are taken where it says so."""

    async def list_images(self) -> list[EngineImage]:
        """List all images but those that only others are built on."""
        ...

    async def find_image(self, image: str) -> str | None:
        """Return the id of an image that this engine has, by name or id, else None."""
        ...

    async def inspect_image(self, image: str) -> bytes:
        """Return the engine's document about an image, by name or id. Raises EngineNotFound."""
        ...

    async def read_history(self, image: str) -> bytes:
        """Return the engine's list of an image's layers as JSON text. Raises EngineNotFound."""
        ...

    async def pull(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> str:
        """Bring the image to this engine and return its id; cancelling ends it. Raises PullFailed."""
        ...

    async def push(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> None:
        """Bring the image to the registry in its name; cancelling ends it.

        Raises PushFailed, EngineNotFound.
        """
        ...

    async def tag_image(self, image: str, name: str) -> None:
        """Add a name to an image, found by name or id; another image loses that name.

        Raises EngineNotFound, EngineRefused.
        """
        ...

    async def remove_image(self, image: str) -> None:
        """Take a name from its image, and remove the image with its last one.

        Raises EngineNotFound, EngineConflict while a container uses it.
        """
        ...


class EngineNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A network as the engine lists it."""

    id: str
    name: str
    driver: str = ""
    #: In the form ``10.0.0.0/24``.
    subnets: tuple[str, ...] = ()
    labels: dict[str, str] = {}


class NetworkRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge network to create."""

    name: str
    subnet: str
    labels: Mapping[str, str]


class Attachment(msgspec.Struct, frozen=True):
    """A network that a container joins, and how it and others find each other there."""

    #: Name of the network.
    network: str
    aliases: tuple[str, ...] = ()
    #: Further names for others on the network, as ``other:alias``.
    links: tuple[str, ...] = ()


class NetworkEngine(Protocol):
    """What an engine does with networks."""

    async def list_networks(self) -> list[EngineNetwork]:
        """List all networks, whoever made them."""
        ...

    async def create_network(self, request: NetworkRequest) -> str:
        """Create a bridge network and return its id.

        Raises NameTaken, SubnetTaken when it overlaps another network of the engine or the host.
        """
        ...

    async def remove_network(self, network_id: str) -> None:
        """Remove a network; one that is gone is a success. Raises EngineConflict while in use."""
        ...


class VolumeEngine(Protocol):
    """What an engine does with volumes."""

    async def list_volumes(self) -> list[str]:
        """List the names of all volumes that have one of their own, whoever made them."""
        ...


class ContainerCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What a container has used since its start, as the engine counts it."""

    #: Processor time of all its processes.
    cpu_s: float = 0.0
    memory_bytes: int = 0
    #: 0 when there is none.
    memory_limit_bytes: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0


class Program(Protocol):
    """A program that runs in a container beside its main one."""

    async def read(self) -> LogChunk | None:
        """Return the next output, as it comes; none at the end. With a terminal all is stdout."""
        ...

    async def write(self, data: bytes) -> None:
        """Write input; waits while it takes none."""
        ...

    async def end_input(self) -> None:
        """End its input."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of its terminal."""
        ...

    async def read_exit_code(self) -> int | None:
        """Return its exit code; none while it runs."""
        ...


class StreamEngine(Protocol):
    """The calls that last. Each raises EngineError like all others."""

    def follow_logs(self, container_id: ContainerId, query: LogQuery) -> AsyncIterator[LogChunk]:
        """Return output up to now and then as it is written, until the container ends."""
        ...

    def run_program(self, request: Exec) -> AbstractAsyncContextManager[Program]:
        """Start a program; leaving ends its input, and an interactive one with it.

        Raises EngineConflict when the container does not run, EngineRefused when there is no such
        program.
        """
        ...

    async def read_counters(self, container_id: ContainerId) -> ContainerCounters:
        """Return what a container has used; all 0 when it does not run."""
        ...


class ContainerRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A container to create: the spec plus what only its place decides."""

    name: str
    #: At most 63 characters; used when the spec names none.
    hostname: str
    spec: ContainerSpec
    #: Berth's own labels; they win over the spec's.
    labels: Mapping[str, str]
    #: Further variables; one of the same name in the spec wins.
    environment: Mapping[str, str] = {}
    #: Networks to join; they take the place of the spec's network mode. Names of the spec's own
    #: networks mean nothing to an engine.
    networks: tuple[Attachment, ...] = ()
    #: On the default bridge: other containers by id or name, and the name to reach them under.
    links: tuple[tuple[str, str], ...] = ()
    #: Ids or names of containers whose volumes are mounted; ``:ro`` may follow.
    volumes_from: tuple[str, ...] = ()


class Engine(ImageEngine, CommandEngine, NetworkEngine, VolumeEngine, StreamEngine, Protocol):
    """A container engine.

    Every call raises ``EngineUnreachable`` when nothing answers and ``EngineTimeout`` past its
    deadline. Calls that name a container raise ``EngineNotFound`` when there is none of that id.
    The restart policy of created containers is always ``no``: restarting is the agent's work.
    """

    async def ping(self) -> None:
        """Ask for a sign of life; cheap, and over within ``PING_S``."""
        ...

    async def info(self) -> EngineInfo:
        """Ask the engine about itself; negotiates the API version at the first call."""
        ...

    async def list_containers(self) -> list[EngineContainer]:
        """List all containers, stopped ones too, whoever made them."""
        ...

    async def inspect(self, container_id: ContainerId) -> bytes:
        """Return the engine's inspect document as JSON text."""
        ...

    async def create(self, request: ContainerRequest) -> ContainerId:
        """Create a container without starting it.

        Raises NameTaken, EngineNotFound (no such image on this engine), EngineRefused.
        """
        ...

    async def start(self, container_id: ContainerId) -> None:
        """Start it; a running one stays as it is. Raises PortTaken, EngineRefused."""
        ...

    async def stop(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Ask it to end, kill it after ``grace_s``; a stopped one stays as it is."""
        ...

    async def kill(self, container_id: ContainerId, *, signal: str = "SIGKILL") -> None:
        """Send a signal to its main process. Raises EngineConflict when it does not run."""
        ...

    async def restart(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Stop and start it; keeps the id."""
        ...

    async def pause(self, container_id: ContainerId) -> None:
        """Freeze it. Raises EngineConflict when it does not run or is paused already."""
        ...

    async def unpause(self, container_id: ContainerId) -> None:
        """Thaw it. Raises EngineConflict when it is not paused."""
        ...

    async def rename(self, container_id: ContainerId, name: str) -> None:
        """Rename it. Raises NameTaken."""
        ...

    async def remove(self, container_id: ContainerId, *, force: bool = False) -> None:
        """Remove it with its anonymous volumes; ``force`` kills a running one.

        One that is gone already is a success. Raises EngineConflict when it runs and not ``force``.
        """
        ...

    def events(self) -> AbstractAsyncContextManager[AsyncIterator[EngineEvent]]:
        """Follow container and image events from the moment of entering.

        Entered means subscribed: nothing that happens afterwards is missed until the iterator ends
        or raises EngineUnreachable.
        """
        ...

    def logs(self, container_id: ContainerId, query: LogQuery) -> AsyncIterator[LogChunk]:
        """Return the output of a container up to now, oldest first, with timestamps.

        Newest lines (``tail``) are counted before streams and times choose among them.
        """
        ...

    async def close(self) -> None:
        """Release the connection; running containers are not touched."""
        ...
