"""Writes out what a service takes over from another one of the text with ``extends``.

Source of the rules: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md. Mappings are
joined member by member, lists are added to, and single values replace one another.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import islice

from berth.definition.text.node_factory import make_list, make_mapping, make_scalar
from berth.definition.text.nodes import OVERRIDE_TAG, Dictionary, Node, Scalar, Sequence
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null, says_nothing
from berth.definition.text.values import shown, split_outside
from berth.definition.text.yaml_reader import MAX_SIZE

#: Keys whose value replaces the inherited one as a whole.
_REPLACED = frozenset({"command", "entrypoint", "healthcheck.test"})
#: Lists of ``name=value`` texts, or mappings: joined by name, whichever form either has.
_NAMED = frozenset({"environment", "labels", "annotations", "sysctls", "storage_opt"})
#: Lists that may be a single value, too.
_SINGLE = frozenset({"dns", "dns_search", "dns_opt", "env_file", "label_file", "tmpfs"})
#: Lists of names that may be mappings, and what a bare name stands for.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "depends_on": {"condition": "service_started"},
    "networks": {},
}


def inherit(bodies: Mapping[str, Node], places: Mapping[str, Position]) -> dict[str, Node]:
    """Return the services with what they extend written into them; other files are not read."""
    inheritance = _Inheritance(bodies, places)
    return {name: inheritance.resolve(name) for name in bodies}


class _Inheritance:
    """The services that are written out so far."""

    def __init__(self, bodies: Mapping[str, Node], places: Mapping[str, Position]) -> None:
        self._bodies = bodies
        self._places = places
        self._done: dict[str, Node] = {}
        #: Services that cannot be written out, and those that extend them.
        self._broken: set[str] = set()
        #: Weight of everything that was taken over.
        self._size = 0

    def resolve(self, name: str) -> Node:
        """Write out a service, and those before it that it extends."""
        chain: dict[str, str | None] = {}
        following: str | None = name
        while following is not None and following not in self._done and following not in chain:
            chain[following] = self._find_base(following)
            following = chain[following]
        if following is not None and following in chain:
            last = next(reversed(chain))
            self._report(last, f"services extend one another, {_ring([*chain], following)}")
            chain[last] = None
        for each, base in reversed(chain.items()):
            self._done[each] = self._extend(each, base)
        return self._done[name]

    def _find_base(self, name: str) -> str | None:
        """Return the service that one extends; None where there is none in this text."""
        body = self._bodies[name]
        value = body.get("extends") if isinstance(body, Dictionary) else None
        if isinstance(value, Dictionary):
            if not says_nothing(value.get("file")):
                return None
            value = value.get("service")
        if not isinstance(value, Scalar) or says_nothing(value):
            return None
        if value.value in self._bodies:
            return value.value
        names = ", ".join(sorted(self._bodies)[:8])
        self._report(name, f"there is no service {shown(value.value)}: the text has {names}")
        return None

    def _extend(self, name: str, base_name: str | None) -> Node:
        body = self._bodies[name]
        base = None if base_name is None else self._done.get(base_name)
        if base_name in self._broken:
            self._broken.add(name)
            return body
        if not isinstance(body, Dictionary) or not isinstance(base, Dictionary):
            return body
        self._size += base.size
        if self._size > MAX_SIZE:
            self._report(
                name, "the text is too large once what services extend is written out: split it"
            )
            return body
        merged = _merge_mappings(base, body, path="")
        key, value = merged.entries["extends"]
        merged.entries["extends"] = (key, Scalar(value.start, value.end, value="", plain=True))
        merged.shared = body.shared
        return merged

    def _report(self, name: str, message: str) -> None:
        body = self._bodies[name]
        assert isinstance(body, Dictionary)
        self._broken.add(name)
        self._places[name].inside("extends").problem(body.entries["extends"][1], message)


def _ring(chain: list[str], closing: str) -> str:
    ring = [*chain[chain.index(closing) :], closing]
    return f"{' -> '.join(ring[:10])}: remove extends from one of them"


def _merge(base: Node, own: Node, *, path: str) -> Node:
    """Join two values of a key; ``path`` is the key's below the service."""
    if own.tag == OVERRIDE_TAG or path in _REPLACED or is_null(base):
        return own
    if is_null(own):
        return base
    if path in _NAMES:
        base, own = _as_mapping(base, path), _as_mapping(own, path)
    elif path in _NAMED and not (isinstance(base, Dictionary) and isinstance(own, Dictionary)):
        resets = own.resets if isinstance(own, Dictionary) else ()
        base, own = _as_lines(base, without=resets), _as_lines(own)
    elif path in _SINGLE:
        base, own = _as_list(base), _as_list(own)
    if isinstance(base, Sequence) and isinstance(own, Sequence):
        return _merge_lists(base, own, key_of=_KEYS.get(path, _whole))
    if isinstance(base, Dictionary) and isinstance(own, Dictionary):
        if path == "logging" and _driver(base) != _driver(own) is not None:
            return own
        return _merge_mappings(base, own, path=path)
    return own


