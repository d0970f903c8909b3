"""The network calls of the simulated engine."""

import hashlib
import ipaddress

from berth.agent.engine.protocol import EngineNetwork, NetworkRequest
from berth.domain.errors import EngineConflict, NameTaken, SubnetTaken
from berth.testing.engine.calls import SimulatedCalls


class SimulatedNetworks(SimulatedCalls):
    """Networks of a simulated engine."""

    async def list_networks(self) -> list[EngineNetwork]:
        """List all networks."""
        await self._enter("list_networks", "list the networks")
        return list(self._model.networks.values())

    async def create_network(self, request: NetworkRequest) -> str:
        """Create a bridge network and return its id."""
        what = f"create network {request.name} with {request.subnet}"
        await self._enter("create_network", what)
        if request.name in self._model.networks:
            raise NameTaken(
                f"cannot {what}: the engine says: network with name {request.name} already exists"
            )
        wanted = ipaddress.ip_network(request.subnet)
        for network in self._model.networks.values():
            if any(wanted.overlaps(ipaddress.ip_network(subnet)) for subnet in network.subnets):
                raise SubnetTaken(
                    f"cannot {what}: the engine says: Pool overlaps with other one on this "
                    "address space"
                )
        made = EngineNetwork(
            id=hashlib.sha256(f"{self.name} {what}".encode()).hexdigest(),
            name=request.name,
            driver="bridge",
            subnets=(request.subnet,),
            labels=dict(request.labels),
        )
        self._model.networks[made.name] = made
        return made.id

    async def remove_network(self, network_id: str) -> None:
        """Remove a network; one that is gone is a success."""
        what = f"remove network {network_id[:12]}"
        await self._enter("remove_network", what)
        for network in list(self._model.networks.values()):
            if network_id not in (network.id, network.name):
                continue
            if self._model.uses_network(network.name):
                raise EngineConflict(
                    f"cannot {what}: the engine says: network {network.name} has active endpoints"
                )
            del self._model.networks[network.name]
