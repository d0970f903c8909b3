"""Replaces ``$NAME`` and ``${NAME...}`` by values, as Compose does without variables.

Source of the grammar: https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md.
The manager's own variables are never read, so every variable counts as unset.
"""

import re
from collections.abc import Iterator

from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.text.position import Position, join_names

_TOKEN = re.compile(
    # Every branch begins with one character, which lets the search jump from one to the next.
    r"\$(?:(?P<dollar>\$)"
    r"|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-+?]|(?=\}))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*))"
    # A template function keeps its braces, also inside a default.
    r"|\{\{[^{}]*\}\}"
    r"|(?P<end>\})"
)
_FIRST = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[^{}]*\})")
#: Defaults inside defaults; what lies deeper stays as it is written.
MAX_NESTING = 20
_DIRECTIVE = re.compile(r"\s*(?:(?:occs|berth|stackengine)\s*:|OCCS_)", re.IGNORECASE)
_KEPT = (
    "variables are not substituted in a text with occs: or OCCS_ entries: "
    "the text is passed on as it is"
)


class _Value:
    """A text while its variables are put in."""

    def __init__(self) -> None:
        #: Open ``${NAME`` with the pieces of its word; the outermost has neither.
        self.frames: list[tuple[str, str, list[str]]] = [("", "", [])]
        #: Names that became a default, and names that became nothing.
        self.defaults: list[str] = []
        self.empty: list[str] = []
        #: Names that must be set.
        self.required: list[tuple[str, str]] = []

    @property
    def text(self) -> str:
        """What stands outside of open variables."""
        return "".join(self.frames[0][2])


def interpolate(
    services: list[tuple[str, Node]], sections: list[tuple[str, Node]], *, at: Position
) -> None:
    """Substitute the variables in all values, in place; safe for nodes that aliases share.

    A text that speaks to this system itself (``occs:`` entries, ``OCCS_`` variables) was never
    substituted, so its dollar signs stay, and the report says so.
    """
    literal = any(speaks(body) for _, body in services)
    sources = {id(node) for _, body in services for node in _sources(body)}
    seen: set[int] = set()
    for path, node in (*services, *sections):
        for scalar, place, depth in _dollars(node, at.inside(path), seen=seen):
            if literal:
                if any(match["end"] is None for match in _TOKEN.finditer(scalar.value)):
                    place.ignored(scalar, _KEPT)
            else:
                _substitute(scalar, place, depth=depth, is_source=id(scalar) in sources)


def speaks_itself(entry: str) -> bool:
    """Return whether an entry of the environment is meant for this system alone."""
    return _DIRECTIVE.match(entry) is not None


def speaks(body: Node) -> bool:
    """Return whether the environment of a service has entries for this system."""
    environment = body.get("environment") if isinstance(body, Dictionary) else None
    if isinstance(environment, Dictionary):
        return any(speaks_itself(name) for name in environment.entries)
    if isinstance(environment, Sequence):
        return any(
            isinstance(item, Scalar) and speaks_itself(item.value) for item in environment.items
        )
    return False


def _sources(body: Node) -> Iterator[Node]:
    """Yield what is mounted, in the short form or as the source of a long one."""
    volumes = body.get("volumes") if isinstance(body, Dictionary) else None
    for item in volumes.items if isinstance(volumes, Sequence) else ():
        if not isinstance(item, Dictionary):
            yield item
        else:
            yield from filter(None, map(item.get, ("source", "src")))


def _dollars(
    node: Node, at: Position, *, seen: set[int], depth: int = 0
) -> Iterator[tuple[Scalar, Position, int]]:
    """Yield every scalar with a dollar sign below a node, each once, and how deep it stands."""
    if isinstance(node, Scalar):
        if "$" in node.value and id(node) not in seen:
            seen.add(id(node))
            yield node, at, depth
        return
    if id(node) in seen:
        return
    seen.add(id(node))
    members: list[tuple[str | int, Node]] = (
        list(enumerate(node.items))
        if isinstance(node, Sequence)
        else [(name, item) for name, (_, item) in node.entries.items()]
    )
    for name, item in members:
        if not (isinstance(name, str) and name.startswith("x-")):
            yield from _dollars(item, at.inside(name), seen=seen, depth=depth + 1)


def _substitute(scalar: Scalar, at: Position, *, depth: int, is_source: bool) -> None:
    # A folder that no one names would leave an absolute path, which was never meant.
    folder = _empty_folder(scalar.value) if is_source else ""
    value = _read(scalar.value.removeprefix(folder))
    result = folder + value.text
    if scalar.plain and not result and depth > 1:
        # What a variable leaves of an item is an empty text, not a missing one.
        scalar.plain = False
    written, scalar.value = scalar.value, result
    for name, said in value.required:
        tail = f" ({said[:60]})" if said else ""
        at.problem(scalar, f"the variable {name} must be set{tail}: write its value in its place")
    required = (name for name, _ in value.required)
    scalar.written, scalar.empty = written, tuple(dict.fromkeys((*value.empty, *required)))
    if value.defaults:
        names = join_names(value.defaults)
        at.translated(scalar, f"variables are not read, so the default is used for {names}")
    if value.empty:
        names = join_names(value.empty)
        at.translated(
            scalar,
            f"variables are not read, so {names} became empty: write the value in its place",
        )


def _empty_folder(text: str) -> str:
    """Return the variable at the beginning of a text when it becomes nothing."""
    match = _FIRST.match(text)
    if match is None or (value := _read(match[0])).text or value.required:
        return ""
    return match[0]


def _read(text: str) -> _Value:
    value = _Value()
    last = 0
    for match in _TOKEN.finditer(text):
        value.frames[-1][2].append(text[last : match.start()])
        last = match.end()
        _take(match, value)
    value.frames[-1][2].append(text[last:])
    # What is opened and never closed stays as it is written.
    whole = value.frames[0][2]
    for name, operator, pieces in value.frames[1:]:
        whole += ["${", name, operator, *pieces]
    return value


def _take(match: re.Match[str], value: _Value) -> None:
    pieces = value.frames[-1][2]
    if match["dollar"]:
        pieces.append("$")
    elif match["name"]:
        value.empty.append(match["name"])
    elif match["braced"] and len(value.frames) <= MAX_NESTING:
        value.frames.append((match["braced"], match["operator"], []))
    elif match["end"] and len(value.frames) > 1:
        _close(value)
    else:
        pieces.append(match[0])


def _close(value: _Value) -> None:
    name, operator, pieces = value.frames.pop()
    word = "".join(pieces)
    if operator.endswith("-"):
        value.frames[-1][2].append(word)
        value.defaults.append(name)
    elif operator.endswith("?"):
        value.required.append((name, word))
    else:
        value.empty.append(name)
