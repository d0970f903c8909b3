"""Choice of members: an answer with only the paths that a request names in ``fields``."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from berth.domain.errors import Unreadable

#: More or deeper paths than these are no reasonable question.
MAX_PATHS = 100
MAX_DEPTH = 10

#: A member to what is wanted below it; None below means all of it.
Tree = Mapping[str, Any]

_ABSENT: Any = object()


def parse_fields(text: str) -> Tree:
    """Read a comma list of member paths; raises Unreadable."""
    paths = [path.strip().split(".") for path in text.split(",") if path.strip()]
    if len(paths) > MAX_PATHS or any(len(path) > MAX_DEPTH for path in paths):
        raise _refusal(f"fields takes up to {MAX_PATHS} paths of up to {MAX_DEPTH} members")
    tree: dict[str, Any] = {}
    for path in sorted(paths, key=len):
        if not all(path):
            raise _refusal(f"fields has {'.'.join(path)[:80]!r}, which is no path of members")
        _add(tree, path)
    return tree


def check_fields(tree: Tree, kind: type[msgspec.Struct]) -> None:
    """Raise Unreadable for a member that answers of this kind never have."""
    known = _attributes_of(kind)
    for name in tree:
        if name not in known:
            shown = f", only {', '.join(known)}" if known else ""
            raise _refusal(f"there is no member {name[:80]!r} here{shown}")


def select(value: Any, tree: Tree) -> Any:
    """Return an answer's value with only the members of a tree; of a list, of each item."""
    if isinstance(value, list | tuple):
        return _select_all(value, tree)
    if isinstance(value, msgspec.Raw):
        return _select_raw(value, tree)
    found = {}
    for name, below in tree.items():
        member = _member_of(value, name)
        if member is not _ABSENT:
            found[name] = member if below is None else select(member, below)
    return found


def _select_all(items: Sequence[Any], tree: Tree) -> list[Any]:
    """Select from each item; of many records of one kind, what is wanted is looked up once."""
    kinds = {type(item) for item in items}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or not issubclass(kind, msgspec.Struct) or any(tree.values()):
        return [select(item, tree) for item in items]
    attributes = _attributes_of(kind)
    wanted = [(name, attributes[name]) for name in tree if name in attributes]
    return [
        {
            name: member
            for name, attribute in wanted
            if (member := getattr(item, attribute)) is not msgspec.UNSET
        }
        for item in items
    ]


def _add(tree: dict[str, Any], path: list[str]) -> None:
    """Note a path; shorter ones came before, and what is wanted whole stays whole."""
    *outer, last = path
    for name in outer:
        below = tree.setdefault(name, {})
        if below is None:
            return
        tree = below
    tree.setdefault(last, None)


def _member_of(value: Any, name: str) -> Any:
    if isinstance(value, msgspec.Struct):
        attribute = _attributes_of(type(value)).get(name)
        found = _ABSENT if attribute is None else getattr(value, attribute)
        return _ABSENT if found is msgspec.UNSET else found
    return value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT


@functools.cache
def _attributes_of(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the attribute behind each member's name in JSON."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(kind)}


def _select_raw(document: msgspec.Raw, tree: Tree) -> Any:
    """Read the wanted members of ready-made JSON alone; most of it is skipped."""
    try:
        return _decoder_of(_freeze(tree)).decode(document)
    except msgspec.ValidationError:
        # Something on a path is no object, so the document is read as a whole.
        return select(msgspec.json.decode(document), tree)


def _freeze(tree: Tree) -> tuple[Any, ...]:
    return tuple((name, below if below is None else _freeze(below)) for name, below in tree.items())


@functools.lru_cache(maxsize=64)
def _decoder_of(frozen: tuple[Any, ...]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(_make_kind(frozen))


def _make_kind(frozen: tuple[Any, ...]) -> Any:
    """Make a record of the wanted members only, since decoding into one skips all others."""
    members = [
        (
            f"m{number}",
            (msgspec.Raw if below is None else _make_kind(below)) | msgspec.UnsetType,
            msgspec.field(default=msgspec.UNSET, name=name),
        )
        for number, (name, below) in enumerate(frozen)
    ]
    return msgspec.defstruct("_Chosen", members)


def _refusal(message: str) -> Unreadable:
    return Unreadable(message, code="invalid_query", field="fields")
