"""Ids made from names, and the form of ids, names and tags."""

import datetime
from collections.abc import Callable, Iterable

from berth.domain.errors import Invalid
from berth.domain.spec import ID_PATTERN, MAX_ID, MAX_TAG, TAG_PATTERN, describe_excess

MAX_NAME = 256
MAX_TAGS = 256
MAX_DESCRIPTION = 4096

#: Longest part of a name that fits into an id beside the time and a number.
_MAX_STEM = 104


def check_id(value: str, *, field: str) -> str:
    """Return the id; raises Invalid when it has characters that ids do not have."""
    if not ID_PATTERN.fullmatch(value):
        raise Invalid(
            f"{shorten(value)!r} is no id: write 1 to {MAX_ID} letters, digits, dots, hyphens or "
            "underscores, beginning with a letter or digit"
            f"{describe_excess(value, longest=MAX_ID)}",
            code="invalid_id",
            field=field,
        )
    return value


def to_id(name: str) -> str:
    """Return the id that a name stands for: blanks become hyphens, case is kept."""
    return "-".join(name.split())


def to_dated_id(name: str, now: float) -> str:
    """Return a deployment's id: the name with hyphens, and the UTC time."""
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    return f"{to_id(name)[:_MAX_STEM]}-{moment:%Y%m%d-%H%M%S}"


def make_unique(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return the wanted word, or the first of ``<word>-2``, ``<word>-3`` ... that is free."""
    candidate, number = wanted, 2
    while is_taken(candidate):
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def check_name(value: str, *, field: str, longest: int = MAX_NAME) -> str:
    """Return a display name back; raises Invalid when it is too long."""
    if len(value) > longest:
        raise Invalid(
            f"the text has {len(value)} characters, at most {longest} are allowed",
            code="too_long",
            field=field,
        )
    return value


def check_tags(tags: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Return the tags sorted, each once; raises Invalid when one is not a bare word."""
    chosen = set(tags)
    if len(chosen) > MAX_TAGS:
        raise Invalid(f"at most {MAX_TAGS} tags are allowed", code="too_many", field=field)
    for tag in chosen:
        if not TAG_PATTERN.fullmatch(tag):
            raise Invalid(
                f"{shorten(tag)!r} is no tag: write 1 to {MAX_TAG} letters, digits, dots, hyphens "
                "or underscores, beginning with a letter or digit"
                f"{describe_excess(tag, longest=MAX_TAG)}",
                code="invalid_tag",
                field=field,
            )
    return tuple(sorted(chosen))


def shorten(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= 80 else f"{text[:77]}..."
