"""Networks of an engine behind the Docker Engine API."""

from urllib.parse import quote

import msgspec

from berth.agent.engine.docker.create_networks import render_endpoint
from berth.agent.engine.docker.http import EngineHttp, EngineRequest
from berth.agent.engine.protocol import Attachment, EngineNetwork, NetworkRequest
from berth.domain.ids import ContainerId


class _Pool(msgspec.Struct, rename="pascal"):
    subnet: str = ""


class _Addresses(msgspec.Struct, rename="pascal"):
    config: list[_Pool] | None = None


class _Network(msgspec.Struct, rename="pascal"):
    id: str
    name: str = ""
    driver: str = ""
    ipam: _Addresses = msgspec.field(name="IPAM", default_factory=_Addresses)
    labels: dict[str, str] | None = None


class _Made(msgspec.Struct):
    id: str = msgspec.field(name="Id")


class DockerNetworks:
    """The network calls of a ``DockerEngine``."""

    def __init__(self, connection: EngineHttp) -> None:
        self._connection = connection

    async def list_networks(self) -> list[EngineNetwork]:
        """List all networks, whoever made them."""
        call = EngineRequest("GET", "networks", "list the networks")
        answer = await self._connection.send(call)
        listed = self._connection.parse(
            call, lambda: msgspec.json.decode(answer.body, type=list[_Network])
        )
        return [_from_listed(one) for one in listed]

    async def create_network(self, request: NetworkRequest) -> str:
        """Create a bridge network and return its id."""
        body = {
            "Name": request.name,
            "CheckDuplicate": True,
            "Driver": "bridge",
            "IPAM": {"Driver": "default", "Config": [{"Subnet": request.subnet}]},
            "Labels": dict(request.labels),
        }
        what = f"create network {request.name} with {request.subnet}"
        call = EngineRequest("POST", "networks/create", what, body=msgspec.json.encode(body))
        answer = await self._connection.send(call)
        return self._connection.parse(call, lambda: msgspec.json.decode(answer.body, type=_Made)).id

    async def remove_network(self, network_id: str) -> None:
        """Remove a network; one that is gone is a success."""
        path = f"networks/{quote(network_id, safe='')}"
        await self._connection.send(
            EngineRequest("DELETE", path, f"remove network {network_id[:12]}", accept=(404,))
        )

    async def connect(self, container_id: ContainerId, attachment: Attachment) -> None:
        """Let a container that does not run join one more network."""
        body = {"Container": container_id, "EndpointConfig": render_endpoint(attachment)}
        path = f"networks/{quote(attachment.network, safe='')}/connect"
        what = f"connect container {container_id[:12]} to network {attachment.network}"
        await self._connection.send(
            EngineRequest("POST", path, what, body=msgspec.json.encode(body))
        )


def _from_listed(listed: _Network) -> EngineNetwork:
    return EngineNetwork(
        id=listed.id,
        name=listed.name,
        driver=listed.driver,
        subnets=tuple(pool.subnet for pool in listed.ipam.config or () if pool.subnet),
        labels=listed.labels or {},
    )
