"""Refusals by status code, for the description of the API: what each means, and an example."""

from collections.abc import Mapping

import msgspec

from berth.api.http.errors import ErrorItem, ErrorObject


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
        "What changed since then is not known any more: read everything afresh.",
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
        "Too many failed attempts; `Retry-After` tells when to come back.",
        "too many failed logins: try again in 8 s",
        code="throttled",
    ),
    "503": _refusal(
        "The manager is starting, is importing a backup, or its store failed.",
        "the manager is not ready yet",
        code="unavailable",
    ),
}
