"""The tree of a YAML text: every node knows its place and nothing is constructed from it."""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

#: Means that a value stands in place of the one that it would be joined with.
OVERRIDE_TAG = "!override"
#: Weight of a template function, which is read several times.
TEMPLATE_SIZE = 8


class Mark(Protocol):
    """A character of the text; everything is counted from 0."""

    @property
    def index(self) -> int:
        """Characters from the start of the text."""
        ...

    @property
    def line(self) -> int:
        """Lines above it."""
        ...

    @property
    def column(self) -> int:
        """Characters before it in its line."""
        ...


class _Placed:
    """What all nodes share: where they stand in the text."""

    __slots__ = ("end", "shared", "size", "start", "tag")

    def __init__(self, start: Mark, end: Mark) -> None:
        self.start = start
        self.end = end
        #: Weight of this subtree with every alias written out, about one for each node.
        self.size = 0
        #: Whether the node has an anchor, a tag, or both, before its first character.
        self.shared = False
        #: The tag that is written in front of it; "" for none.
        self.tag = ""

    @property
    def line(self) -> int:
        """Line of the first character, counted from 1."""
        return self.start.line + 1

    @property
    def column(self) -> int:
        """Column of the first character, counted from 1."""
        return self.start.column + 1


class Scalar(_Placed):
    """A text, as it was written; ``plain`` means that no quotes and no block marks stood around."""

    __slots__ = ("empty", "plain", "value", "written")

    def __init__(self, start: Mark, end: Mark, *, value: str, plain: bool) -> None:
        super().__init__(start, end)
        self.value = value
        self.plain = plain
        #: The text before variables were substituted; "" where none were.
        self.written = ""
        #: Variables in it that became nothing.
        self.empty: tuple[str, ...] = ()
        # A long text counts more: an alias of it costs as much to read as many short ones.
        self.size = 1 + len(value) // 32 + TEMPLATE_SIZE * value.count("{{")


class Sequence(_Placed):
    """A list."""

    __slots__ = ("flow", "items")

    def __init__(self, start: Mark, end: Mark, *, flow: bool) -> None:
        super().__init__(start, end)
        self.items: list[Node] = []
        #: Whether it is written with brackets.
        self.flow = flow


class Dictionary(_Placed):
    """A mapping whose merge keys are resolved; own entries come first, in the order of the text."""

    __slots__ = ("entries", "flow", "own", "resets")

    def __init__(self, start: Mark, end: Mark, *, flow: bool) -> None:
        super().__init__(start, end)
        self.entries: dict[str, tuple[Scalar, Node]] = {}
        #: Keys with the tag ``!reset``: as good as absent, and never merged in or extended.
        self.resets: dict[str, Scalar] = {}
        #: Number of leading entries that stand here and were not merged in.
        self.own = 0
        #: Whether it is written with braces.
        self.flow = flow

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, or None when there is no such key."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]

    def find_key(self, key: str) -> Scalar | None:
        """Return where a key is written here, with a value or reset."""
        entry = self.entries.get(key)
        return self.resets.get(key) if entry is None else entry[0]


Node: TypeAlias = Scalar | Sequence | Dictionary

#: What a node is called in a message.
KIND_NAMES: Mapping[type[Node], str] = {
    Scalar: "a single value",
    Sequence: "a list",
    Dictionary: "a mapping",
}
