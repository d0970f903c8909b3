"""Holds the services of one text together: start order, host ports, and who waits for whom."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from berth.definition.text.nodes import Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.values import shown
from berth.domain.bindings import overlap
from berth.domain.ids import ServiceKey
from berth.domain.spec import PortSpec, ServiceSpec
from berth.domain.states import Availability


class Member(msgspec.Struct, frozen=True):
    """A service that was read, and where it stands."""

    spec: ServiceSpec
    body: Node
    at: Position

    def entry(self, *keys: str) -> tuple[Node, Position]:
        """Return the first of these keys that the service has, to hang a finding on."""
        for key in keys:
            node = self.body.get(key) if isinstance(self.body, Dictionary) else None
            if node is not None:
                return node, self.at.inside(key)
        return self.body, self.at


def agree(members: Sequence[Member]) -> tuple[ServiceSpec, ...]:
    """Return the services, changed where one affects another; record what cannot run."""
    by_key = {member.spec.key: member for member in members}
    _check_cycles(by_key)
    _check_phases(by_key)
    _check_ports(members)
    _report_unchecked(by_key)
    ending = _find_ending(by_key)
    return tuple(
        _run_once(member) if member.spec.key in ending else member.spec for member in members
    )


def _check_cycles(by_key: Mapping[ServiceKey, Member]) -> None:
    """Find services that wait for one another; each ring is reported once, where it closes."""
    done: set[ServiceKey] = set()
    for start in by_key:
        path: dict[ServiceKey, Iterator[ServiceKey]] = {}
        _enter(start, path, by_key=by_key, done=done)
        while path:
            key = next(reversed(path))
            following = next(path[key], None)
            if following is None:
                done.add(key)
                del path[key]
            elif following in path:
                _report_cycle(list(path), following, by_key=by_key)
            else:
                _enter(following, path, by_key=by_key, done=done)


def _enter(
    key: ServiceKey,
    path: dict[ServiceKey, Iterator[ServiceKey]],
    *,
    by_key: Mapping[ServiceKey, Member],
    done: set[ServiceKey],
) -> None:
    if key not in done and key in by_key:
        path[key] = iter(by_key[key].spec.starts_after)


def _report_cycle(
    path: list[ServiceKey], closing: ServiceKey, *, by_key: Mapping[ServiceKey, Member]
) -> None:
    ring = path[path.index(closing) :]
    shown_ring = ring if len(ring) <= 10 else [*ring[:9], "..."]
    node, place = _entry_that_names(closing, by_key[ring[-1]])
    place.problem(
        node,
        f"services wait for one another, {' -> '.join([*shown_ring, closing])}: "
        "remove one of these dependencies",
    )


def _check_phases(by_key: Mapping[ServiceKey, Member]) -> None:
    for member in by_key.values():
        for key in member.spec.starts_after:
            other = by_key.get(key)
            if other is not None and other.spec.phase > member.spec.phase:
                node, place = _entry_that_names(key, member)
                place.problem(
                    node,
                    f"the service starts in phase {member.spec.phase}, but waits for "
                    f"{shown(other.spec.key)} of phase {other.spec.phase}: give it a later phase",
                )


def _entry_that_names(key: ServiceKey, member: Member) -> tuple[Node, Position]:
    """Return the entry by which a service starts after another one."""
    depends = any(each.service == key for each in member.spec.depends_on)
    return member.entry("depends_on" if depends else "volumes_from")


def _check_ports(members: Sequence[Member]) -> None:
    """Find two services that want one host port of the same host.

    Only a text that keeps them apart itself may use a port twice: on other host names, with other
    tags, on other addresses. A pool may have hosts enough today and fewer tomorrow.
    """
    holders: dict[tuple[int, str], _Holders] = {}
    for member in members:
        if member.spec.replicas == 0:
            continue
        for port in member.spec.container.static_ports:
            known = holders.setdefault((port.host or 0, port.protocol), _Holders())
            other = known.find(member, port)
            if other is not None:
                node, place = member.entry("ports")
                place.problem(
                    node,
                    f"host port {port.host}/{port.protocol} is already used by "
                    f"{shown(other.spec.key)}: use another one, or keep the two apart with "
                    "constraint:hostname==",
                )
                break
            known.add(member, port)


class _Holders:
    """Services that want one port, by the host name that they are bound to."""

    def __init__(self) -> None:
        self._by_hostname: dict[str, list[tuple[Member, PortSpec]]] = {}

    def add(self, member: Member, port: PortSpec) -> None:
        """Take a service in."""
        self._by_hostname.setdefault(member.spec.placement.hostname, []).append((member, port))

    def find(self, member: Member, port: PortSpec) -> Member | None:
        """Find one that could meet a service on a host; those bound to others are passed over."""
        name = member.spec.placement.hostname
        names = (name, "") if name else tuple(self._by_hostname)
        held = (pair for each in names for pair in self._by_hostname.get(each, ()))
        return next((m for m, theirs in held if _meet(m, member, ports=(theirs, port))), None)


def _meet(one: Member, other: Member, *, ports: tuple[PortSpec, PortSpec]) -> bool:
    held, wanted = ports
    if one is other or not overlap(held.ip, wanted.ip):
        return False
    mine, theirs = one.spec.placement, other.spec.placement
    # Each rule alone keeps them apart.
    return not (
        mine.hostname in theirs.not_hostnames
        or theirs.hostname in mine.not_hostnames
        or (_tags(one) and _tags(other) and _tags(one).isdisjoint(_tags(other)))
    )


def _tags(member: Member) -> frozenset[str]:
    rules = member.spec.placement
    own = {rules.tag} if rules.availability is Availability.PER_TAG else set()
    return frozenset(own | set(rules.required_tags))


def _report_unchecked(by_key: Mapping[ServiceKey, Member]) -> None:
    """Report services that wait for the health of one that has no check."""
    for member in by_key.values():
        for dependency in member.spec.depends_on:
            other = by_key.get(dependency.service)
            if dependency.condition == "healthy" and other and not other.spec.container.probes:
                own = other.spec.container.image_probe
                unless = ", unless its image brings one," if own else ","
                node, place = member.entry("depends_on")
                key = node.find_key(dependency.service) if isinstance(node, Dictionary) else None
                place.inside(dependency.service).translated(
                    key or node,
                    f"{shown(dependency.service)} has no check{unless} and counts as healthy once "
                    "it runs",
                )


def _find_ending(by_key: Mapping[ServiceKey, Member]) -> set[ServiceKey]:
    """Find services whose end another one waits for, but that would be started again."""
    return {
        dependency.service
        for member in by_key.values()
        for dependency in member.spec.depends_on
        if dependency.condition == "completed"
        and dependency.service in by_key
        and by_key[dependency.service].spec.container.restart
    }


def _run_once(member: Member) -> ServiceSpec:
    node, place = member.entry("restart", "image")
    place.translated(node, "another service waits for this one to end: it runs once")
    container = msgspec.structs.replace(member.spec.container, restart=False)
    return msgspec.structs.replace(member.spec, container=container)
