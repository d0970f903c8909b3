"""The scalar rules of the YAML 1.2 core schema, applied to text and never to more.

Source: https://yaml.org/spec/1.2.2/#103-core-schema. Only plain scalars have a meaning other than
their text. In a value ``yes`` and ``on`` stay strings, and so does ``22:22``, which YAML 1.1 reads
as 1342.
"""

import re

from berth.definition.text.nodes import Node, Scalar

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
#: Where a boolean is wanted, the words of YAML 1.1 are taken too: old files are full of them.
_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n"})
#: No number of a definition needs more digits; Python refuses to convert some thousands.
_INT = re.compile(r"[-+]?[0-9]{1,20}|0o[0-7]{1,24}|0x[0-9a-fA-F]{1,20}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,3})?")


def is_null(node: Node) -> bool:
    """Return whether the node stands for "nothing"."""
    return isinstance(node, Scalar) and node.plain and node.value in _NULL


def says_nothing(node: Node | None) -> bool:
    """Return whether the node is absent, null or an empty text."""
    return node is None or is_null(node) or (isinstance(node, Scalar) and not node.value)


def as_boolean(text: str) -> bool | None:
    """Read true or false, in any letter case; None for anything else."""
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def as_integer(text: str) -> int | None:
    """Read a decimal, octal (``0o``) or hexadecimal (``0x``) number; None for anything else."""
    if not _INT.fullmatch(text):
        return None
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def as_number(text: str) -> float | None:
    """Read a number with or without a fraction; None for anything else, infinity included."""
    if not _FLOAT.fullmatch(text):
        return None
    number = float(text)
    return number if number not in (float("inf"), float("-inf")) else None
