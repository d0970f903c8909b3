"""A sentence about something that goes on failing, logged once a minute for each reason."""

import logging

from berth.runtime.clock import Clock

#: Time after which the same trouble is logged again.
AGAIN_S = 60.0


class Complaint:
    """One kind of trouble."""

    def __init__(self, logger: logging.Logger, clock: Clock) -> None:
        self._logger = logger
        self._clock = clock
        #: When each kind of reason was logged last.
        self._logged_at: dict[str, float] = {}

    def log_once(self, sentence: str, *, reason: str = "") -> None:
        """Log the sentence, unless one for this kind of reason was logged a short time ago."""
        now = self._clock.monotonic()
        logged_at = self._logged_at.get(reason)
        if logged_at is None or now - logged_at >= AGAIN_S:
            self._logged_at[reason] = now
            self._logger.warning("%s", sentence)

    def log_end(self, sentence: str) -> None:
        """Log that the trouble is over, if there was any."""
        if self._logged_at:
            self._logged_at = {}
            self._logger.info("%s", sentence)
