"""The host ports of a simulated engine."""

from collections.abc import Iterable

from berth.domain.errors import PortTaken
from berth.domain.observed import PortBinding
from berth.domain.spec import PortSpec

#: Where the engine begins to choose ports by itself.
_FIRST_DYNAMIC = 32768
_LAST_PORT = 65535


class HostPorts:
    """Who holds which port of the host."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], set[str]] = {}
        self._next = _FIRST_DYNAMIC

    def bind(self, ports: Iterable[PortSpec], what: str) -> tuple[PortBinding, ...]:
        """Take all ports or none. Raises PortTaken."""
        bound: list[PortBinding] = []
        try:
            # What was bound before a refusal is in the list, and is given back.
            bound.extend(self._bind_one(port, what) for port in dict.fromkeys(ports))
        except PortTaken:
            self.release(bound)
            raise
        return tuple(sorted(bound, key=lambda b: (b.container, b.protocol, b.host, b.ip)))

    def occupy(self, port: int, *, protocol: str, ip: str) -> None:
        """Take a port for something that is no container."""
        self._held.setdefault((protocol, port), set()).add(_plain(ip))

    def release(self, bindings: Iterable[PortBinding]) -> None:
        """Give ports back."""
        for binding in bindings:
            key = (binding.protocol, binding.host)
            addresses = self._held.get(key, set())
            addresses.discard(binding.ip)
            if not addresses:
                self._held.pop(key, None)

    def _bind_one(self, port: PortSpec, what: str) -> PortBinding:
        host = self._choose(port.protocol) if port.host is None else port.host
        ip = _plain(port.ip)
        addresses = self._held.setdefault((port.protocol, host), set())
        if addresses and (not ip or "" in addresses or ip in addresses):
            raise PortTaken(
                f"cannot {what}: the engine says: driver failed programming external "
                f"connectivity: Bind for {ip or '0.0.0.0'}:{host} failed: port is already allocated"
            )
        addresses.add(ip)
        return PortBinding(port.container, port.protocol, host, ip)

    def _choose(self, protocol: str) -> int:
        for _ in range(_LAST_PORT - _FIRST_DYNAMIC):
            port = self._next
            self._next = port + 1 if port < _LAST_PORT else _FIRST_DYNAMIC
            if not self._held.get((protocol, port)):
                return port
        raise PortTaken("all dynamic ports of the host are in use")


def _plain(ip: str) -> str:
    return "" if ip in ("0.0.0.0", "::", "[::]") else ip
