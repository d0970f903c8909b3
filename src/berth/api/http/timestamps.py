"""Times as the API writes and reads them."""

import datetime
import functools
import math

import msgspec

from berth.domain.errors import Unreadable

#: Stands for a time that has not come.
NEVER = "0001-01-01T00:00:00Z"

#: Unix seconds of the year 9999: later ones have no date.
_LATEST = 253_402_300_799.0


class Stamp(msgspec.Struct, frozen=True):
    """A time of a task; both 0 when it has not come."""

    seconds: int = 0
    nanos: int = 0


def render_time(at: float | None) -> str:
    """Write a time in whole seconds; none is never."""
    return NEVER if at is None else _render_second(math.floor(at))


def render_exact_time(at: float | None) -> str:
    """Write a time with its fraction; none is never."""
    return NEVER if at is None else f"{_date(at):%Y-%m-%dT%H:%M:%S.%fZ}"


def render_stamp(at: float | None) -> Stamp:
    """Write a time as seconds and nanoseconds."""
    if at is None:
        return Stamp()
    seconds = math.floor(at)
    return Stamp(seconds, min(999_999_999, round((at - seconds) * 1e6) * 1000))


def parse_time(text: str, *, field: str) -> float:
    """Read RFC 3339 or Unix seconds; raises Unreadable."""
    try:
        at = float(text) if text[:1].isdigit() and "-" not in text else _parse_date(text)
    except (ValueError, OverflowError):
        at = math.nan
    if not 0 <= at <= _LATEST:
        raise Unreadable(
            f"{text[:80]!r} is no time: write it as 2016-10-26T21:59:03Z or as Unix seconds",
            code="invalid_query",
            field=field,
        )
    return at


def _parse_date(text: str) -> float:
    # The plus sign of an offset arrives as a blank where a caller did not encode it.
    moment = datetime.datetime.fromisoformat(text.strip().replace(" ", "+"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()


@functools.lru_cache(maxsize=16_384)
def _render_second(at: int) -> str:
    """Write a time, whose text most rows of a list share with others and with the last time."""
    return f"{_date(at):%Y-%m-%dT%H:%M:%SZ}"


def _date(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(min(max(at, 0.0), _LATEST), datetime.UTC)
