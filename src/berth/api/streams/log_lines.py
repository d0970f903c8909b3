"""Lines of containers' output, as the API shows them."""

import re
from collections.abc import Iterator

import msgspec

from berth.api.http.responses import encode
from berth.api.http.sse import render_message
from berth.api.http.timestamps import parse_time
from berth.domain.calls import Logs
from berth.domain.errors import Unreadable
from berth.domain.observed import LogQuery

#: Spans such as ``90s``, ``10m`` or ``1h30m``.
_SPAN = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_SECONDS = (86_400, 3_600, 60, 1)

#: A time as it stands before each line, to nine digits.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")

#: Longest line of a host's, in bytes; its agent cuts them at half of this.
LONGEST_LINE = 2 << 20

#: How much earlier than the last known line a resumed stream begins, since engines round times;
#: lines that are known already are left out.
_OVERLAP_S = 0.001


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a container's output."""

    #: RFC 3339 with nanoseconds, so that lines sort by it; left out on request.
    time: str = ""
    stream: str
    text: str
    container_id: str = ""
    container_name: str = ""
    service_id: str = ""
    service_slot: int | None = None
    hostname: str = ""


class LogSource(msgspec.Struct, frozen=True, kw_only=True):
    """The container that lines come from."""

    container_id: str
    host_id: str
    container_name: str = ""
    service_id: str = ""
    service_slot: int | None = None
    hostname: str = ""

    def lines(self, stream: str, data: bytes) -> Iterator[LogLine]:
        """Cut whole lines apart; one without a time has that of the line before it."""
        last = ""
        for line in data.decode("utf-8", "replace").split("\n")[:-1]:
            time, _, text = line.partition(" ")
            if not _TIME.fullmatch(time):
                time, text = last, line
            last = time
            yield LogLine(
                time=time,
                stream=stream,
                text=text,
                container_id=self.container_id,
                container_name=self.container_name,
                service_id=self.service_id,
                service_slot=self.service_slot,
                hostname=self.hostname,
            )

    def all_lines(self, logs: Logs) -> list[LogLine]:
        """Return the lines of both streams in order of time."""
        lines = [*self.lines("stdout", logs.stdout), *self.lines("stderr", logs.stderr)]
        lines.sort(key=_time_of)
        return lines


class LineAssembler:
    """Joins the pieces in which a host sends a container's output to whole lines."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._partial = {"stdout": bytearray(), "stderr": bytearray()}

    def feed(self, stream: str, data: bytes) -> Iterator[LogLine]:
        """Yield the lines that the piece completes; other streams than the two are no output."""
        partial = self._partial.get(stream)
        if partial is None:
            return
        end = data.rfind(b"\n") + 1
        if not end and len(partial) + len(data) <= LONGEST_LINE:
            partial += data
            return
        # A host cuts long lines itself: one that goes on for ever is no host of ours.
        whole = bytes(partial) + (data[:end] or data + b"\n")
        partial[:] = data[end:] if end else b""
        yield from self._source.lines(stream, whole)

    def finish(self) -> Iterator[LogLine]:
        """Yield what has no end."""
        for stream, partial in self._partial.items():
            if partial:
                yield from self._source.lines(stream, bytes(partial) + b"\n")
                partial.clear()


class LogRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are asked for."""

    tail: int | None = None
    since: float | None = None
    until: float | None = None
    #: Time of the last line that the caller has; "" when it has none.
    known: str = ""
    #: Whether to show when each line was written.
    timed: bool = True

    def show(self, line: LogLine) -> LogLine:
        """Return a line as it is shown."""
        return line if self.timed else msgspec.structs.replace(line, time="")

    def query(self, *, known: str = "") -> LogQuery:
        """Ask an engine for them; with a known line for what came after it."""
        known = max(known, self.known)
        if not known:
            return LogQuery(tail=self.tail, since=self.since, until=self.until)
        since = parse_time(known, field="since") - _OVERLAP_S
        return LogQuery(since=since, until=self.until)


def render_line_message(line: LogLine, wanted: LogRange) -> bytes:
    """Make the message of a line; its time is the id to go on after."""
    return render_message(encode(wanted.show(line)), message_id=line.time)


def read_range(
    tail: int | None, *, since: str | None, until: str | None, seen: str, now: float
) -> LogRange:
    """Read what a query says; ``seen`` is the id that a lost connection saw last."""
    if tail is not None and tail < 0:
        raise Unreadable("tail cannot be below 0", code="invalid_query", field="tail")
    if seen and not _TIME.fullmatch(seen):
        raise Unreadable("Last-Event-ID is no id of ours", code="invalid_query", field="since")
    return LogRange(
        tail=tail,
        since=parse_moment(since, field="since", now=now) if since else None,
        until=parse_moment(until, field="until", now=now) if until else None,
        known=seen,
    )


def parse_moment(text: str, *, field: str, now: float) -> float:
    """Read a time, or a span such as ``10m`` that counts back from now; raises Unreadable."""
    found = _SPAN.fullmatch(text)
    if found is None or not any(found.groups()):
        return parse_time(text, field=field)
    spans = zip(found.groups(), _SECONDS, strict=True)
    return max(0.0, now - sum(int(number or 0) * seconds for number, seconds in spans))


def strip_times(data: str) -> str:
    """Leave the times before lines out."""
    return "\n".join(line.partition(" ")[2] for line in data.split("\n"))


def _time_of(line: LogLine) -> str:
    return line.time
