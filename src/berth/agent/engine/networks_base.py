"""The part of the Engine protocol that is about networks."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


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
        """Create a bridge network and give its id.

        Raises NameTaken, SubnetTaken when it overlaps another network of the engine or the host.
        """
        ...

    async def remove_network(self, network_id: str) -> None:
        """Remove a network; one that is gone is a success. Raises EngineConflict while in use."""
        ...
