"""Keys that name other services of the text: links, volumes_from, depends_on; and networks."""

import re
from collections.abc import Mapping

from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text.nodes import Dictionary, Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null, says_nothing
from berth.definition.text.values import (
    Reader,
    boolean,
    filled,
    list_of,
    mapping,
    no_effect,
    one_of,
    shown,
    text,
)
from berth.domain.ids import ServiceKey
from berth.domain.spec import Dependency, LinkSpec, NetworkSpec, describe_excess

_MAX_NETWORK_NAME = 128
_NETWORK_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{_MAX_NETWORK_NAME - 1}}}")
_CONTAINER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_CONDITIONS: Mapping[str, str] = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}


def _parse_links(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found: dict[LinkSpec, None] = {}
    for item, place in _items(node, at):
        value = text(item, place) or ""
        name, _, alias = value.partition(":")
        if is_known(name, item, at=place, draft=draft, hint=_OF_OTHERS):
            found[LinkSpec(ServiceKey(name), alias or name)] = None
    draft.container["links"] = tuple(found)


#: What to do about a link to a container of another deployment.
_OF_OTHERS = "; name a container of another text under external_links"


def _parse_external_links(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found: dict[str, None] = {}
    for item, place in _items(node, at):
        name, _, alias = item.value.partition(":")
        if all(_CONTAINER_NAME.fullmatch(each) for each in (name, alias or name)):
            found[f"{name}:{alias or name}"] = None
        else:
            place.problem(
                item,
                f"{shown(item.value)} is not a container with an alias: write name:alias, for "
                "example 0.db.shop:db",
            )
    draft.container["external_links"] = tuple(found)


def _parse_volumes_from(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found: dict[str, None] = {}
    for item, place in _items(node, at):
        value = (text(item, place) or "").removesuffix(":rw")
        name = value.removesuffix(":ro").removeprefix("service:")
        if draft.stack.first_version and _is_container(name, draft):
            place.translated(
                item, f"there is no service {shown(name)}: it is taken as the name of a container"
            )
            name = f"container:{name}"
        if name.startswith("container:"):
            known = len(name) > len("container:")
            if not known:
                place.problem(item, "a name is missing: write container:NAME")
        else:
            known = is_known(name, item, at=place, draft=draft)
        if known:
            found[name + (":ro" if value.endswith(":ro") else "")] = None
    draft.container["volumes_from"] = tuple(found)


def _is_container(name: str, draft: ServiceDraft) -> bool:
    """Return whether a name in a text of the first version is none of a service."""
    return bool(name) and ":" not in name and name not in draft.stack.services


def _items(node: Node, at: Position) -> list[tuple[Scalar, Position]]:
    """Return the single values of a list with their places."""
    found: list[tuple[Scalar, Position]] = []

    def read(item: Node, place: Position) -> object | None:
        if text(item, place) is not None and isinstance(item, Scalar):
            found.append((item, place))
        return None

    list_of(read)(node, at)
    return found


def is_known(name: str, node: Node, *, at: Position, draft: ServiceDraft, hint: str = "") -> bool:
    """Return whether a name is another service that is started with this one.

    An unknown name is a problem; one that belongs to a profile is only reported.
    """
    if name == draft.key:
        at.problem(node, f"the service {shown(name)} refers to itself: name another one")
    elif name not in draft.stack.services:
        names = ", ".join(sorted(draft.stack.services - {draft.key})[:8]) or "no other"
        at.problem(node, f"there is no service {shown(name)}: the text has {names}{hint}")
    elif name in draft.stack.idle and draft.key not in draft.stack.idle:
        at.ignored(node, f"the service {shown(name)} belongs to a profile and is not started")
    else:
        return True
    return False


def _parse_depends_on(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found: dict[str, Dependency] = {}
    if isinstance(node, Dictionary):
        for name, (key, item) in node.entries.items():
            dependency = _read_dependency(name, key, item=item, at=at.inside(name), draft=draft)
            if dependency is not None:
                found[name] = dependency
    else:
        for scalar, place in _items(node, at):
            if is_known(scalar.value, scalar, at=place, draft=draft):
                found[scalar.value] = Dependency(ServiceKey(scalar.value))
    draft.depends_on = tuple(found.values())


def _read_dependency(
    name: str, key: Scalar, *, item: Node, at: Position, draft: ServiceDraft
) -> Dependency | None:
    members = mapping(item, at, readers=_DEPENDENCY, what="a dependency")
    if members.pop("required", True) is False and name not in draft.stack.services:
        at.ignored(key, f"there is no service {shown(name)}, and it is not required")
        return None
    if not is_known(name, key, at=at, draft=draft):
        return None
    return filled(Dependency(ServiceKey(name)), members)


def _condition(node: Node, at: Position) -> str | None:
    word = one_of(*_CONDITIONS)(node, at)
    return None if word is None else _CONDITIONS[word]


def _restart(node: Node, at: Position) -> object | None:
    if boolean(node, at):
        at.ignored(node, "services are not restarted together with those they depend on")
    return None


def _parse_networks(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    if is_null(node):
        return
    if not says_nothing(draft.body.get("network_mode")):
        at.problem(node, "networks and network_mode exclude each other: keep one")
        return
    found: dict[str, NetworkSpec] = {}
    if isinstance(node, Dictionary):
        for name, (key, item) in node.entries.items():
            place = at.inside(name)
            members = mapping(item, place, readers=_NETWORK, what="a network of a service")
            found[name] = filled(NetworkSpec(name), members)
            _check_network(name, key, at=place, draft=draft)
    else:
        for scalar, place in _items(node, at):
            found[scalar.value] = NetworkSpec(scalar.value)
            _check_network(scalar.value, scalar, at=place, draft=draft)
    draft.container["networks"] = tuple(found.values())


def _check_network(name: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    if not _NETWORK_NAME.fullmatch(name):
        at.problem(
            node,
            f"{shown(name)} is not a network name: use letters, digits, dots, underscores "
            f"and hyphens{describe_excess(name, longest=_MAX_NETWORK_NAME)}",
        )
    elif name != "default" and name not in draft.stack.networks:
        at.translated(
            node,
            f"the network {shown(name)} is not declared under networks: it is created anyway",
        )


_DEPENDENCY: Mapping[str, Reader[object]] = {
    "condition": _condition,
    "required": boolean,
    "restart": _restart,
}
_OWN_ADDRESS = no_effect("the engine chooses the addresses in a network of the deployment")
_NETWORK: Mapping[str, Reader[object]] = {
    "aliases": list_of(text),
    **dict.fromkeys(("ipv4_address", "ipv6_address", "link_local_ips"), _OWN_ADDRESS),
    **dict.fromkeys(
        ("mac_address", "priority", "gw_priority", "driver_opts", "interface_name"),
        no_effect("this part of a network has no effect"),
    ),
}

KEYS: Mapping[str, KeyParser] = {
    "links": _parse_links,
    "external_links": _parse_external_links,
    "volumes_from": _parse_volumes_from,
    "depends_on": _parse_depends_on,
    "networks": _parse_networks,
}
