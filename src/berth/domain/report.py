"""What of a definition's text is not taken over word for word."""

from typing import Literal

import msgspec


class ReportEntry(msgspec.Struct, frozen=True):
    """One place of a valid text, or of the request it came with."""

    #: Counted from 1; 0 for what does not stand in the text.
    line: int
    #: Dotted path inside the text, for example ``services.web.links``.
    field: str
    #: ``translated`` has the same or a near effect in another way; ``ignored`` has none.
    outcome: Literal["translated", "ignored"]
    reason: str


def list_ignored(report: tuple[ReportEntry, ...]) -> tuple[str, ...]:
    """Return a sentence for each place without effect; a long list is cut and counted."""
    reasons = [f"{each.field}: {each.reason}" for each in report if each.outcome == "ignored"]
    if len(reasons) <= _SHOWN:
        return tuple(reasons)
    return (*reasons[:_SHOWN], f"{len(reasons) - _SHOWN} more")


#: At most this many places are kept with a deployment.
_SHOWN = 50
