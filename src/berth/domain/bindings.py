"""Addresses of bindings: engines choose the host ports of IPv4 and IPv6 apart."""

from collections.abc import Iterable

import msgspec

from berth.domain.observed import PortBinding

_ALL_IPV4 = "0.0.0.0"
_ALL_IPV6 = "::"

#: Addresses that stand for all of a host's: of both families, of IPv4, of IPv6.
ALL_ADDRESSES = frozenset({"", _ALL_IPV4, _ALL_IPV6})


def fold_bindings(bindings: Iterable[PortBinding]) -> tuple[PortBinding, ...]:
    """Order bindings, and write a port that both families have in common once, with the address "".

    A port that the families have under different numbers, or that one of them has alone, keeps
    its address: each is reached in its own family only.
    """
    known = {_plain(binding) for binding in bindings}
    folded = set()
    for binding in known:
        other = {_ALL_IPV4: _ALL_IPV6, _ALL_IPV6: _ALL_IPV4}.get(binding.ip)
        twin = other is not None and msgspec.structs.replace(binding, ip=other) in known
        folded.add(msgspec.structs.replace(binding, ip="") if twin else binding)
    return tuple(sorted(folded, key=lambda one: (one.container, one.protocol, one.host, one.ip)))


def reached_at(binding: PortBinding, host_address: str) -> str:
    """Return the address at which a binding is reached, "" when nothing known leads there.

    A binding to all addresses of a family needs a host's address of that family.
    """
    if binding.ip not in ALL_ADDRESSES:
        return binding.ip
    if binding.ip == "" or _family(binding.ip) == _family(host_address):
        return host_address
    return ""


def overlap(one: str, other: str) -> bool:
    """Return whether a port can be bound to only one of two addresses at a time."""
    if "" in (one, other):
        return True
    same = one == other or not ALL_ADDRESSES.isdisjoint((one, other))
    return same and _family(one) == _family(other)


def _plain(binding: PortBinding) -> PortBinding:
    return msgspec.structs.replace(binding, ip=binding.ip.strip("[]"))


def _family(address: str) -> int:
    """Return the family of an address; a name counts as IPv4, which engines always publish to."""
    return 6 if ":" in address else 4
