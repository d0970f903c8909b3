"""A request to the API as a value."""

from collections.abc import Mapping
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from berth.client.errors import UsageError

T = TypeVar("T")

#: A list of records; nouns have a verb of that name.
Many: TypeAlias = list[T]

#: Names of members, for lists that show only these.
Fields: TypeAlias = tuple[str, ...]

#: What a query takes; several words are joined by commas, and none is left out.
QueryValue = str | int | bool | tuple[str, ...] | list[str] | None


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request to the API, and what its answer is read as."""

    method: str
    #: A path of the API's description, with its names in braces.
    path: str
    answer: type[T]
    #: What stands for the names in the path.
    where: Mapping[str, str] = {}
    query: Mapping[str, QueryValue] = {}
    headers: Mapping[str, str] = {}
    #: Sent as JSON, or as it is when it is bytes; nothing is sent for none.
    body: Any = None
    #: The member of the answer that is meant; "" for all of it.
    member: str = ""
    #: Whether it does the same when the manager gets it twice; a POST with a key always does.
    repeatable: bool = True
    #: Whether a POST carries an ``Idempotency-Key``.
    keyed: bool = True
    #: How long the manager may take beside the time that every answer has, in seconds.
    takes_s: float = 0.0
    #: How the credential is written, when it is not the bearer token; "" sends none.
    credential: str | None = None

    @property
    def target(self) -> str:
        """Path and query, as they are sent. Raises UsageError."""
        path = self.path
        if not path.startswith("/") or not path.isprintable() or " " in path:
            raise UsageError(f"{path!r} is no path of the API; write it as /api/v2/deployments/")
        for name, value in self.where.items():
            path = path.replace("{" + name + "}", quote_name(name, value))
        query = {
            name: _write(value) for name, value in self.query.items() if value not in (None, "", ())
        }
        return f"{path}?{urlencode(query)}" if query else path.partition("#")[0]


def get(path: str, answer: type[T], **named: Any) -> Call[T]:
    """Return a call that reads."""
    return Call(method="GET", path=path, answer=answer, **named)


def put(path: str, answer: type[T], **named: Any) -> Call[T]:
    """Return a call that puts something as it is said."""
    return Call(method="PUT", path=path, answer=answer, **named)


def post(path: str, answer: type[T], **named: Any) -> Call[T]:
    """Return a call that makes or starts something."""
    return Call(method="POST", path=path, answer=answer, **named)


def delete(path: str, answer: type[T], **named: Any) -> Call[T]:
    """Return a call that removes something; it is not repeated, since it then finds nothing."""
    return Call(method="DELETE", path=path, answer=answer, repeatable=False, **named)


def waits(seconds: float, **named: Any) -> dict[str, Any]:
    """Return what makes a call wait for the end of the task that it starts."""
    query = {**named, "wait": f"{seconds:g}s"} if seconds else named
    return {"query": query, "takes_s": seconds}


def given(**members: Any) -> dict[str, Any]:
    """Return a body of those members that are not none."""
    return {name: value for name, value in members.items() if value is not None}


def quote_name(name: str, value: str) -> str:
    """Write a name into a path, so that it leads nowhere else. Raises UsageError."""
    if not value:
        raise UsageError(f"{name} is empty")
    try:
        quoted = quote(value, safe="")
    except UnicodeEncodeError:
        raise UsageError(f"{name} is no text: {value!r}") from None
    # Dots alone would be taken for the folder itself, or the one above.
    return quoted.replace(".", "%2E") if set(value) <= {"."} else quoted


def _write(value: QueryValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ",".join(value)
    return str(value)
