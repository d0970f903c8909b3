"""Keys for the network of a container: mode, names, addresses, name servers."""

import ipaddress
import re
from collections.abc import Iterator, Mapping

from berth.definition.service.keys.relations import is_known
from berth.definition.service.service_draft import KeyParser, ServiceDraft, member
from berth.definition.text.nodes import Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import each, list_of, shown, text, text_like

_NOT_SHARED = "containers of two services do not share one network: use networks"
_MODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")

_host_name = text_like(
    r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?",
    "use letters, digits, dots and hyphens",
)


def _parse_mode(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    mode = text(node, at)
    if mode is None or not _is_own(mode, node, at=at, draft=draft):
        return
    known = draft.container.setdefault("network_mode", mode)
    if known != mode:
        at.problem(node, f"net says {mode} but network_mode says {known}: keep network_mode")


def _is_own(mode: str, node: Node, *, at: Position, draft: ServiceDraft) -> bool:
    """Return whether an engine can provide this mode by itself."""
    kind, _, name = mode.partition(":")
    if mode == "default":
        at.translated(node, "the default network is the bridge of the host")
    elif kind == "service":
        if is_known(name, node, at=at, draft=draft):
            at.ignored(node, _NOT_SHARED)
    elif kind == "container" and draft.stack.first_version and name in draft.stack.services:
        # The first version meant a service by this, where the engine means a container's name.
        at.ignored(node, _NOT_SHARED)
    elif (kind == "container" and name) or _MODE.fullmatch(mode) or has_template(mode):
        return True
    else:
        at.problem(
            node,
            f"{shown(mode)} is not valid here: use bridge, host, none or the name of a network",
        )
    return False


def check_shared(draft: ServiceDraft, at: Position) -> None:
    """Hold together what a container cannot have of its own beside a network that it shares."""
    mode = str(draft.container.get("network_mode", ""))
    of_container = mode.startswith("container:")
    if mode != "host" and not of_container:
        return
    node = draft.body.get("hostname")
    if node is not None and draft.container.pop("hostname", ""):
        at.inside("hostname").ignored(node, f"the host name follows from network_mode {mode}")
    for key in _OF_NETWORK if of_container else ("mac_address",):
        node = draft.body.get(key)
        if node is not None and draft.container.get(key):
            at.inside(key).problem(
                node, f"{key} belongs to the network that network_mode {mode} shares: leave it out"
            )


#: Keys that engines refuse for a container in the network of another one.
_OF_NETWORK = ("ports", "expose", "dns", "extra_hosts", "mac_address")


def _address(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None:
        return None
    if not _is_address(value) and not has_template(value):
        at.problem(node, f"{shown(value)} is not an IP address: write for example 10.0.0.2")
        return None
    return value


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _parse_extra_hosts(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    if not isinstance(node, Dictionary):
        lines = tuple(each(node, at, read=_host_line))
    else:
        lines = tuple(sorted(_host_lines(node, at)))
    draft.container["extra_hosts"] = lines


def _host_lines(node: Node, at: Position) -> Iterator[str]:
    """Yield the lines of a map, in which a name may have several addresses."""
    for name, (_, value) in node.entries.items() if isinstance(node, Dictionary) else ():
        place = at.inside(name)
        for address in each(value, place, read=text, single=True):
            if line := _joined(name, address, node=value, at=place):
                yield line


def _host_line(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None:
        return None
    if has_template(value):
        return value
    # The address may hold colons itself, so the first separator ends the name.
    separator = "=" if "=" in value else ":"
    name, _, address = value.partition(separator)
    return _joined(name.strip(), address.strip(), node=node, at=at)


def _joined(name: str, address: str, *, node: Node, at: Position) -> str | None:
    address = address.removeprefix("[").removesuffix("]")
    good = address == "host-gateway" or has_template(address) or _is_address(address)
    if name and good:
        return f"{name}:{address}"
    at.problem(
        node,
        f"{shown(f'{name}:{address}')} is not a host with its address: write "
        "name:address, for example db:10.0.0.2",
    )
    return None


def _mac_address(node: Node, at: Position) -> str | None:
    value = _mac_text(node, at)
    if value is None or has_template(value):
        return value
    address = value.lower().replace("-", ":")
    # The lowest bit of the first pair marks the address of a group.
    if int(address[:2], 16) % 2 or set(address) <= {"0", ":"}:
        at.problem(
            node, f"{shown(value)} is not the address of a single network card: begin with 02"
        )
        return None
    return address


_mac_text = text_like(
    r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}",
    "write six pairs of hexadecimal digits, for example 02:42:ac:11:00:02",
)

KEYS: Mapping[str, KeyParser] = {
    "network_mode": _parse_mode,
    "net": _parse_mode,
    "hostname": member("hostname", _host_name),
    "domainname": member("domainname", _host_name),
    "container_name": member(
        "container_name",
        text_like(
            r"[A-Za-z0-9][A-Za-z0-9_.-]{1,127}",
            "use at least two letters, digits, dots, underscores and hyphens",
        ),
    ),
    "mac_address": member("mac_address", _mac_address),
    "extra_hosts": _parse_extra_hosts,
    "dns": member("dns", list_of(_address, single=True)),
    "dns_search": member("dns_search", list_of(text, single=True)),
    "dns_opt": member("dns_options", list_of(text)),
}
