"""Makes what a machine says of itself fit the bounds that the other side checks.

What engines, containers and users of a host write may be longer than that: it is cut here, so that
no label or message of a container costs its host the session.
"""

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T", bound=msgspec.Struct)
Fit = Callable[[Any], Any]

#: Control characters; a tab and a line break stay where several lines may stand.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class _Unfit(ValueError):
    """A value that cannot be made to fit."""


def fit(record: T) -> T | None:
    """Return a record with its texts, lists and numbers cut to their bounds.

    An entry of a list that cannot be cut, such as a wrong id, is left out. None when the record
    itself cannot be.
    """
    fitter = _of_type(type(record))
    try:
        fitted: T = fitter(record) if fitter is not None else record
    except _Unfit:
        return None
    return fitted


@cache
def _of_type(kind: type) -> Fit | None:
    return _fitter(inspect.type_info(kind))


def _fitter(info: inspect.Type) -> Fit | None:
    """Return what fits values of a type; none where every value does."""
    match info:
        case inspect.StrType(max_length=longest, pattern=pattern) if longest or pattern:
            return _text(longest, pattern)
        case inspect.IntType(ge=lowest, le=highest) | inspect.FloatType(ge=lowest, le=highest) if (
            lowest is not None or highest is not None
        ):
            return _number(lowest, highest)
        case inspect.StructType():
            return _struct(info)
        case inspect.VarTupleType(item_type=item, max_length=longest):
            return _entries(_fitter(item), longest)
        case inspect.DictType(key_type=key, value_type=value, max_length=longest):
            return _pairs(_fitter(key), _fitter(value), longest=longest)
        case inspect.UnionType(types=types):
            return _optional([each for each in types if not isinstance(each, inspect.NoneType)])
    return None


def _text(longest: int | None, pattern: str | None) -> Fit:
    matches = re.compile(pattern).search if pattern else None

    def fit_text(text: str) -> str:
        if longest is not None and len(text) > longest:
            text = text[: longest - 1] + "…"
        if matches is None or matches(text):
            return text
        for replacement in (lambda found: " " if found.group() != "\n" else "\n", " "):
            cleaned = _CONTROLS.sub(replacement, text)
            if matches(cleaned):
                return cleaned
        raise _Unfit

    return fit_text


def _number(lowest: float | None, highest: float | None) -> Fit:
    def fit_number(number: float) -> float:
        if lowest is not None and (number < lowest or math.isnan(number)):
            return lowest
        return highest if highest is not None and number > highest else number

    return fit_number


def _struct(info: inspect.StructType) -> Fit | None:
    fitters = [
        (field.name, fitter, field.default)
        for field in info.fields
        if (fitter := _fitter(field.type)) is not None
    ]
    if not fitters:
        return None

    def fit_struct(record: msgspec.Struct) -> msgspec.Struct:
        changed: dict[str, Any] = {}
        for name, fitter, default in fitters:
            before = getattr(record, name)
            try:
                after = fitter(before)
            except _Unfit:
                if default is msgspec.NODEFAULT:
                    raise
                after = default
            if after is not before:
                changed[name] = after
        return msgspec.structs.replace(record, **changed) if changed else record

    return fit_struct


def _entries(fitter: Fit | None, longest: int | None) -> Fit:
    def fit_entries(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        kept = entries if longest is None or len(entries) <= longest else entries[:longest]
        if fitter is None:
            return kept
        fitted = [after for each in kept if (after := _try(fitter, each)) is not None]
        same = len(fitted) == len(kept) and all(a is b for a, b in zip(fitted, kept, strict=True))
        return kept if same else tuple(fitted)

    return fit_entries


def _pairs(key: Fit | None, value: Fit | None, *, longest: int | None) -> Fit:
    def fit_pairs(pairs: dict[Any, Any]) -> dict[Any, Any]:
        fitted: dict[Any, Any] = {}
        for name, each in pairs.items():
            if longest is not None and len(fitted) >= longest:
                break
            new_name = _try(key, name) if key else name
            new_each = _try(value, each) if value else each
            if new_name is not None and new_each is not None:
                fitted[new_name] = new_each
        return pairs if fitted == pairs else fitted

    return fit_pairs


def _optional(types: list[inspect.Type]) -> Fit | None:
    """Fit the one type beside None; a choice of several kinds of record is left as it is."""
    fitter = _fitter(types[0]) if len(types) == 1 else None
    if fitter is None:
        return None
    return lambda value: None if value is None else fitter(value)


def _try(fitter: Fit, value: Any) -> Any:
    try:
        return fitter(value)
    except _Unfit:
        return None
