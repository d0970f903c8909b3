"""Cuts an engine's log stream into whole lines that each begin with their time."""

import heapq
import re
from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from berth.domain.errors import EngineError
from berth.domain.observed import LogChunk, LogQuery

_Stream = Literal["stdout", "stderr"]

#: Length of the header before each frame: stream, three zeros, size as a big-endian number.
_HEADER = 8
_NAMES: dict[int, _Stream] = {0: "stdout", 1: "stdout", 2: "stderr"}
#: Stream of the engine's own complaint.
_ENGINE = 3
#: A line without an end is cut here, so that it cannot fill the memory.
_LONGEST_LINE = 1 << 20
#: Ends the first part of a line that was cut; the next begins with the same time.
CUT_MARK = b" [cut, goes on in the next line]"
#: Docker splits longer lines into entries.
_ENTRY = 16 * 1024
#: Entries that hold the longest line.
_ENTRIES_IN_LINE = _LONGEST_LINE // _ENTRY + 1
#: Factor by which more entries are asked for when they hold too few lines.
_MORE = 8
#: Of the newest lines of a stream no more bytes are kept, but for the oldest of these lines.
KEPT_BYTES = 1 << 20
#: The time that Docker sets before each entry, and a space.
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) ")


class LogCutter:
    """Takes pieces of the answer of ``GET /containers/{id}/logs?timestamps=1``.

    Both forms are read: frames of stdout and stderr, and the raw output of a terminal. The first
    byte distinguishes them, since a raw line begins with a digit of its time.
    """

    def __init__(self, what: str) -> None:
        """Completes the sentence "cannot ..." in errors with ``what``."""
        self._what = what
        self._input = bytearray()
        self._raw: bool | None = None
        #: Bytes that came.
        self.size = 0
        #: Whether a line came in several entries.
        self.joined = False
        self._partial: dict[_Stream, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}

    def feed(self, piece: bytes) -> Iterator[LogChunk]:
        """Return the lines that the piece completes; those of one stream in a row come together."""
        self._input += piece
        self.size += len(piece)
        if self._raw is None and self._input:
            self._raw = self._input[0] > _ENGINE
        entries = self._take_raw() if self._raw else self._take_frames()
        return _join(entries)

    def finish(self) -> Iterator[LogChunk]:
        """Yield the lines that have no end, with one."""
        for stream, partial in self._partial.items():
            if partial:
                yield LogChunk(stream, bytes(partial) + b"\n")
                partial.clear()

    def _take_raw(self) -> Iterator[tuple[_Stream, bytes]]:
        data = bytes(self._input)
        self._input.clear()
        # A terminal ends its lines with a carriage return, too, that no program wrote.
        yield from self._cut("stdout", data, line_end=b"\r\n")

    def _take_frames(self) -> Iterator[tuple[_Stream, bytes]]:
        start = 0
        while len(self._input) - start >= _HEADER:
            kind = self._input[start]
            size = int.from_bytes(self._input[start + 4 : start + _HEADER], "big")
            end = start + _HEADER + size
            if len(self._input) < end:
                break
            data = bytes(self._input[start + _HEADER : end])
            start = end
            if kind not in _NAMES:
                said = data.decode("utf-8", "replace").strip()
                raise EngineError(f"cannot {self._what}: the engine says: {said}")
            yield from self._take_entry(_NAMES[kind], data)
        del self._input[:start]

    def _take_entry(self, stream: _Stream, data: bytes) -> Iterator[tuple[_Stream, bytes]]:
        # Docker splits long lines into entries, each with a time of its own: one is enough.
        if self._partial[stream] and (time := _TIME.match(data)):
            data = data[time.end() :]
            self.joined = True
        yield from self._cut(stream, data, line_end=b"\n")

    def _cut(
        self, stream: _Stream, data: bytes, *, line_end: bytes
    ) -> Iterator[tuple[_Stream, bytes]]:
        partial = self._partial[stream]
        partial += data
        whole, newline, rest = bytes(partial).rpartition(b"\n")
        if newline:
            whole = whole + newline
        elif len(partial) > _LONGEST_LINE:
            time = _TIME.match(rest)
            whole, rest = rest + CUT_MARK + b"\n", time.group() if time else b""
        if whole:
            self._partial[stream] = bytearray(rest)
            lines = whole.replace(line_end, b"\n")
            joined = _join_entries(lines) if self._raw else lines
            self.joined = self.joined or len(joined) < len(lines)
            yield stream, joined


