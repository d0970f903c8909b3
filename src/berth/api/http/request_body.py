"""Reads a body by its content, whatever its label says: JSON, or the one file of a form."""

import asyncio
import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from berth.api.http.worker_thread import run_aside
from berth.domain.errors import (
    DefinitionInvalid,
    Invalid,
    Problem,
    TooLarge,
    TooSlow,
    Unreadable,
)

MAX_BODY_BYTES = 10 * 1024 * 1024

#: Longest wait for a body to begin; what has come of it adds more, at this rate.
FIRST_BYTES_S = 20.0
SLOWEST_BYTES_S = 16 * 1024

#: Longer bodies are read in a worker thread.
THREAD_BYTES = 64 * 1024

MAX_DEPTH = 64

#: Values of one body. The parser holds the interpreter until it has made all of them.
MAX_VALUES = 100_000
_BEGINNINGS = (b"[", b"{", b",")
#: A text, or one that nobody closed: a match never fails, so that no byte is looked at twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

#: Most digits of an integer: everything of 64 bits has fewer.
_MAX_DIGITS = 20
_ESCAPES = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_STRANGE = re.compile("[\0\ud800-\udfff]")
#: Members that hold the text of a definition: their errors name line and column.
_DEFINITIONS = frozenset({"content", "stack.content"})

#: A boundary in front of a part's headers.
_OPENING = re.compile(rb"--(?P<boundary>[^\r\n]{1,200})\r?\n")
_OPENING_BYTES = 256
#: The headers of a part are not longer.
_HEADERS_BYTES = 16 * 1024


async def read_value(request: Request, limit: int, *, parse: Callable[[bytes], Any]) -> Any:
    """Read the whole body as the value that it is; a long one in a worker thread.

    Raises TooLarge, TooSlow, and what the parser raises.
    """
    body = await read_body(request, limit)
    if len(body) > THREAD_BYTES:
        return await run_aside(lambda: parse(body))
    return parse(body)


async def read_body(request: Request, limit: int, *, first_s: float = FIRST_BYTES_S) -> bytes:
    """Read the bytes of a body; raises TooLarge as soon as they are too many, or TooSlow."""
    return bytes(await read_large_body(request, limit, first_s=first_s))


async def read_large_body(
    request: Request, limit: int, *, first_s: float = FIRST_BYTES_S
) -> bytearray:
    """Read a body as ``read_body``, without copying all of it at once at the end."""
    check_announced(request.headers, limit)
    body = bytearray()
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(begun + first_s) as deadline:
            async for part in request.stream():
                if len(body) + len(part) > limit:
                    raise _too_large(limit)
                body += part
                deadline.reschedule(begun + first_s + len(body) / SLOWEST_BYTES_S)
    except TimeoutError:
        raise TooSlow(f"only {len(body)} bytes of the body came in time") from None
    return body


def check_announced(headers: Headers, limit: int) -> None:
    """Raise TooLarge when the body says itself that it is too large."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)


def parse_json(body: bytes, *, any_text: bool = False) -> Any:
    """Read JSON; an empty body is an empty object. ``any_text`` checks no characters.

    Raises TooLarge for too many values, Unreadable for what is not JSON, Invalid for what JSON can
    say and Berth cannot take.
    """
    _check_count(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"the body is not UTF-8: byte {error.start} is wrong", code="invalid_json"
        ) from None
    if not text.strip(" \t\r\n"):
        return {}
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"the body is not JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            code="invalid_json",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    strange = not any_text and _ESCAPES.search(body)
    if strange or body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        check_values(value, any_text=any_text)
    return value


def _check_count(body: bytes) -> None:
    """Raise TooLarge for a body of too many values, before any of them is made."""
    # Also counts what stands in texts, so that most bodies are looked at no closer.
    if sum(map(body.count, _BEGINNINGS)) <= MAX_VALUES:
        return
    count = last = 0
    ends = ((string.start(), string.end()) for string in _STRING.finditer(body))
    for start, end in itertools.chain(ends, [(len(body), len(body))]):
        count += _count_beginnings(body, slice(last, start))
        last = end
        if count > MAX_VALUES:
            raise TooLarge(f"the body has more than {MAX_VALUES} values", code="too_many_values")


def _count_beginnings(body: bytes, part: slice) -> int:
    return sum(body.count(each, part.start, part.stop) for each in _BEGINNINGS)


def check_values(value: Any, *, any_text: bool = False) -> None:
    """Refuse nesting and characters that nothing behind the API can take."""
    waiting: list[tuple[Any, str, int]] = [(value, "", 1)]
    while waiting:
        item, place, depth = waiting.pop()
        if isinstance(item, str) and not any_text:
            _check_text(item, place)
        elif isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise _too_deep()
            for key in item if isinstance(item, dict) and not any_text else ():
                _check_text(key, place)
            waiting.extend(_members(item, place, depth=depth))


def _members(item: Any, place: str, *, depth: int) -> list[tuple[Any, str, int]]:
    if isinstance(item, list):
        return [(member, place, depth + 1) for member in item]
    return [(member, f"{place}.{key}".lstrip("."), depth + 1) for key, member in item.items()]


def _check_text(text: str, place: str) -> None:
    strange = _STRANGE.search(text)
    if strange is None:
        return
    name = "a NUL character" if strange.group() == "\0" else "half a surrogate pair"
    if place not in _DEFINITIONS:
        raise Invalid(f"a text has {name}", code="invalid_text", field=place)
    before = text[: strange.start()]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    problem = Problem(f"a text must not contain {name}: remove it", line=line, column=column)
    raise DefinitionInvalid([problem], field=place)


def _read_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Invalid("a number of the body is too large", code="out_of_range")
    return int(digits)


def _read_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Invalid("a number of the body is too large", code="out_of_range")
    return number


def _refuse_constant(word: str) -> Any:
    raise Invalid(f"{word} is no number in JSON", code="invalid_number")


_decoder = json.JSONDecoder(
    parse_int=_read_int, parse_float=_read_float, parse_constant=_refuse_constant
)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes")


def _too_deep() -> Invalid:
    return Invalid(f"the body is nested deeper than {MAX_DEPTH} levels", code="too_deep")


def cut_out_file(body: bytearray) -> None:
    """Leave the content of the first part alone in the body; all of it when it is not multipart.

    Raises Unreadable for a multipart body that ends too early.
    """
    opening = _OPENING.match(bytes(body[:_OPENING_BYTES]))
    if opening is None:
        return
    ends = [end for end in (_end_of_headers(body, opening.end())) if end >= 0]
    closing = body.find(b"\n--" + opening["boundary"], opening.end())
    if not ends or closing < 0:
        raise Unreadable("the multipart body is cut off", code="invalid_multipart")
    del body[closing - (body[closing - 1 : closing] == b"\r") :]
    del body[: min(ends)]


def _end_of_headers(body: bytearray, start: int) -> tuple[int, int]:
    end = start + _HEADERS_BYTES
    with_returns, bare = body.find(b"\r\n\r\n", start, end), body.find(b"\n\n", start, end)
    return (with_returns + 4 if with_returns >= 0 else -1, bare + 2 if bare >= 0 else -1)
