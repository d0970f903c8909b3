"""Readers of single values: each takes a node, and returns None after it recorded what is wrong.

A null node is None too, without a problem: a key without a value counts as absent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from berth.definition.text import scalars
from berth.definition.text.command_line import NoCommand, split_line
from berth.definition.text.nodes import KIND_NAMES, Dictionary, Node, Scalar, Sequence
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)
#: Reads one node at one place.
Reader = Callable[[Node, Position], T | None]

#: Greatest number that every part of the system and of JSON can hold.
MAX_INTEGER = 2**53 - 1

_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([kmgtp]?)(?:i?b)?", re.IGNORECASE)
_SIZE_FACTORS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_DURATION = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,12})?(?:d|h|ms|us|ns|m|s))+")
_DURATION_PART = re.compile(r"([0-9.]+)(d|h|ms|us|ns|m|s)")
_DURATION_FACTORS = {
    "d": 86400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "ns": 1e-9,
}
#: Longest name, path or address.
_LONGEST_NAME = 4096
#: A duration with more characters names a unit twice.
_LONGEST_DURATION = 80
_TEMPLATE = re.compile(r'\{\{[^{}]*\}\}|\{\{\s*"(?:[^"\\]|\\.)*"\s*\}\}')
_WHOLE = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`")
_NUL = re.compile("\0")
#: Longest duration, in seconds.
MAX_DURATION_S = 24 * 3600.0


def text(node: Node, at: Position) -> str | None:
    """Read any single value as the text that was written."""
    if isinstance(node, Scalar):
        if scalars.is_null(node):
            return None
        if "\0" in node.value:
            at.problem(node, "a value must not contain a NUL byte: remove it")
            return None
        return node.value
    at.problem(node, f"a single value is expected here, not {KIND_NAMES[type(node)]}")
    return None


def text_like(pattern: str, wanted: str) -> Reader[str]:
    """Make a reader of texts that match a pattern as a whole; ``wanted`` ends the message.

    A text with a template function passes.
    """
    compiled = re.compile(pattern)

    def read(node: Node, at: Position) -> str | None:
        value = text(node, at)
        # What a template function returns is known only when the container is made.
        if value is None or has_template(value):
            return value
        if len(value) <= _LONGEST_NAME and compiled.fullmatch(value):
            return value
        at.problem(node, f"{shown(value)} is not valid here: {wanted}")
        return None

    return read


def boolean(node: Node, at: Position) -> bool | None:
    """Read true or false."""
    value = text(node, at)
    if value is None:
        return None
    answer = scalars.as_boolean(value)
    if answer is None:
        at.problem(node, f"{shown(value)} is neither true nor false: write true or false")
    return answer


def integer(low: int, high: int = MAX_INTEGER) -> Reader[int]:
    """Make a reader of whole numbers between two bounds."""

    def read(node: Node, at: Position) -> int | None:
        value = text(node, at)
        if value is None:
            return None
        number = scalars.as_integer(value)
        if number is None:
            at.problem(node, f"{shown(value)} is not a whole number: use {low} to {high}")
        elif not low <= number <= high:
            at.problem(node, f"{number} is out of range: use {low} to {high}")
        else:
            return number
        return None

    return read


def number(low: float, high: float) -> Reader[float]:
    """Make a reader of numbers, with or without a fraction, between two bounds."""

    def read(node: Node, at: Position) -> float | None:
        value = text(node, at)
        if value is None:
            return None
        found = scalars.as_number(value)
        if found is None:
            at.problem(node, f"{shown(value)} is not a number: use {low:g} to {high:g}")
        elif not low <= found <= high:
            at.problem(node, f"{shown(value)} is out of range: use {low:g} to {high:g}")
        else:
            return found
        return None

    return read


def byte_size(node: Node, at: Position) -> int | None:
    """Read a number of bytes; the units k, m, g, t count by 1024, as the engine counts them."""
    value = text(node, at)
    if value is None:
        return None
    size = parse_size(value)
    if size is None:
        at.problem(
            node,
            f"{shown(value)} is not a size: write a number with b, k, m or g, for example 512m",
        )
    elif size > MAX_INTEGER:
        at.problem(node, f"the size {value} is out of range: use at most 8191t")
        return None
    return size


def parse_size(value: str) -> int | None:
    """Read a number of bytes with or without a unit; None for anything else."""
    match = _SIZE.fullmatch(value)
    return int(float(match[1]) * _SIZE_FACTORS[match[2].lower()]) if match else None


def duration(node: Node, at: Position) -> float | None:
    """Read a duration such as ``1m30s`` in seconds; a number without a unit means seconds."""
    value = text(node, at)
    if value is None:
        return None
    seconds = scalars.as_number(value)
    if seconds is None and len(value) <= _LONGEST_DURATION and _DURATION.fullmatch(value):
        seconds = sum(
            float(amount) * _DURATION_FACTORS[unit]
            for amount, unit in _DURATION_PART.findall(value)
        )
    if seconds is None:
        at.problem(node, f"{shown(value)} is not a duration: write for example 30s or 1m30s")
    elif not 0 <= seconds <= MAX_DURATION_S:
        at.problem(node, f"the duration {value} is out of range: use 0s to 24h")
    else:
        return seconds
    return None


def words(node: Node, at: Position) -> tuple[str, ...] | None:
    """Read a command: a list, or a text that is split as a shell would split it.

    A template function is one piece, whatever quotes and blanks it has.
    """
    if isinstance(node, Sequence):
        return list_of(text)(node, at)
    value = text(node, at)
    if value is None:
        return None
    bare, functions = _set_aside(value)
    split = split_line(bare)
    if isinstance(split, NoCommand):
        at.problem(node, split.reason)
        return None
    unquoted = [one if one.startswith('{{"') else one.replace('\\"', '"') for one in functions]
    return tuple(_put_back([*split], unquoted))


def split_outside(value: str, separator: str) -> list[str]:
    """Split a text where the separator stands outside of template functions, eight times at most.

    What a shell would replace is one piece too.
    """
    bare, functions = _set_aside(value, _WHOLE)
    return _put_back(bare.split(separator, 8), functions)


def _set_aside(value: str, pattern: re.Pattern[str] = _TEMPLATE) -> tuple[str, list[str]]:
    """Replace each template function by a NUL byte, which no text has."""
    functions: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        if match[0].startswith("{{") and not has_template(match[0]):
            return match[0]
        functions.append(match[0])
        return "\0"

    return pattern.sub(set_aside, value), functions


def _put_back(pieces: list[str], functions: list[str]) -> list[str]:
    if not functions:
        return pieces
    following = iter(functions)
    return [_NUL.sub(lambda _: next(following), piece) for piece in pieces]


def list_of(read: Reader[T], *, single: bool = False) -> Reader[tuple[T, ...]]:
    """Make a reader of lists; ``single`` accepts one value without a list around it."""

    def read_list(node: Node, at: Position) -> tuple[T, ...] | None:
        return tuple(each(node, at, read=read, single=single))

    return read_list


def each(node: Node, at: Position, *, read: Reader[T], single: bool = False) -> Iterator[T]:
    """Yield the items of a list that can be read; ``single`` accepts one value without a list."""
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            place = at.inside(index)
            if scalars.is_null(item):
                place.problem(item, "this item is empty: fill it in or remove it")
            elif (value := read(item, place)) is not None:
                yield value
    elif single and isinstance(node, Scalar):
        if (value := read(node, at)) is not None:
            yield value
    elif not scalars.is_null(node):
        at.problem(
            node,
            f"a list is expected here, not {KIND_NAMES[type(node)]}: begin each item with a dash",
        )


def pairs(node: Node, at: Position) -> Iterator[tuple[str, str | None, Scalar]]:
    """Yield the names and values of a map, or of a list of ``name=value`` texts.

    The value is None where none is written. The node is the place for a problem with the pair.
    """
    if isinstance(node, Dictionary):
        for name, (key, item) in node.entries.items():
            place = at.inside(name)
            value = text(item, place)
            if "\0" in name or not name:
                place.problem(key, "a name is empty or contains a NUL byte: write NAME: value")
            elif isinstance(item, Scalar) and (value is not None or scalars.is_null(item)):
                yield name, value, item
        return
    for item in each(node, at, read=_pair_item):
        name, equals, value = item.value.partition("=")
        yield name, value if equals else None, item


def _pair_item(node: Node, at: Position) -> Scalar | None:
    if isinstance(node, Dictionary):
        at.problem(
            node,
            "a single value NAME=value is expected here, not a mapping: "
            "write the equals sign without spaces, or leave out the dashes",
        )
        return None
    value = text(node, at)
    if value is None or not isinstance(node, Scalar):
        return None
    if not value or value.startswith("="):
        at.problem(node, "a name is missing before the equals sign: write NAME=value")
        return None
    return node


def mapping(
    node: Node, at: Position, *, readers: Mapping[str, Reader[object]], what: str
) -> dict[str, object]:
    """Read the members that are not empty; ``what`` names the whole mapping in messages."""
    found: dict[str, object] = {}
    if scalars.is_null(node):
        return found
    if not isinstance(node, Dictionary):
        at.problem(node, f"a mapping is expected here, not {KIND_NAMES[type(node)]}: {what}")
        return found
    for name, (key, item) in node.entries.items():
        place = at.inside(name)
        read = readers.get(name)
        if read is not None:
            value = None if scalars.says_nothing(item) else read(item, place)
            if value is not None:
                found[name] = value
        elif not name.startswith("x-"):
            place.ignored(key, f"{shown(name)} is not known as a part of {what}")
    return found


def filled(record: R, members: Mapping[str, object]) -> R:
    """Return the record with these members; one that equals the default stays out of its hash."""
    changed = {name: value for name, value in members.items() if getattr(record, name) != value}
    return msgspec.structs.replace(record, **changed) if changed else record


def no_effect(reason: str) -> Reader[object]:
    """Make a reader that only reports the member."""

    def read(node: Node, at: Position) -> object | None:
        at.ignored(node, reason)
        return None

    return read


def one_of(*choices: str) -> Reader[str]:
    """Make a reader of a few words."""

    def read(node: Node, at: Position) -> str | None:
        value = text(node, at)
        if value is None or value in choices:
            return value
        at.problem(node, f"{shown(value)} is not valid here: use one of {', '.join(choices)}")
        return None

    return read


def shown(value: str) -> str:
    """Return a value in quotes and cut to a length that fits into a message."""
    return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}..."'
