"""Searches."""

from typing import Annotated, Any

import msgspec
from pydantic import Field, field_validator, model_validator

from berth.api.http.params import AS_INTEGER, Body
from berth.api.search_index import KINDS, Match

MAX_RESULTS = 250
DEFAULT_RESULTS = 100
MAX_QUERY = 1000

Count = Annotated[int, Field(ge=0), AS_INTEGER]


class SearchBody(Body):
    """What to search for: members, or a bare text."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUERY)]
    start: Count = 0
    limit: Count = DEFAULT_RESULTS
    kinds: tuple[str, ...] = tuple(KINDS)

    @model_validator(mode="before")
    @classmethod
    def read_forms(cls, value: Any) -> Any:
        """Accept the forms that callers send; `q` stands for `query`."""
        if isinstance(value, str):
            return {"query": value}
        if isinstance(value, dict) and "query" not in value and "q" in value:
            return value | {"query": value["q"]}
        return value

    @field_validator("query", mode="after")
    @classmethod
    def strip_query(cls, value: str) -> str:
        """Take blanks around the query away; at least one character must remain."""
        if not value.strip() or "\0" in value:
            raise ValueError("must hold a character that can be searched")
        return value.strip()

    @field_validator("kinds", mode="before")
    @classmethod
    def read_kinds(cls, value: Any) -> Any:
        """Accept one bare kind, and none at all for every kind."""
        if isinstance(value, str):
            return (value,)
        return tuple(KINDS) if value is None or value == [] else value

    @field_validator("kinds", mode="after")
    @classmethod
    def check_kinds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a kind that nothing is of; each counts once, in the order of results."""
        unknown = [kind for kind in value if kind not in KINDS]
        if unknown:
            raise ValueError(f"{unknown[0][:80]!r} is no kind: write {', '.join(KINDS)}")
        return tuple(kind for kind in KINDS if kind in value)


class AppliedSearch(msgspec.Struct, frozen=True):
    """A search as it was applied."""

    query: str
    start: int
    limit: int
    kinds: tuple[str, ...]


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """An object that has the query in a text."""

    kind: str
    id: str
    name: str
    matches: list[Match]
    path: str


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; the total counts what the window leaves out, too."""

    request: AppliedSearch
    elapsed_time: float
    total_results: int
    results: list[SearchResult]
