"""The part of a list that a request asks for."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from berth.domain.errors import Unreadable

T = TypeVar("T")

#: The most that the lists of events, statuses and tasks show.
MAX_ITEMS = 250


class Window(msgspec.Struct, frozen=True):
    """Where a list begins, and how many items it has at most."""

    start: int
    limit: int

    def after_start(self, items: Sequence[T]) -> Sequence[T]:
        """Give the newest items from the start on; the limit is the page's."""
        return items[self.start : MAX_ITEMS]


def read_window(start: int | None, limit: int | None, *, default: int) -> Window:
    """Check what a query says; raises Unreadable for numbers below 0."""
    for field, number in (("start", start), ("limit", limit)):
        if number is not None and number < 0:
            raise Unreadable(f"{field} cannot be below 0", code="invalid_query", field=field)
    return Window(start or 0, min(default if limit is None else limit, MAX_ITEMS))
