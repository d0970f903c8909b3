"""What containers and hosts use: one measurement, and an hour of them in little room."""

from array import array
from collections.abc import Iterator

import msgspec

from berth.domain.bounds import Amount, Time
from berth.domain.ids import ContainerId

#: Time between two measurements, in seconds.
INTERVAL_S = 10.0

#: A kept point is the mean of the measurements of this time.
POINT_S = 30.0

#: Points that are kept: one hour.
POINTS_AT_MOST = 120


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One measurement: rates are those since the one before."""

    #: Unix seconds.
    at: Time
    #: Of one processor; four busy processors are 400.
    cpu_percent: Amount = 0.0
    memory_bytes: Amount = 0.0
    #: 0 when there is none.
    memory_limit_bytes: Amount = 0.0
    received_bytes_s: Amount = 0.0
    sent_bytes_s: Amount = 0.0
    read_bytes_s: Amount = 0.0
    written_bytes_s: Amount = 0.0


_MEMBERS = Usage.__struct_fields__
_WIDTH = len(_MEMBERS)


class History:
    """The last hour of one container or host, as numbers side by side."""

    def __init__(self) -> None:
        # Times need more digits than a float of four bytes has, so they are counted from here.
        self._origin = 0.0
        self._numbers = array("f")
        #: How many measurements the newest point is the mean of.
        self._folded = 0
        self.last: Usage | None = None

    def add(self, usage: Usage) -> None:
        """Take a measurement in; the oldest point goes when there are too many."""
        self.last = usage
        if not self._numbers:
            self._origin = usage.at
        values = [getattr(usage, name) for name in _MEMBERS]
        values[0] -= self._origin
        if self._numbers and values[0] // POINT_S == self._numbers[-_WIDTH] // POINT_S:
            self._fold(values)
            return
        self._numbers.extend(values)
        self._folded = 1
        if len(self._numbers) > POINTS_AT_MOST * _WIDTH:
            del self._numbers[:_WIDTH]

    def points(self) -> Iterator[Usage]:
        """Yield what is kept, oldest first."""
        for start in range(0, len(self._numbers), _WIDTH):
            values = self._numbers[start : start + _WIDTH].tolist()
            values[0] += self._origin
            yield Usage(**dict(zip(_MEMBERS, values, strict=True)))

    def _fold(self, values: list[float]) -> None:
        """Let the newest point be the mean of one measurement more, at the time of its first."""
        start = len(self._numbers) - _WIDTH
        for place in range(1, _WIDTH):
            mean = self._numbers[start + place]
            self._numbers[start + place] = mean + (values[place] - mean) / (self._folded + 1)
        self._folded += 1


class HostUsage:
    """The last hour of a host and of what runs there."""

    def __init__(self) -> None:
        self.host = History()
        self.containers: dict[ContainerId, History] = {}
