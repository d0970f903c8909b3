"""A mark in the engine, by which a manager learns whether two agents work on one engine."""

import asyncio
import logging
from types import TracebackType

from berth.agent.data_directory import DataDirectory
from berth.agent.engine.protocol import Engine, NetworkRequest
from berth.agent.limits.networks import free_subnet, host_subnets, subnets_of
from berth.domain.errors import EngineError, SubnetTaken
from berth.domain.settings import Settings
from berth.protocol.messages import MARKER_PREFIX
from berth.runtime.ids import new_uuid

log = logging.getLogger(__name__)

#: Subnets that are tried when the engine refuses the ones that look free.
TRIES = 20

#: Holds the name of the mark while it may be there, inside the data directory.
MARKER_FILE = "join_marker"

#: Longest wait at a start for the engine to remove a mark that was left.
REMOVE_S = 5.0


class JoinMarker:
    """An empty network of a random name, there while a join is asked for."""

    def __init__(self, engine: Engine, directory: DataDirectory) -> None:
        self._engine = engine
        self._directory = directory
        self._network_id = ""
        #: Name of the network.
        self.name = f"{MARKER_PREFIX}{new_uuid()}"

    async def __aenter__(self) -> "JoinMarker":
        """Put it there. Raises EngineError."""
        await _remove_named(self._engine, self._directory)
        # First: an agent that is killed from now on finds the name at its next start.
        self._directory.write(MARKER_FILE, self.name.encode())
        taken = [s for one in await self._engine.list_networks() for s in subnets_of(one)]
        taken += host_subnets()
        for _ in range(TRIES):
            subnet = free_subnet(Settings().network_pool, taken)
            if subnet is None:
                break
            taken.append(subnet)
            request = NetworkRequest(name=self.name, subnet=str(subnet), labels={})
            try:
                self._network_id = await self._engine.create_network(request)
            except SubnetTaken:
                continue
            return self
        raise EngineError("no subnet is free for the network that marks this engine during a join")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it away; one that stays does no harm."""
        try:
            await self._engine.remove_network(self._network_id)
        except EngineError as error:
            log.warning("network %s of the join stays until the next start: %s", self.name, error)
        else:
            _forget(self._directory)


async def remove_left_marker(engine: Engine, directory: DataDirectory) -> None:
    """Remove the mark of an agent that was killed during its join; others' marks stay."""
    try:
        async with asyncio.timeout(REMOVE_S):
            await _remove_named(engine, directory)
    except (EngineError, TimeoutError) as error:
        why = error or "the engine does not answer"
        log.warning("a network of the join stays until the next start: %s", why)


async def _remove_named(engine: Engine, directory: DataDirectory) -> None:
    """Remove the mark that the data directory names, if any. Raises EngineError."""
    try:
        name = (directory.path / MARKER_FILE).read_text()
    except (OSError, UnicodeDecodeError):
        return
    if name.startswith(MARKER_PREFIX):
        for network in await engine.list_networks():
            if network.name == name:
                await engine.remove_network(network.id)
    _forget(directory)


def _forget(directory: DataDirectory) -> None:
    (directory.path / MARKER_FILE).unlink(missing_ok=True)
