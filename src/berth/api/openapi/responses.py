"""What the description says of answers: headers, refusals by status code, the types of bodies."""

import inspect
from collections.abc import Mapping
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from starlette.responses import Response

from berth.api.endpoints import delivery, idempotency
from berth.api.endpoints.routing import Access, Route
from berth.api.http.errors import ErrorItem, ErrorObject
from berth.api.http.responses import Json
from berth.api.listing.pages import read_page


class Refusal(msgspec.Struct, frozen=True):
    """What a status code stands for."""

    meaning: str
    example: ErrorObject


def _refusal(meaning: str, message: str, *, code: str, field: str = "") -> Refusal:
    return Refusal(meaning, ErrorObject([ErrorItem(message=message, code=code, field=field)]))


REFUSALS: Mapping[str, Refusal] = {
    "400": _refusal(
        "The request cannot be read.",
        "limit cannot be below 0",
        code="invalid_query",
        field="limit",
    ),
    "401": _refusal(
        "The credential is missing, unknown or ended.",
        "the token is unknown or has ended",
        code="unknown_token",
    ),
    "403": _refusal(
        "The credential is not good for this call.",
        "a session token is good for /api/token only: get the bearer token there",
        code="session_token",
    ),
    "404": _refusal(
        "What the path names does not exist.",
        "there is no deployment 'shop'",
        code="unknown_deployment",
    ),
    "405": _refusal(
        "The path does not take this method.",
        "/api/version does not take PATCH, only GET",
        code="method_not_allowed",
    ),
    "408": _refusal(
        "The body came too slowly.",
        "only 512 bytes of the body came in time",
        code="too_slow",
    ),
    "409": _refusal(
        "The object's state, or its host, forbids it.",
        "host h1 is inactive",
        code="host_inactive",
    ),
    "410": _refusal(
        "What changed since then is not known any more: read everything again.",
        "the changes after revision 17 are not known any more",
        code="resync",
    ),
    "413": _refusal(
        "The body is too large.",
        "the body is larger than 10485760 bytes",
        code="too_large",
    ),
    "422": _refusal(
        "A value is not acceptable; `field` names it, `line` and `column` the place in a text.",
        "pool 'blue' does not exist",
        code="unknown_pool",
        field="placement.pool_id",
    ),
    "426": _refusal(
        "The path takes a WebSocket alone.",
        "connect with a WebSocket",
        code="websocket_needed",
    ),
    "429": _refusal(
        "Too many failed attempts; `Retry-After` says when to come back.",
        "too many failed logins: try again in 8 s",
        code="throttled",
    ),
    "503": _refusal(
        "The manager is starting, is importing a backup, or its store failed.",
        "the manager is not ready yet",
        code="unavailable",
    ),
}


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
    "Retry-After": _describe("Seconds after which to try again.", kind="integer"),
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
    """Return the headers of an endpoint's answer with a code, by reference."""
    names = ["X-Request-Id", *([_OF_CODES[code]] if code in _OF_CODES else [])]
    names += [delivery.REVISION] if code == "304" else []
    if code == route.notes.success:
        headers = {
            "ETag": is_tagged(route),
            "Idempotent-Replayed": takes_key(route),
            "Link": any(need.call is read_page for need in route.dependant.dependencies),
            delivery.REVISION: is_tagged(route),
        }
        names += [name for name, is_there in headers.items() if is_there]
    return {name: {"$ref": _REF.format(name=name)} for name in names}


def parameters_of(route: Route) -> list[dict[str, Any]]:
    """Return the headers of requests that no endpoint reads by itself."""
    headers = {idempotency.HEADER: _ONCE} if takes_key(route) else {}
    headers |= {"If-None-Match": _KNOWN} if is_tagged(route) else {}
    return [{"name": name, "in": "header", "required": False} | headers[name] for name in headers]


def answers_of(route: Route) -> tuple[Any, ...]:
    """Return what stands inside ``Json[...]`` of an endpoint, one by one; () for other answers."""
    returned = get_type_hints(route.endpoint).get("return", inspect.Signature.empty)
    if get_origin(returned) is Json:
        inside = get_args(returned)[0]
        return get_args(inside) if isinstance(inside, UnionType) else (inside,)
    if inspect.isclass(returned) and issubclass(returned, Response):
        return ()
    raise TypeError(f"{route.path}: the endpoint must say what it answers: -> Json[...]")