def _merge_mappings(base: Dictionary, own: Dictionary, *, path: str) -> Dictionary:
    merged = Dictionary(own.start, own.end, flow=own.flow)
    merged.shared = True
    merged.own, merged.resets = own.own, own.resets
    merged.entries.update(islice(own.entries.items(), own.own))
    for name, (key, value) in base.entries.items():
        mine = own.entries.get(name)
        if mine is not None:
            inside = f"{path}.{name}" if path else name
            merged.entries[name] = (mine[0], _merge(value, mine[1], path=inside))
        elif name not in own.resets and (path or name != "extends"):
            merged.entries[name] = (key, value)
    for name, entry in own.entries.items():
        merged.entries.setdefault(name, entry)
    merged.size = 1 + sum(value.size + 1 for _, value in merged.entries.values())
    return merged


def _merge_lists(base: Sequence, own: Sequence, *, key_of: Callable[[Node], object]) -> Sequence:
    """Add the items to the inherited ones; one of the same key takes its place."""
    taken = {key_of(item) for item in own.items}
    merged = Sequence(own.start, own.end, flow=own.flow)
    merged.shared = True
    merged.items = [item for item in base.items if key_of(item) not in taken] + own.items
    merged.size = 1 + sum(item.size for item in merged.items)
    return merged


def _whole(item: Node) -> object:
    return item.value if isinstance(item, Scalar) else id(item)


def _name(item: Node) -> object:
    return item.value.partition("=")[0] if isinstance(item, Scalar) else id(item)


def _target(item: Node) -> object:
    """Return where something is mounted."""
    if isinstance(item, Dictionary):
        named = (item.get(word) for word in ("target", "dst", "destination"))
        found = next((node.value for node in named if isinstance(node, Scalar)), "")
    else:
        parts = split_outside(item.value, ":") if isinstance(item, Scalar) else [""]
        found = parts[min(1, len(parts) - 1)]
    return found.rstrip("/") or id(item)


_KEYS: Mapping[str, Callable[[Node], object]] = {
    **dict.fromkeys(_NAMED, _name),
    **dict.fromkeys(("volumes", "devices", "configs", "secrets"), _target),
}


def _as_lines(node: Node, *, without: Collection[str] = ()) -> Node:
    """Return names with values as a list of ``name=value`` texts."""
    if isinstance(node, Sequence):
        kept = (item for item in node.items if _name(item) not in without)
        return make_list(kept, node.start) if without else node
    if not isinstance(node, Dictionary):
        return node
    lines = []
    for name, (key, item) in node.entries.items():
        value = item.value if isinstance(item, Scalar) and not is_null(item) else None
        lines.append(make_scalar(name if value is None else f"{name}={value}", key.start))
    return make_list(lines, node.start)


def _as_list(node: Node) -> Node:
    return make_list([node], node.start) if isinstance(node, Scalar) else node


def _as_mapping(node: Node, path: str) -> Node:
    """Return a list of names as a mapping of them."""
    if not isinstance(node, Sequence):
        return node
    return make_mapping(
        {
            item.value: make_mapping(
                {name: make_scalar(word, item.start) for name, word in _NAMES[path].items()},
                item.start,
            )
            for item in node.items
            if isinstance(item, Scalar)
        },
        node.start,
    )


def _driver(logging: Dictionary) -> str | None:
    driver = logging.get("driver")
    return driver.value if isinstance(driver, Scalar) else None
