"""The Engine protocol: every operation that Berth asks of a container engine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from berth.agent.engine.commands_base import CommandEngine
from berth.agent.engine.images_base import ImageEngine
from berth.agent.engine.networks_base import Attachment, NetworkEngine
from berth.agent.engine.streams_base import StreamEngine
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, EngineInfo, LogChunk, LogQuery
from berth.domain.spec import ContainerSpec


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


class Engine(ImageEngine, CommandEngine, NetworkEngine, StreamEngine, Protocol):
    """A container engine.

    Every call raises ``EngineUnreachable`` when nothing answers and ``EngineTimeout`` past its
    deadline. Calls that name a container raise ``EngineNotFound`` when there is none of that id.
    The restart policy of created containers is always ``no``: restarting is the agent's work.
    """

    async def info(self) -> EngineInfo:
        """Ask the engine about itself; negotiates the API version at the first call."""
        ...

    async def list_containers(self) -> list[EngineContainer]:
        """List all containers, stopped ones too, whoever made them."""
        ...

    async def inspect(self, container_id: ContainerId) -> bytes:
        """Give the engine's inspect document as JSON text."""
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
        """Give it another name. Raises NameTaken."""
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
        """Give the output of a container up to now, oldest first, with timestamps.

        Newest lines (``tail``) are counted before streams and times choose among them.
        """
        ...

    async def close(self) -> None:
        """Release the connection; running containers are not touched."""
        ...
