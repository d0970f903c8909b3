"""Keys for ports: ``ports`` in its short and long form, and ``expose``."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, TypeVar

from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text.nodes import KIND_NAMES, Dictionary, Node, Scalar, Sequence
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import Reader, each, one_of, shown, text
from berth.domain.spec import PortSpec

#: More ports of one service are a typing mistake, and too many for an engine.
MAX_PORTS = 500
MAX_PORT = 65535

T = TypeVar("T")
Protocol: TypeAlias = Literal["tcp", "udp", "sctp"]
_PROTOCOLS: Mapping[str, Protocol] = {"tcp": "tcp", "udp": "udp", "sctp": "sctp"}
_FORM = "write container, host:container or ip:host:container, for example 8080:80/tcp"
_RANGE = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")
_SHORT = re.compile(
    r"(?:(?:\[(?P<ip6>[^\]]*)\]|(?P<ip>[^:\[\]]*)):(?=[^:]*:))?"
    r"(?:(?P<host>[^:]*):)?(?P<container>[^:]+)"
)
_mode = one_of("host", "ingress")
_SLASHED = re.compile(r"/([^/:]*)")
_LONG_IGNORED = {
    "name": "ports have no names here",
    "app_protocol": "the protocol of the application has no effect",
}


def _parse_ports(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found = _gather(node, at, read=_read_ports)
    _check_twice(found, node, at=at)
    draft.container["ports"] = found


def _parse_expose(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    draft.container["expose"] = _gather(node, at, read=_read_exposed)


def _gather(node: Node, at: Position, *, read: Reader[tuple[T, ...]]) -> tuple[T, ...]:
    """Join what the items of a list stand for, each once."""
    found: dict[T, None] = {}
    count = 0
    for ports in each(node, at, read=read):
        count += len(ports)
        if count > MAX_PORTS:
            at.problem(node, f"the list contains too many ports: use at most {MAX_PORTS}")
            break
        found.update(dict.fromkeys(ports))
    return tuple(found)


def _check_twice(ports: Iterable[PortSpec], node: Node, *, at: Position) -> None:
    """Find host ports that two container ports of this service want: no host can satisfy it."""
    holders: dict[tuple[str, int, str], int] = {}
    for port in ports:
        if port.host is None:
            continue
        first = holders.setdefault((port.ip, port.host, port.protocol), port.container)
        if first != port.container:
            at.problem(
                node,
                f"host port {port.host}/{port.protocol} is used for container ports "
                f"{first} and {port.container}: use two host ports",
            )


def _read_ports(node: Node, at: Position) -> tuple[PortSpec, ...] | None:
    if isinstance(node, Scalar):
        return _read_short(node, at)
    if isinstance(node, Dictionary):
        return _read_long(node, at)
    at.problem(node, f"a port is expected here, not a list: {_FORM}")
    return None


def _read_short(node: Scalar, at: Position) -> tuple[PortSpec, ...] | None:
    value = text(node, at)
    if value is None:
        return None
    rest, protocol = _split_protocol(value, node, at=at)
    match = _SHORT.fullmatch(rest)
    if protocol is None or match is None:
        if match is None:
            at.problem(node, f"{shown(value)} is not a port: {_FORM}")
        return None
    ip = _read_ip(match["ip6"] or match["ip"] or "", node, at=at)
    container = _read_range(match["container"], node, at=at)
    host = _read_range(match["host"], node, at=at, low=0) if match["host"] else range(1)
    if ip is None or container is None or host is None:
        return None
    return _pair_up(container, host, form=PortSpec(1, protocol, ip=ip), node=node, at=at)


def _read_long(node: Dictionary, at: Position) -> tuple[PortSpec, ...] | None:
    fields: dict[str, str] = {}
    for name, (key, item) in node.entries.items():
        place = at.inside(name)
        if name in ("target", "published", "protocol", "host_ip"):
            fields[name] = text(item, place) or ""
        elif name == "mode":
            if _mode(item, place) == "ingress":
                place.translated(item, "ports are published on the host that runs the container")
        elif name in _LONG_IGNORED:
            place.ignored(item, _LONG_IGNORED[name])
        else:
            place.ignored(key, f"{shown(name)} is not known as a part of a port")
    if not fields.get("target"):
        at.problem(node, "the port has no target: add target, the port inside the container")
        return None
    protocol = _read_protocol(fields.get("protocol") or "tcp", node, at=at)
    ip = _read_ip(fields.get("host_ip", ""), node, at=at)
    container = _read_range(fields["target"], node, at=at)
    host = _read_range(fields.get("published") or "0", node, at=at, low=0)
    if protocol is None or ip is None or container is None or host is None:
        return None
    return _pair_up(container, host, form=PortSpec(1, protocol, ip=ip), node=node, at=at)


def _pair_up(
    container: range, host: range, *, form: PortSpec, node: Node, at: Position
) -> tuple[PortSpec, ...] | None:
    """Join container and host ports; host port 0 leaves the choice to the engine."""
    if host == range(1):
        return tuple(PortSpec(port, form.protocol, ip=form.ip) for port in container)
    if len(container) == 1 and len(host) > 1:
        at.translated(
            node,
            "the engine chooses a free host port: a range for one container port has no effect",
        )
        return (PortSpec(container[0], form.protocol, ip=form.ip),)
    if len(container) != len(host):
        at.problem(
            node,
            f"{len(host)} host ports do not match {len(container)} container ports: make both "
            "ranges the same length",
        )
        return None
    if host[0] == 0:
        at.problem(node, f"port 0 is out of range: use 1 to {MAX_PORT}")
        return None
    return tuple(
        PortSpec(inner, form.protocol, outer, form.ip)
        for inner, outer in zip(container, host, strict=True)
    )


def _split_protocol(value: str, node: Node, *, at: Position) -> tuple[str, Protocol | None]:
    rest, slash, name = value.rpartition("/")
    if not slash:
        return value, "tcp"
    if "/" in rest or ":" in name:
        at.problem(node, _misplaced_slash(value))
        return rest, None
    return rest, _read_protocol(name, node, at=at)


def _misplaced_slash(value: str) -> str:
    """Return what is wrong with a slash that does not begin the protocol at the end."""
    first, _, rest = value.partition("/")
    length, _, ports = rest.partition(":")
    if length.isdigit() and _is_address(first):
        return (
            f"{shown(value)} binds a range of addresses, but a port is bound to one: "
            f"write the address without /{length}, as {shown(f'{first}:{ports}')}"
        )
    once = f"{_SLASHED.sub('', value)}/{_SLASHED.findall(value)[-1]}"
    return (
        f"{shown(value)} has its protocol in the wrong place: write it once, at the end, "
        f"as {shown(once)}"
    )


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        return False
    return True


def _read_protocol(name: str, node: Node, *, at: Position) -> Protocol | None:
    protocol = _PROTOCOLS.get(name.lower())
    if protocol is None:
        at.problem(node, f"the protocol {shown(name)} is unknown: use tcp, udp or sctp")
    return protocol


def _read_ip(value: str, node: Node, *, at: Position) -> str | None:
    """Read an address; an empty one is good and means all."""
    if not value:
        return ""
    if _is_address(value):
        return str(ipaddress.ip_address(value.strip("[]")))
    at.problem(node, f"{shown(value)} is not an IP address: {_FORM}")
    return None


def _read_range(value: str, node: Node, *, at: Position, low: int = 1) -> range | None:
    match = _RANGE.fullmatch(value)
    if match is None and has_template(value):
        at.problem(node, "a port must be a number, not a template function")
        return None
    if match is None:
        at.problem(
            node, f"{shown(value)} is not a port: use 1 to {MAX_PORT}, or a range such as 8000-8010"
        )
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    for port in (first, last):
        if not low <= port <= MAX_PORT:
            at.problem(node, f"port {port} is out of range: use 1 to {MAX_PORT}")
            return None
    if last < first:
        at.problem(node, f"the range {value} runs backwards: write {last}-{first}")
        return None
    if last - first >= MAX_PORTS:
        at.problem(node, f"the range {value} is too long: use at most {MAX_PORTS} ports")
        return None
    return range(first, last + 1)


def _read_exposed(node: Node, at: Position) -> tuple[str, ...] | None:
    if isinstance(node, Dictionary | Sequence):
        at.problem(node, f"a port is expected here, not {KIND_NAMES[type(node)]}: write 80/tcp")
        return None
    value = text(node, at)
    if value is None:
        return None
    rest, protocol = _split_protocol(value, node, at=at)
    ports = _read_range(rest, node, at=at)
    return None if ports is None or protocol is None else tuple(_written(ports, protocol))


def _written(ports: range, protocol: str) -> Iterator[str]:
    return (f"{port}/{protocol}" for port in ports)


KEYS: Mapping[str, KeyParser] = {
    "ports": _parse_ports,
    "expose": _parse_expose,
}
