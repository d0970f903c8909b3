"""Cuts long lists into parts, each of which fits into a frame."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from berth.protocol.messages import MAX_FRAME_BYTES

T = TypeVar("T")

#: What a part weighs at most, unless one thing alone weighs more; the rest of a frame is for what
#: the weights leave out.
PART_BYTES = MAX_FRAME_BYTES // 4


def split(items: Iterable[T], weigh: Callable[[T], int]) -> Iterator[list[T]]:
    """Cut a list in its order; an empty one has no part, and what is too heavy goes alone."""
    part: list[T] = []
    size = 0
    for item in items:
        weight = weigh(item)
        if part and size + weight > PART_BYTES:
            yield part
            part, size = [], 0
        part.append(item)
        size += weight
    if part:
        yield part
