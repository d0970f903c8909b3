"""The bridges of deployments on this host: made before a container needs one, removed after the last."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable

import psutil

from berth.agent.containers.labels import Owner
from berth.agent.engine.protocol import Engine, EngineNetwork, NetworkRequest
from berth.domain.errors import EngineConflict, EngineError, NameTaken, SubnetTaken
from berth.domain.ids import DeploymentId
from berth.domain.labels import DEPLOYMENT_LABEL, HOST_LABEL, INSTANCE_LABEL, NETWORK_LABEL
from berth.domain.settings import Settings
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Size of a network: 61 containers.
PREFIX = 26

#: Subnets that are tried when the engine refuses the ones that look free.
TRIES = 20

#: Time between two searches for bridges that nothing needs, whatever happened.
RESYNC_S = 300.0

_Subnet = ipaddress.IPv4Network


class NoSubnet(EngineError):
    """Every subnet of the pool is in use on this host."""

    code = "no_subnet"


class Networks:
    """The networks of one host's deployments, known from the engine's list alone."""

    def __init__(
        self, engine: Engine, owner: Owner, *, clock: Clock, settings: Callable[[], Settings]
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._settings = settings
        self._lock = asyncio.Lock()
        self._wakeup = Wakeup()
        #: Returns the deployments that have something on the host; none while that is not known.
        self.needed_by: Callable[[], set[DeploymentId] | None] = lambda: None

    async def ensure(self, deployment_id: DeploymentId, names: Iterable[str]) -> dict[str, str]:
        """Make what is missing and return the engine's names by those in the text.

        Raises EngineError.
        """
        async with self._lock:
            listed = await self._engine.list_networks()
            made = {
                one.labels[NETWORK_LABEL]: one.name
                for one in listed
                if self._owns(one) and one.labels.get(DEPLOYMENT_LABEL) == deployment_id
            }
            for name in names:
                if name not in made:
                    made[name] = await self._make(deployment_id, name, listed=listed)
            return made

    async def _make(
        self, deployment_id: DeploymentId, name: str, *, listed: list[EngineNetwork]
    ) -> str:
        taken = [subnet for one in listed for subnet in subnets_of(one)] + host_subnets()
        titles = [f"{name}.{deployment_id}", f"{name}.{deployment_id}.{self._owner.host_id}"]
        for _ in range(TRIES):
            subnet = free_subnet(self._settings().network_pool, taken)
            if subnet is None:
                break
            taken.append(subnet)
            request = NetworkRequest(
                name=titles[0],
                subnet=str(subnet),
                labels={
                    INSTANCE_LABEL: self._owner.instance_id,
                    HOST_LABEL: self._owner.host_id,
                    DEPLOYMENT_LABEL: deployment_id,
                    NETWORK_LABEL: name,
                },
            )
            try:
                await self._engine.create_network(request)
            except SubnetTaken:
                continue
            except NameTaken as failure:
                # A network that is not this host's has the name, such as one of another agent
                # on the same engine.
                if len(titles) == 1:
                    raise EngineConflict(str(failure)) from failure
                titles = titles[1:]
                taken.pop()
                continue
            log.info("made network %s with %s", request.name, request.subnet)
            return request.name
        raise NoSubnet(
            f"no subnet of {self._settings().network_pool} is free on this host for network {name}: "
            "choose another network_pool in the settings, or remove networks"
        )

    def remove_soon(self) -> None:
        """Remove soon what nothing needs any more."""
        self._wakeup.set()

    async def run(self) -> None:
        """Remove for ever what nothing needs."""
        await run_loop(
            "removing networks",
            self.remove_unneeded,
            wakeup=self._wakeup,
            resync_s=lambda: RESYNC_S,
            clock=self._clock,
        )

    async def remove_unneeded(self) -> str:
        """Remove the networks of deployments that have nothing left on the host."""
        async with self._lock:
            if self.needed_by() is None:
                return ""
            try:
                ours = [one for one in await self._engine.list_networks() if self._owns(one)]
                removed = [one.name for one in ours if await self._remove_unneeded(one)]
            except EngineError as failure:
                log.info("networks that nothing needs are removed later: %s", failure)
                return ""
        return f"removed {', '.join(removed)}" if removed else ""

    async def _remove_unneeded(self, network: EngineNetwork) -> bool:
        # Asked for each one: an assignment may have come meanwhile.
        needed = self.needed_by()
        if needed is None or network.labels[DEPLOYMENT_LABEL] in needed:
            return False
        try:
            await self._engine.remove_network(network.id)
        except EngineConflict as failure:
            log.info("network %s stays until nothing uses it: %s", network.name, failure)
            return False
        return True

    def _owns(self, network: EngineNetwork) -> bool:
        labels = network.labels
        return (
            labels.get(INSTANCE_LABEL) == self._owner.instance_id
            and labels.get(HOST_LABEL) == self._owner.host_id
            and NETWORK_LABEL in labels
            and DEPLOYMENT_LABEL in labels
        )


def free_subnet(pool: str, taken: Iterable[_Subnet]) -> _Subnet | None:
    """Return the first subnet of the pool that overlaps with nothing; none when there is none."""
    used = list(taken)
    for subnet in ipaddress.IPv4Network(pool).subnets(new_prefix=PREFIX):
        if not any(subnet.overlaps(other) for other in used):
            return subnet
    return None


def subnets_of(network: EngineNetwork) -> list[_Subnet]:
    """Return the network's IPv4 subnets."""
    return [_Subnet(one, strict=False) for one in network.subnets if ":" not in one]


def host_subnets() -> list[_Subnet]:
    """Return the networks that this host is on, which no bridge may hide."""
    return [
        _Subnet(f"{one.address}/{one.netmask}", strict=False)
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family is socket.AF_INET and one.netmask
    ]
