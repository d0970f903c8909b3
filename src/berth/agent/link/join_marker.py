"""A mark in the engine, by which a manager learns whether two agents work on one engine."""

import logging
from types import TracebackType

from berth.agent.engine.protocol import Engine, NetworkRequest
from berth.agent.limits.networks import free_subnet, host_subnets, subnets_of
from berth.domain.errors import EngineError, SubnetTaken
from berth.domain.settings import Settings
from berth.protocol.messages import MARKER_PREFIX
from berth.runtime.ids import new_uuid

log = logging.getLogger(__name__)

#: Subnets that are tried when the engine refuses the ones that look free.
TRIES = 20


class JoinMarker:
    """An empty network of a random name, there while a join is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._network_id = ""
        #: Name of the network.
        self.name = f"{MARKER_PREFIX}{new_uuid()}"

    async def __aenter__(self) -> "JoinMarker":
        """Put it there. Raises EngineError."""
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
            log.warning("network %s of the join stays, remove it by hand: %s", self.name, error)
