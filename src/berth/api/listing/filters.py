"""Filters of lists: one word of some, and several at once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from berth.domain.errors import Unreadable

T = TypeVar("T")


#: At most this many records are read or rendered before others get a turn.
SLICE = 100


#: A filter of a list: one word, or several with commas between them.
Words = Annotated[str | None, Query(description="One value, or several separated by commas.")]


async def choose(records: Sequence[T], passes: Callable[[T], bool]) -> list[T]:
    """Return the records that pass; others get their turn in between."""
    chosen = []
    for number, record in enumerate(records):
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        if passes(record):
            chosen.append(record)
    return chosen


def check_words(
    words: str | None, known: Iterable[str], *, field: str, numbers: Iterable[int] = ()
) -> None:
    """Raise Unreadable for a filter with a word that no item can ever have, with those there are.

    Case does not matter. Where words stand for numbers, those are taken too.
    """
    shown = [word.lower() for word in known]
    taken = {*shown, *map(str, numbers)}
    for word in words.split(",") if words is not None else ():
        if word.strip().casefold() not in taken:
            raise Unreadable(
                f"there is no {field} {word.strip()[:80]!r}, only {', '.join(shown)}",
                code="invalid_query",
                field=field,
            )


def is_among(words: str | None, *values: str) -> bool:
    """Whether a filter lets one of the values pass; case does not matter, no filter lets all."""
    if words is None:
        return True
    wanted = {word.strip().casefold() for word in words.split(",")}
    return any(value.casefold() in wanted for value in values)
