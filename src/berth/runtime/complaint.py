"""A sentence about something that goes on failing, logged once a minute for each reason."""

import logging

from berth.runtime.clock import Clock

#: The same trouble is logged again after this.
AGAIN_S = 60.0


class Complaint:
    """One kind of trouble."""

    def __init__(self, log: logging.Logger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        #: When each kind of reason was said last.
        self._said_at: dict[str, float] = {}

    def say(self, sentence: str, *, reason: str = "") -> None:
        """Log the sentence, unless one for this kind of reason was logged a short time ago."""
        now = self._clock.monotonic()
        said_at = self._said_at.get(reason)
        if said_at is None or now - said_at >= AGAIN_S:
            self._said_at[reason] = now
            self._log.warning("%s", sentence)

    def over(self, sentence: str) -> None:
        """Log that the trouble is over, if there was any."""
        if self._said_at:
            self._said_at = {}
            self._log.info("%s", sentence)
