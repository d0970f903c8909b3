"""What the API stands on, handed in by the composition root."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from berth.api.console import ConsoleFiles
from berth.api.row_cache import RowCache, StateCache
from berth.control.hosts.join_token import JoinToken
from berth.domain.calls import AgentCalls
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.streams import Streams
from berth.runtime.clock import Clock
from berth.runtime.secrets import Secrets
from berth.store.store import Store


class VersionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which program this is; filled when it is built, "" when unknown."""

    git_commit: str = ""
    version: str = ""
    release: str = ""
    build_host: str = ""
    build_dt: str = ""
    build_branch: str = ""


class Socket(Protocol):
    """An agent's WebSocket, accepted."""

    async def receive_bytes(self) -> bytes:
        """Return the next frame; raises EOFError when the agent is gone."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send one frame; raises EOFError when the agent is gone."""
        ...


class Sessions(Protocol):
    """Holds sessions with agents whose credential was checked."""

    async def serve(self, socket: Socket, host: Host, *, address: str) -> str:
        """Hold the session until it ends; return why it was refused, "" when it was not.

        ``address`` is where it comes from.
        """
        ...


class HostControl(Protocol):
    """What an operator tells an agent."""

    async def confirm(self, host_id: HostId) -> None:
        """Let a held agent obey this manager; raises HostAway."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything that endpoints use."""

    store: Store
    clock: Clock
    secrets: Secrets
    calls: AgentCalls
    streams: Streams
    sessions: Sessions
    host_control: HostControl
    join_token: JoinToken
    #: Certificate of the instance's authority; None with plain HTTP.
    ca_pem: str | None
    version: VersionInfo
    #: Whether the manager is up to its work.
    ready: Callable[[], bool]
    #: Name of the manager's machine, and when it began; shown with tasks.
    manager_name: str = "manager"
    started_at: float = 0.0
    #: The built console; empty where none was installed.
    console: ConsoleFiles = field(default_factory=lambda: ConsoleFiles({}))
    #: What lists of containers are made of.
    rows: RowCache = field(default_factory=RowCache)
    states: StateCache = field(default_factory=StateCache)
    #: Set when the manager ends: streams end then, since nothing else ends them.
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
