"""Log streams are cut into whole lines, however their pieces fall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berth.agent.engine.docker.logs import CUT_MARK, LogCutter, render_query
from berth.domain.errors import EngineError
from berth.domain.observed import LogChunk, LogQuery

_TIME = b"2026-01-31T12:34:56.123456789Z "


def a_frame(stream: int, data: bytes) -> bytes:
    """Frame an entry as Docker does."""
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def cut(*pieces: bytes) -> list[LogChunk]:
    """Feed pieces and finish."""
    cutter = LogCutter("read the log of container a1")
    chunks = [chunk for piece in pieces for chunk in cutter.feed(piece)]
    return [*chunks, *cutter.finish()]


def test_frames_are_sorted_into_streams_in_their_order() -> None:
    stream = a_frame(1, b"a\n") + a_frame(1, b"b\n") + a_frame(2, b"c\n") + a_frame(1, b"d\n")
    assert cut(stream) == [
        LogChunk("stdout", b"a\nb\n"),
        LogChunk("stderr", b"c\n"),
        LogChunk("stdout", b"d\n"),
    ]


@given(st.lists(st.integers(1, 60)))
def test_where_the_pieces_are_cut_does_not_matter(sizes: list[int]) -> None:
    stream = b"".join(a_frame(1 + i % 2, _TIME + b"line %d\n" % i) for i in range(6))
    pieces, rest = [], stream
    for size in sizes:
        pieces, rest = [*pieces, rest[:size]], rest[size:]
    lines = [
        (chunk.stream, line) for chunk in cut(*pieces, rest) for line in chunk.data.splitlines()
    ]
    assert lines == [(("stdout", "stderr")[i % 2], _TIME + b"line %d" % i) for i in range(6)]


def test_a_line_in_several_entries_has_one_time() -> None:
    stream = a_frame(1, _TIME + b"begin ") + a_frame(2, _TIME + b"other\n")
    assert cut(stream + a_frame(1, _TIME + b"end\n")) == [
        LogChunk("stderr", _TIME + b"other\n"),
        LogChunk("stdout", _TIME + b"begin end\n"),
    ]


def test_a_last_line_without_an_end_gets_one() -> None:
    assert cut(a_frame(2, _TIME + b"no end")) == [LogChunk("stderr", _TIME + b"no end\n")]


def test_a_terminals_output_is_plain_lines() -> None:
    assert cut(_TIME + b"one\r\n" + _TIME + b"tw", b"o\r\n") == [
        LogChunk("stdout", _TIME + b"one\n"),
        LogChunk("stdout", _TIME + b"two\n"),
    ]


def test_a_line_that_never_ends_is_cut_and_both_parts_have_their_time() -> None:
    entries = [a_frame(1, _TIME + b"z" * 16_384) for _ in range(70)]
    first, second = cut(*entries, a_frame(1, _TIME + b"end\n"))
    assert (1 << 20) < len(first.data) < (1 << 20) + 20_000
    assert first.data.startswith(_TIME + b"z")
    assert first.data.endswith(b"z" + CUT_MARK + b"\n")
    assert second.data.startswith(_TIME + b"z")
    assert second.data.endswith(b"zend\n")
    assert (first.data + second.data).count(b"z") == 70 * 16_384


def test_a_long_line_of_a_terminal_is_whole_and_has_one_time() -> None:
    whole = b"a" * 16_384
    [chunk] = cut(_TIME + whole + _TIME + whole, _TIME + b"end\r\n")
    assert chunk.data == _TIME + whole + whole + b"end\n"


def test_the_engines_own_complaint_is_an_error() -> None:
    with pytest.raises(EngineError, match="container a1: the engine says: Error grabbing logs"):
        cut(a_frame(3, b"Error grabbing logs"))


def test_an_empty_log_has_no_lines() -> None:
    assert cut() == cut(b"") == []


def test_a_query_asks_docker_for_times_always() -> None:
    assert render_query(LogQuery()) == {
        "stdout": "1",
        "stderr": "1",
        "timestamps": "1",
        "tail": "all",
    }
    part = render_query(LogQuery(stdout=False, tail=5, since=1.5, until=2.25))
    assert (part["stdout"], part["stderr"], part["tail"]) == ("0", "1", "5")
    assert (part["since"], part["until"]) == ("1.500000000", "2.250000000")
