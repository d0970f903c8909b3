"""What was cut and why, in at most one line a minute however much there is."""

import enum
import logging
from collections import Counter

log = logging.getLogger(__name__)

#: Shortest time between two lines in the log, in seconds.
INTERVAL_S = 60.0


class Cut(enum.Enum):
    """Why a connection was refused or ended."""

    TOO_MANY = "too many connections"
    NO_HANDSHAKE = "no TLS handshake, or none in time"
    NO_HEAD = "no whole request in time"
    UNREADABLE = "no HTTP request, or one out of bounds"
    NO_CREDENTIAL = "no credential on a WebSocket, or not in time"
    STALLED = "nothing taken of what was sent"
    NOT_ACCEPTED = "no open file left"


class CutLog:
    """Counts cuts, and logs them now and then."""

    def __init__(self) -> None:
        self._counts: Counter[Cut] = Counter()
        self._last_source = ""
        self._logged_at: float | None = None

    def note(self, cut: Cut, source: str) -> None:
        """Count a connection that was cut."""
        self._counts[cut] += 1
        self._last_source = source

    def write(self, now: float) -> None:
        """Log what was counted, unless that was done a short time ago; ``now`` is monotonic."""
        if not self._counts or (self._logged_at is not None and now - self._logged_at < INTERVAL_S):
            return
        parts = (f"{count} ({cut.value})" for cut, count in self._counts.most_common())
        log.warning("connections were cut: %s; last from %s", ", ".join(parts), self._last_source)
        self._counts.clear()
        self._logged_at = now
