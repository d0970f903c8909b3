"""The host ports of a simulated engine."""

from collections.abc import Iterable

from berth.domain.bindings import fold_bindings, overlap
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
        #: The next port to choose, by address: Docker counts each address's ports apart.
        self._next: dict[str, int] = {}

    def bind(self, ports: Iterable[PortSpec], what: str) -> tuple[PortBinding, ...]:
        """Take all ports or none. Raises PortTaken."""
        bound: list[PortBinding] = []
        try:
            for port in dict.fromkeys(ports):
                # What was bound before a refusal is in the list, and is given back.
                bound.extend(self._bind_one(port, what, ip=ip) for ip in _addresses(port.ip))
        except PortTaken:
            self.release(bound)
            raise
        return fold_bindings(bound)

    def occupy(self, port: int, *, protocol: str, ip: str) -> None:
        """Take a port for something that is no container."""
        self._held.setdefault((protocol, port), set()).update(_addresses(ip))

    def release(self, bindings: Iterable[PortBinding]) -> None:
        """Release ports."""
        for binding in bindings:
            key = (binding.protocol, binding.host)
            addresses = self._held.get(key, set())
            addresses.difference_update(_addresses(binding.ip))
            if not addresses:
                self._held.pop(key, None)

    def _bind_one(self, port: PortSpec, what: str, *, ip: str) -> PortBinding:
        host = self._choose(port.protocol, ip) if port.host is None else port.host
        if not self._is_free(port.protocol, host, ip=ip):
            raise PortTaken(
                f"cannot {what}: the engine says: driver failed programming external "
                f"connectivity: Bind for {ip}:{host} failed: port is already allocated"
            )
        self._held.setdefault((port.protocol, host), set()).add(ip)
        return PortBinding(port.container, port.protocol, host, ip)

    def _is_free(self, protocol: str, port: int, *, ip: str) -> bool:
        return not any(overlap(held, ip) for held in self._held.get((protocol, port), ()))

    def _choose(self, protocol: str, ip: str) -> int:
        for _ in range(_LAST_PORT - _FIRST_DYNAMIC):
            port = self._next.get(ip, _FIRST_DYNAMIC)
            self._next[ip] = port + 1 if port < _LAST_PORT else _FIRST_DYNAMIC
            if self._is_free(protocol, port, ip=ip):
                return port
        raise PortTaken("all dynamic ports of the host are in use")


def _addresses(ip: str) -> tuple[str, ...]:
    """Return what is bound for an address; none means all, which are two to an engine."""
    return (ip.strip("[]"),) if ip else ("0.0.0.0", "::")
