"""Strategies for frames as somebody would write them who wants to do harm.

They are generated from the protocol's own types: each member is either what it should be, within or
beyond its bounds, or something else altogether.
"""

import math
from collections.abc import Sequence
from typing import get_args

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

ID = "ab" * 32
FORGED = "x\n2026-01-01 00:00:00 WARNING forged"

#: Kept out of the strategies themselves, which are shown where an example fails.
_LONG: dict[str | bytes, str | bytes] = {
    "é": "é" * 5_000,
    "x": "x" * 300_000,
    b"x": b"x" * 100_000,
}


def _grown(values: Sequence[str | bytes]) -> st.SearchStrategy[object]:
    return st.sampled_from(values).map(lambda value: _LONG.get(value, value))


_TEXTS = _grown(
    [
        "", ID, "sha256:" + ID, "a1", "h1", "0.web.shop", "stdout", "progress", "running",
        FORGED, "a\x00b", "\x1b[2J", "é", "x", "../../etc", "'; drop table hosts",
        "10.0.0.5", "fe80::1%eth0", "203.0.113.9:80 check\n server pwn", ":::", "1.2.3.4.5", "::1",
    ]
)  # fmt: skip
_NUMBERS = st.sampled_from([0, 1, 2, -1, 100, 500, 65_536, 2**31, 2**60, 2**63 - 1, -(2**63)])
_FLOATS = st.sampled_from([0.0, 1.5, -1.0, math.nan, math.inf, -math.inf, 1e308, 1e11, 1e18])
_BYTES = _grown([b"", b"{}", b"{", b"\xff" * 10, b'{"percent":1e999}', b"x"])
_ANYTHING = st.one_of(st.none(), st.booleans(), _TEXTS, _NUMBERS, _FLOATS, _BYTES)
_JUNK = st.one_of(
    _ANYTHING,
    st.lists(_ANYTHING, max_size=2),
    st.dictionaries(_TEXTS, _ANYTHING, max_size=2),
)
_SIMPLE: dict[type[inspect.Type], st.SearchStrategy[object]] = {
    inspect.StrType: _TEXTS,
    inspect.IntType: _NUMBERS,
    inspect.FloatType: _FLOATS,
    inspect.BoolType: st.booleans(),
    inspect.BytesType: _BYTES,
    inspect.NoneType: st.none(),
}


def frames(union: object) -> st.SearchStrategy[bytes]:
    """Return frames of every kind of a union of messages, with a few of no kind."""
    kinds = st.sampled_from(get_args(union))
    known = kinds.flatmap(lambda kind: _record(inspect.type_info(kind)))
    return st.one_of(known, known, known, _JUNK).map(msgspec.msgpack.encode)


def hostile_records(kind: type) -> st.SearchStrategy[object]:
    """Return records whose members have the right types, and any values."""
    return _typed(inspect.type_info(kind))


def _record(info: inspect.Type) -> st.SearchStrategy[object]:
    assert isinstance(info, inspect.StructType)
    members = {field.encode_name: _member(field.type) for field in info.fields}
    required = {field.encode_name for field in info.fields if field.required}
    tag = {info.tag_field: info.tag} if info.tag_field else {}
    always = {name: each for name, each in members.items() if name in required}
    sometimes = {name: each for name, each in members.items() if name not in required}
    return st.fixed_dictionaries(always, optional=sometimes).map(lambda each: tag | each)


def _member(info: inspect.Type) -> st.SearchStrategy[object]:
    good = _plain(info)
    return st.one_of(good, good, good, good, good, good, _JUNK)


def _plain(info: inspect.Type) -> st.SearchStrategy[object]:
    simple = _SIMPLE.get(type(info))
    if simple is not None:
        return simple
    match info:
        case inspect.EnumType(cls=cls):
            return st.sampled_from([each.value for each in cls])
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.StructType():
            return st.deferred(lambda: _record(info))
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return st.lists(_member(item), max_size=3)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_plain(key).map(str), _member(value), max_size=3)
        case inspect.TupleType(item_types=items):
            return st.tuples(*(_plain(each) for each in items))
        case inspect.UnionType(types=types):
            return st.one_of(*(_plain(each) for each in types))
    raise AssertionError(f"no strategy for {info}")


def _typed(info: inspect.Type) -> st.SearchStrategy[object]:
    match info:
        case inspect.StructType(cls=cls, fields=fields):
            members = {field.name: _typed(field.type) for field in fields}
            return st.builds(cls, **members)
        case inspect.VarTupleType(item_type=item):
            return st.lists(_typed(item), max_size=3).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_typed(key), _typed(value), max_size=3)
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.UnionType(types=types):
            return st.one_of(*(_typed(each) for each in types))
    return _plain(info)
