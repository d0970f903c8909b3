"""What sessions take their frames from."""

from collections.abc import Callable
from typing import Protocol

from berth.protocol.messages import Message

#: Lets the session know that something waits; whether somebody waits for it.
Notify = Callable[[bool], None]


def no_session(urgent: bool) -> None:
    """Stand for a session that is not there."""


class Source(Protocol):
    """Keeps what the manager does not know yet, from session to session."""

    def begin_session(self, notify: Notify) -> None:
        """Start with all that a manager needs which knows nothing."""
        ...

    def take(self) -> Message | None:
        """Return the next frame; none when the manager knows everything."""
        ...

    def end_session(self) -> None:
        """Keep what comes for the next session."""
        ...
