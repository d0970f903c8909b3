"""Who may read keys here: what has an address in a bridge of the engine."""

import asyncio
import ipaddress
import logging

from berth.agent.engine.protocol import Engine
from berth.agent.limits.networks import subnets_of
from berth.domain.errors import EngineError
from berth.runtime.clock import Clock
from berth.runtime.complaint import Complaint

log = logging.getLogger(__name__)

#: The driver of networks that end at this host. Those of others may be the host's own network.
BRIDGE = "bridge"
#: Older knowledge of the engine's networks is read again when somebody connects.
STALE_S = 60.0
#: The engine is not asked again before this, whoever connects.
AGAIN_S = 0.2
#: Longest wait for the engine; then the last list counts, and for this time nobody asks again.
LIST_S = 2.0
REST_S = 5.0


class Peers:
    """The subnets of the engine's bridges.

    The kernel answers at the bridge's address on every interface, so that a machine on the host's
    network can reach the endpoint with a route to that address. Its own address is none of these.
    """

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._complaint = Complaint(log, clock)
        self._subnets: tuple[ipaddress.IPv4Network, ...] = ()
        self._lock = asyncio.Lock()
        #: When the engine listed its networks last, and before which it is not asked again; monotonic.
        self._read_at = self._rests_until = float("-inf")

    async def admits(self, address: str) -> bool:
        """Whether a client at an address is a container of this host, or the host itself."""
        stale = self._clock.monotonic() - self._read_at >= STALE_S
        if stale or not self._holds(address):
            await self._read()
        if self._holds(address):
            return True
        self._complaint.log_once(
            f"a connection from {address} to the key/value endpoint is refused: it comes from no "
            "bridge network of this host's engine"
        )
        return False

    def _holds(self, address: str) -> bool:
        client = ipaddress.ip_address(address)
        return any(client in subnet for subnet in self._subnets)

    async def _read(self) -> None:
        async with self._lock:
            if self._clock.monotonic() < self._rests_until:
                return
            try:
                async with asyncio.timeout(LIST_S):
                    listed = await self._engine.list_networks()
            except (EngineError, TimeoutError) as exc:
                log.info("the last known networks of the engine count: %s", exc or "no answer")
                # Those who wait meanwhile, and a while later, need not wait for it as well.
                self._rests_until = self._clock.monotonic() + REST_S
                return
            self._read_at = self._clock.monotonic()
            self._rests_until = self._read_at + AGAIN_S
            self._subnets = tuple(
                subnet for one in listed if one.driver == BRIDGE for subnet in subnets_of(one)
            )
