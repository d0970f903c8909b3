"""Frames of kinds that this version does not know: counted and skipped."""

import logging

import msgspec

#: Kinds that are counted apart; a peer that makes more up is counted all the same.
_KINDS_AT_MOST = 16
#: At most this many characters of a kind's name are logged.
_NAME_LENGTH = 32


class Unknown(msgspec.Struct, frozen=True):
    """A frame of a kind that this version does not know."""

    kind: str


class UnknownRequest(Unknown, frozen=True):
    """A frame of a known kind that asks for something that this version does not know."""

    id: int


class Skipped:
    """The unknown frames of one session."""

    def __init__(self, log: logging.Logger, *, sender: str) -> None:
        self._log = log
        self._sender = sender
        self._kinds: set[str] = set()
        #: How many came.
        self.count = 0

    def note(self, unknown: Unknown) -> None:
        """Count a frame; the first of its kind is logged."""
        self.count += 1
        kind = unknown.kind[:_NAME_LENGTH]
        if kind not in self._kinds and len(self._kinds) < _KINDS_AT_MOST:
            self._kinds.add(kind)
            self._log.info(
                "%s sends frames of the kind %r, which this version of Berth does not know; "
                "they are skipped",
                self._sender,
                kind,
            )
