"""Bodies of many values are counted before they are read."""

import time

import pytest

from berth.api.http.request_body import MAX_BODY_BYTES, MAX_VALUES, parse_json
from berth.domain.errors import Invalid, TooLarge, Unreadable

#: Even on a slow machine; reading the first of them took 2.4 s at once.
QUICK_S = 1.5


def filled(piece: bytes, *, head: bytes = b"[", end: bytes = b"1]") -> bytes:
    """Return a body that is as large as one may be."""
    return head + piece * ((MAX_BODY_BYTES - 100) // len(piece)) + end


@pytest.mark.parametrize(
    "body",
    [
        filled(b"[],"),
        filled(b"{},"),
        filled(b'{"a":[]},'),
        filled(b"1,"),
        filled(b'"\\"a",'),
        filled(b"[" * 10, end=b""),
        b"[," * MAX_VALUES + b'"' + b'\\"' * 4_000_000,
    ],
)
def test_a_body_of_too_many_values_is_refused_before_it_is_read(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(TooLarge) as refused:
        parse_json(body)
    assert refused.value.code == "too_many_values"
    assert time.process_time() - began < QUICK_S


def test_brackets_in_a_text_are_no_values() -> None:
    text = "{[,\\" * (MAX_VALUES + 1)
    body = b'{"content": "' + text.replace("\\", "\\\\").encode() + b'"}'
    assert parse_json(body) == {"content": text}


def test_a_body_of_as_many_values_as_there_may_be_is_read() -> None:
    assert parse_json(b"[" + b"1," * (MAX_VALUES - 1) + b"1]")[-1] == 1


def test_a_text_that_nobody_closed_is_no_json() -> None:
    with pytest.raises(Unreadable):
        parse_json(b'["' + b'\\"[' * MAX_VALUES)


def test_a_body_that_is_too_deep_is_told_so() -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(b"[" * 1000 + b"]" * 1000)
    assert refused.value.code == "too_deep"
