"""What the API stands on, handed in by the composition root."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from berth.api.connections.proxies import Network
from berth.api.console import ConsoleFiles
from berth.api.row_cache import RowCache, StateCache
from berth.control.hosts.join_token import JoinToken
from berth.domain.calls import AgentCalls
from berth.domain.ids import HostId
from berth.domain.records import Host, Replay, Tombstone
from berth.domain.streams import Streams
from berth.protocol.socket import SessionSocket
from berth.runtime.aio import Steps
from berth.runtime.clock import Clock
from berth.runtime.secrets import Secrets
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

T = TypeVar("T")


class VersionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which program this is; filled when it is built, "" when unknown."""

    git_commit: str = ""
    version: str = ""
    release: str = ""
    build_host: str = ""
    build_dt: str = ""
    build_branch: str = ""


class Sessions(Protocol):
    """Holds sessions with agents whose credential was checked."""

    async def serve(self, socket: SessionSocket, host: Host, *, address: str) -> str:
        """Hold the session until it ends; return why it was refused, "" when it was not.

        ``address`` is where it comes from.
        """
        ...

    async def dismiss(self, socket: SessionSocket, tombstone: Tombstone) -> str:
        """Send the agent of a deleted host what becomes of its containers; return why it goes."""
        ...


class Agents(AgentCalls, Streams, Protocol):
    """The agents that are in contact."""

    async def confirm(self, host_id: HostId) -> None:
        """Let a held agent obey this manager; raises HostAway."""
        ...


@dataclass(frozen=True)
class Commands:
    """Runs the commands of one request; what they raise comes out, and then nothing is written."""

    store: Store
    #: Written with what the commands change: a repeated request is known from it.
    replay: Replay | None = None
    #: Written with them as well: who does this.
    deed: NewEvent | None = None

    async def run(self, command: Callable[[Draft], T]) -> T:
        """Run a command and return its answer once what it wrote is durable."""

        def run_both(draft: Draft) -> T:
            value = command(draft)
            self._put_riders(draft)
            return value

        return await self.store.run(run_both)

    async def run_steps(self, command: Callable[[Draft], Steps[T]]) -> T:
        """Run a command of many steps as ``run``."""

        def run_both(draft: Draft) -> Steps[T]:
            value = yield from command(draft)
            self._put_riders(draft)
            return value

        return await self.store.run_steps(run_both)

    def _put_riders(self, draft: Draft) -> None:
        if not draft.has_changes:
            return
        if self.deed is not None:
            draft.record_event(self.deed)
        if self.replay is not None:
            draft.replays.put(self.replay)


@dataclass(frozen=True)
class Services:
    """Everything that endpoints use."""

    store: Store
    clock: Clock
    secrets: Secrets
    agents: Agents
    sessions: Sessions
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
    #: Proxies whose word is taken for where a request comes from.
    proxies: tuple[Network, ...] = ()
    #: Set when the manager ends: streams end then, since nothing else ends them.
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    #: Marks the request that these services are for as carried out; none for those without a key.
    replay: Replay | None = None
    #: Tells what the request does; none for those that leave no trace of their own.
    deed: NewEvent | None = None

    @property
    def commands(self) -> Commands:
        """What the request writes through."""
        return Commands(self.store, self.replay, self.deed)
