"""Headers of requests and answers, for the description of the API."""

from collections.abc import Mapping
from typing import Any

from berth.api.endpoints import delivery, idempotency
from berth.api.endpoints.routing import Access, Route
from berth.api.returned import answers_of

_REF = "#/components/headers/{name}"


def _describe(text: str, *, kind: str = "string", **schema: Any) -> dict[str, Any]:
    return {"description": text, "schema": {"type": kind} | schema}


#: Headers of answers.
HEADERS: Mapping[str, Any] = {
    "Allow": _describe("The methods that the path takes."),
    "ETag": _describe("Names this answer: send it back in `If-None-Match`."),
    "Idempotent-Replayed": _describe("`true` on the answer that the first request got."),
    "Link": _describe(
        'The address of the next part of the list, `rel="next"`; none after the last.'
    ),
    "Retry-After": _describe("Come back after so many seconds.", kind="integer"),
    "Upgrade": _describe("The protocol to connect with."),
    "WWW-Authenticate": _describe("The scheme of the credential that is wanted."),
    delivery.REVISION: _describe(
        "The answer shows every change up to this revision: older messages of the watch add nothing."
    ),
    "X-Request-Id": _describe("Names the request in the manager's log; its own id if it sent one."),
}

#: Headers of refusals, beside those that every answer has.
_OF_CODES: Mapping[str, str] = {
    "304": "ETag",
    "401": "WWW-Authenticate",
    "405": "Allow",
    "426": "Upgrade",
    "429": "Retry-After",
    "503": "Retry-After",
}

_ONCE = _describe(
    "Carries the request out once: repeated within a day it gets the first answer.",
    minLength=1,
    maxLength=255,
    pattern=r"^[\x21-\x7e]+$",
)
_KNOWN = _describe("`ETag` of an answer that is known: 304 while it is still the same.")


def is_tagged(route: Route) -> bool:
    """Whether answers of an endpoint have an ``ETag``."""
    return route.methods == {"GET"} and route.access is Access.USER and bool(answers_of(route))


def takes_key(route: Route) -> bool:
    """Whether an endpoint takes an ``Idempotency-Key``."""
    return route.methods == {"POST"} and route.access is Access.USER


def headers_of(route: Route, code: str) -> dict[str, Any]:
    """Give the headers of an endpoint's answer with a code, by reference."""
    names = ["X-Request-Id", *([_OF_CODES[code]] if code in _OF_CODES else [])]
    names += [delivery.REVISION] if code == "304" else []
    if code == route.notes.success:
        told = {
            "ETag": is_tagged(route),
            "Idempotent-Replayed": takes_key(route),
            "Link": "page" in route.parameters,
            delivery.REVISION: is_tagged(route),
        }
        names += [name for name, is_there in told.items() if is_there]
    return {name: {"$ref": _REF.format(name=name)} for name in names}


def parameters_of(route: Route) -> list[dict[str, Any]]:
    """Give the headers of requests that no endpoint reads by itself."""
    told = {idempotency.HEADER: _ONCE} if takes_key(route) else {}
    told |= {"If-None-Match": _KNOWN} if is_tagged(route) else {}
    return [{"name": name, "in": "header", "required": False} | told[name] for name in told]
