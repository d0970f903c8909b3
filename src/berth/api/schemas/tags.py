"""Tags."""

from typing import Annotated, Any

import msgspec
from pydantic import Field, model_validator

from berth.api.http.params import Body, Line


class TagBody(Body):
    """Name of a new tag: a member ``id``, ``name`` or ``tag``, or a bare text; "" is missing."""

    id: Annotated[Line, Field(examples=["ssd"])] = ""

    @model_validator(mode="before")
    @classmethod
    def read_forms(cls, value: Any) -> Any:
        """Accept the four forms that callers send."""
        if isinstance(value, str):
            return {"id": value}
        if isinstance(value, dict):
            named = (value[member] for member in ("id", "name", "tag") if member in value)
            return {"id": next(named, "")}
        return value


class TagObjectBody(Body):
    """A host or pool, and all tags that it is to have."""

    kind: Annotated[Line, Field(examples=["pool"])]
    #: "" leaves it to the path.
    id: Line = ""
    tags: tuple[str, ...]


class NoMembers(msgspec.Struct, frozen=True):
    """What a tag has in a list: it is a bare text there."""


class TagAnswer(msgspec.Struct, frozen=True):
    """A tag."""

    id: str
