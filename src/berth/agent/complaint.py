"""A sentence about something that goes on failing, logged once a minute at most."""

import logging

from berth.runtime.clock import Clock

#: The same trouble is logged again after this.
AGAIN_S = 60.0


class Complaint:
    """One kind of trouble."""

    def __init__(self, log: logging.Logger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._said_at: float | None = None

    def say(self, sentence: str) -> None:
        """Log the sentence, unless one was logged a short time ago."""
        now = self._clock.monotonic()
        if self._said_at is None or now - self._said_at >= AGAIN_S:
            self._said_at = now
            self._log.warning("%s", sentence)

    def over(self, sentence: str) -> None:
        """Log that the trouble is over, if there was any."""
        if self._said_at is not None:
            self._said_at = None
            self._log.info("%s", sentence)
