"""What the services of one text share: each other's names, and the sections beside them."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from berth.definition.text.nodes import Dictionary, Node, Sequence
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null
from berth.definition.text.values import boolean, shown, text


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of a service, known before the first one is read."""

    #: Keys of all services.
    services: frozenset[str] = frozenset()
    #: Those that are not started, since they belong to a profile.
    idle: frozenset[str] = frozenset()
    #: Declared volumes, and what each is called on a host.
    volumes: Mapping[str, str] = {}
    #: What those volumes are called on a host that must be there already.
    external_volumes: frozenset[str] = frozenset()
    #: Declared networks.
    networks: frozenset[str] = frozenset()
    #: Whether the text has no sections, so that nothing could be declared.
    first_version: bool = False


def find_stack(root: Dictionary, services: Mapping[str, Node], *, first_version: bool) -> Stack:
    """Return what the services of a text share; what is wrong with it is reported elsewhere."""
    idle = frozenset(name for name, body in services.items() if _has_profiles(body))
    names = frozenset(services)
    if first_version:
        return Stack(services=names, idle=idle, first_version=True)
    volumes = _section(root, "volumes")
    return Stack(
        services=names,
        idle=idle,
        volumes={name: _volume_name(name, node) for name, node in volumes},
        external_volumes=frozenset(_find_external(volumes)),
        networks=frozenset(name for name, _ in _section(root, "networks")),
    )


def report_volumes(section: Node, at: Position) -> None:
    """Report what of the declared volumes has no effect."""
    for name, node in _declared(section, at):
        place = at.inside(name)
        for member, (key, item) in node.entries.items():
            inside = place.inside(member)
            if member == "driver" and text(item, inside) not in (None, "local"):
                inside.ignored(key, "volumes are local to each host: the driver is not used")
            elif member in _VOLUME_IGNORED:
                inside.ignored(key, "volumes are made on each host with the engine's defaults")
            elif member == "external" and not isinstance(item, Dictionary):
                boolean(item, inside)
            elif member not in _VOLUME_KNOWN and not member.startswith("x-"):
                inside.ignored(key, f"{shown(member)} is not known as a part of a volume")


def report_networks(section: Node, at: Position) -> None:
    """Report what of the declared networks has no effect, or another than it would have elsewhere."""
    for name, node in _declared(section, at):
        place = at.inside(name)
        for member, (key, item) in node.entries.items():
            inside = place.inside(member)
            if member == "driver":
                if text(item, inside) not in (None, "bridge"):
                    inside.translated(key, _BRIDGE)
            elif member == "external":
                inside.translated(key, _BRIDGE)
            elif not member.startswith("x-"):
                inside.ignored(
                    key, "the bridge of the deployment is made with the engine's defaults"
                )


_VOLUME_IGNORED = frozenset({"driver_opts", "labels"})
_VOLUME_KNOWN = frozenset({"driver", "external", "name"})
_BRIDGE = (
    "a network is a bridge of the deployment on each host and never crosses hosts: "
    "service discovery tells where a service is"
)


def _has_profiles(body: Node) -> bool:
    profiles = body.get("profiles") if isinstance(body, Dictionary) else None
    return isinstance(profiles, Sequence) and bool(profiles.items)


def _section(root: Dictionary, name: str) -> list[tuple[str, Node]]:
    section = root.get(name)
    if not isinstance(section, Dictionary):
        return []
    return [(key, node) for key, (_, node) in section.entries.items()]


def _declared(section: Node, at: Position) -> list[tuple[str, Dictionary]]:
    """Return the members of a section that hold more than their names."""
    if is_null(section):
        return []
    if not isinstance(section, Dictionary):
        at.problem(section, "a mapping of names is expected here: write NAME: {}")
        return []
    found = []
    for name, (_, node) in section.entries.items():
        if isinstance(node, Dictionary):
            found.append((name, node))
        elif not is_null(node):
            at.inside(name).problem(node, "a mapping is expected here, or nothing")
    return found


def _find_external(volumes: Iterable[tuple[str, Node]]) -> Iterator[str]:
    """Yield the names of volumes that somebody has made; what a template gives is known on the host."""
    for key, node in volumes:
        name = _volume_name(key, node)
        if _is_made(node) and "{{" not in name:
            yield name


def _is_made(node: Node) -> bool:
    """Return whether a declaration says that somebody has made the volume."""
    external = node.get("external") if isinstance(node, Dictionary) else None
    if external is None or isinstance(external, Sequence):
        return False
    return isinstance(external, Dictionary) or external.value.lower() in ("true", "yes", "on")


def _volume_name(name: str, node: Node) -> str:
    """Return the name on a host: the ``name`` of the volume itself, or of its ``external``."""
    if not isinstance(node, Dictionary):
        return name
    for holder in (node, node.get("external")):
        chosen = holder.get("name") if isinstance(holder, Dictionary) else None
        if chosen is not None and not isinstance(chosen, Dictionary | Sequence) and chosen.value:
            return chosen.value
    return name
