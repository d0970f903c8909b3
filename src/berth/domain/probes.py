"""The port rule of probes: where a check of a container connects to."""

from collections.abc import Iterable

from berth.domain.bindings import ALL_ADDRESSES, reached_at
from berth.domain.observed import PortBinding
from berth.domain.spec import Probe


def probe_target(
    probe: Probe, *, bindings: Iterable[PortBinding], host_address: str, container_address: str
) -> tuple[str, int]:
    """Return the address and port that an HTTP or TCP probe connects to.

    The port of a probe may be the container's or the host's side of a publication; the rules are
    ordered, and the first that fits wins. A container without an address of its own (it shares
    the host's network) has the host's. A script needs no target, so its answer means nothing.
    """
    # The text names another machine: its port is meant as written.
    if probe.host:
        return probe.host, probe.port
    published = [
        binding
        for binding in bindings
        if binding.protocol == "tcp" and reached_at(binding, host_address)
    ]
    # A published container port is reached the way its users reach it.
    inside = [binding for binding in published if binding.container == probe.port]
    # A published host port.
    outside = [binding for binding in published if binding.host == probe.port]
    for found in (inside, outside):
        if found:
            first = _first(found)
            return reached_at(first, host_address), first.host
    # A port that is not published, or not in the family of the host's address.
    return container_address or host_address, probe.port


def _first(bindings: list[PortBinding]) -> PortBinding:
    """Prefer a binding to all addresses."""
    return min(bindings, key=lambda binding: binding.ip not in ALL_ADDRESSES)