def _join_entries(lines: bytes) -> bytes:
    """Leave out the times inside of a terminal's long lines, where Docker split them."""
    if len(lines) <= _ENTRY:
        return lines
    return b"\n".join(map(_join_entry, lines.split(b"\n")))


def _join_entry(line: bytes) -> bytes:
    first = _TIME.match(line)
    start = (first.end() if first else 0) + _ENTRY
    parts, last = [], 0
    while inner := _TIME.match(line, start):
        parts.append(line[last:start])
        last, start = inner.end(), inner.end() + _ENTRY
    return b"".join([*parts, line[last:]])


def _join(entries: Iterator[tuple[_Stream, bytes]]) -> Iterator[LogChunk]:
    stream: _Stream = "stdout"
    lines: list[bytes] = []
    for name, data in entries:
        if lines and name != stream:
            yield LogChunk(stream, b"".join(lines))
            lines = []
        stream = name
        lines.append(data)
    if lines:
        yield LogChunk(stream, b"".join(lines))


class NewestLines:
    """The newest lines of both streams, counted together, each of them whole.

    Docker counts the entries into which it splits long lines: it is asked for more of them until
    they hold one line more than is wanted, so that the others begin where they were begun.
    """

    def __init__(self, query: LogQuery, wanted: int) -> None:
        """``wanted`` is the number of lines."""
        self._query = query
        self._wanted = min(wanted, KEPT_BYTES)
        self._entries = self._wanted + 1
        self._read_before = -1
        self._begin()

    def _begin(self) -> None:
        self._seen = 0
        self._full = False
        self._kept: dict[_Stream, deque[tuple[int, bytes]]] = {"stdout": deque(), "stderr": deque()}
        self._held: dict[_Stream, int] = {"stdout": 0, "stderr": 0}

    def render_query(self) -> dict[str, str]:
        """Return the query values of the next try, of both streams: they are counted together."""
        both = msgspec.structs.replace(self._query, stdout=True, stderr=True, tail=self._entries)
        return render_query(both)

    def add(self, chunk: LogChunk) -> None:
        """Take lines in, letting the oldest go."""
        stream, kept = chunk.stream, self._kept[chunk.stream]
        for line in chunk.data.split(b"\n")[:-1]:
            self._seen += 1
            kept.append((self._seen, line))
            self._held[stream] += len(line) + 1
            while self._held[stream] - len(kept[0][1]) > KEPT_BYTES:
                self._full = True
                self._drop_oldest(stream)
            while kept[0][0] <= self._seen - self._wanted:
                self._drop_oldest(stream)

    def _drop_oldest(self, stream: _Stream) -> None:
        _, line = self._kept[stream].popleft()
        self._held[stream] -= len(line) + 1

    def is_complete(self, cutter: LogCutter) -> bool:
        """Whether all lines came that are wanted, and fit; if not, begin again with more entries."""
        if self._seen > self._wanted or self._full or not cutter.joined:
            return True
        exhausted = cutter.size == self._read_before
        if exhausted or self._entries >= _ENTRIES_IN_LINE * (self._wanted + 1):
            return True
        self._read_before = cutter.size
        self._entries *= _MORE
        self._begin()
        return False

    def chunks(self) -> Iterator[LogChunk]:
        """Yield the lines of the streams that were asked for, in their order."""
        chosen = {"stdout": self._query.stdout, "stderr": self._query.stderr}
        lines = (
            [(number, stream, line) for number, line in kept]
            for stream, kept in self._kept.items()
            if chosen[stream]
        )
        for number, stream, line in heapq.merge(*lines):
            if number > self._seen - self._wanted:
                yield LogChunk(stream, line + b"\n")


def render_query(query: LogQuery) -> dict[str, str]:
    """Return the query values of ``GET /containers/{id}/logs``."""
    values = {
        "stdout": str(int(query.stdout)),
        "stderr": str(int(query.stderr)),
        "timestamps": "1",
        "tail": "all" if query.tail is None else str(max(0, query.tail)),
    }
    if query.since is not None:
        values["since"] = f"{query.since:.9f}"
    if query.until is not None:
        values["until"] = f"{query.until:.9f}"
    return values
