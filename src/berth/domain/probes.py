"""The port rule of probes: where a check of a container connects to."""

from collections.abc import Iterable

from berth.domain.observed import PortBinding
from berth.domain.spec import Probe

#: Addresses of a binding that stand for all addresses of the host.
_ALL = frozenset({"", "0.0.0.0", "::"})


def probe_target(
    probe: Probe, *, bindings: Iterable[PortBinding], host_address: str, container_address: str
) -> tuple[str, int]:
    """Give the address and port that an HTTP or TCP probe connects to.

    The port of a probe may be the container's or the host's side of a publication; the rules are
    ordered, and the first that fits wins. A container without an address of its own (it shares
    the host's network) has the host's. A script needs no target, so its answer means nothing.
    """
    # The text names another machine: its port is meant as written.
    if probe.host:
        return probe.host, probe.port
    published = [binding for binding in bindings if binding.protocol == "tcp"]
    # A published container port is reached the way its users reach it.
    inside = [binding for binding in published if binding.container == probe.port]
    if inside:
        return _address(inside, host_address), _first(inside).host
    # A published host port.
    outside = [binding for binding in published if binding.host == probe.port]
    if outside:
        return _address(outside, host_address), probe.port
    # A port that is not published.
    return container_address or host_address, probe.port


def _first(bindings: list[PortBinding]) -> PortBinding:
    """Prefer a binding to all addresses; engines list one port once per address family."""
    return min(bindings, key=lambda binding: binding.ip not in _ALL)


def _address(bindings: list[PortBinding], host_address: str) -> str:
    """Give the host's address, or the only one that the port is bound to."""
    ip = _first(bindings).ip
    return host_address if ip in _ALL else ip
