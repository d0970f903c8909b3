"""Kinds of values in requests, read as generously as callers write them."""

import re
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_INDEX = re.compile(r"[0-9]{1,20}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Body(BaseModel):
    """Base of every request schema: unknown members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def read_integer(value: Any) -> Any:
    """Read an integer that may come as a decimal text."""
    if isinstance(value, bool):
        raise ValueError("must be an integer, not true or false")
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise ValueError("must be an integer")
        return int(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError("is too large")
    return value


def read_flag(value: Any) -> Any:
    """Read a boolean that may come as a text."""
    if isinstance(value, str):
        if value.lower() not in _FLAGS:
            raise ValueError("must be true or false")
        return _FLAGS[value.lower()]
    if not isinstance(value, bool) and value is not None:
        raise ValueError("must be true or false")
    return value


def read_query_flag(value: Any) -> Any:
    """Read a flag of a query: on when it stands there without a value."""
    return True if value == "" else read_flag(value)


def read_index(value: Any) -> Any:
    """Read a number of 64 bits without a sign."""
    if not isinstance(value, str) or not _INDEX.fullmatch(value) or int(value) >= 2**64:
        raise ValueError("must be a whole number from 0 to 18446744073709551615")
    return int(value)


#: Bounds of an integer stand before it, so that the description has them as `minimum` and `maximum`.
AS_INTEGER = BeforeValidator(read_integer)
Integer = Annotated[int, AS_INTEGER]
Flag = Annotated[bool, BeforeValidator(read_flag)]
QueryFlag = Annotated[bool, BeforeValidator(read_query_flag)]
Strict = Annotated[
    QueryFlag, Query(description="Refuse a request of whose text something has no effect.")
]
QueryIndex = Annotated[int, BeforeValidator(read_index)]
#: A text that one line of a form would hold.
Line = Annotated[str, StringConstraints(strip_whitespace=True)]
