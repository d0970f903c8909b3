"""Makes nodes of values that did not come from YAML, so that the same readers take them."""

from collections.abc import Iterable, Mapping

from berth.definition.text.host_path import is_host_path
from berth.definition.text.nodes import Dictionary, Mark, Node, Scalar, Sequence


def make_scalar(value: str | bool | float | None, at: Mark) -> Scalar:
    """Make a single value; a text is never taken for a number or for nothing."""
    if isinstance(value, str):
        return Scalar(at, at, value=value, plain=False)
    if isinstance(value, bool):
        return Scalar(at, at, value="true" if value else "false", plain=True)
    return Scalar(at, at, value="null" if value is None else repr(value), plain=True)


def make_list(items: Iterable[Node], at: Mark) -> Sequence:
    """Make a list of nodes."""
    node = Sequence(at, at, flow=False)
    node.items.extend(items)
    node.size = 1 + sum(item.size for item in node.items)
    return node


def make_mapping(entries: Mapping[str, Node], at: Mark) -> Dictionary:
    """Make a mapping whose keys stand where their values stand."""
    node = Dictionary(at, at, flow=False)
    for name, value in entries.items():
        node.entries[name] = (Scalar(value.start, value.end, value=name, plain=False), value)
    node.own = len(node.entries)
    node.size = 1 + sum(value.size + 1 for value in entries.values())
    return node


def make_node(value: object, at: Mark) -> Node:
    """Make the nodes of a value as JSON has it; all of them stand at one place."""
    if isinstance(value, Mapping):
        return make_mapping({str(name): make_node(each, at) for name, each in value.items()}, at)
    if isinstance(value, list):
        return make_list((make_node(each, at) for each in value), at)
    return make_scalar(value if isinstance(value, str | int | float) else None, at)


def find_declarations(bodies: Iterable[Dictionary]) -> dict[str, Node]:
    """Return the volumes and networks that services name, as the top of a text declares them."""
    found: dict[str, dict[str, Node]] = {"volumes": {}, "networks": {}}
    for body in bodies:
        volumes, networks = body.get("volumes"), body.get("networks")
        for item in volumes.items if isinstance(volumes, Sequence) else ():
            source = item.get("source") if isinstance(item, Dictionary) else item
            name = source.value.partition(":")[0] if isinstance(source, Scalar) else ""
            if name and not is_host_path(name):
                found["volumes"][name] = make_mapping({}, item.start)
        if isinstance(networks, Dictionary):
            for name, (key, _) in networks.entries.items():
                found["networks"][name] = make_mapping({}, key.start)
    return {
        section: make_mapping(names, next(iter(names.values())).start)
        for section, names in found.items()
        if names
    }
