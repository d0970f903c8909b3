"""The error object, the one table from errors to status codes, and how a WebSocket is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.websockets import WebSocket

from berth.api.http.responses import Json
from berth.domain.errors import (
    BerthError,
    CallFailed,
    Conflict,
    DefinitionInvalid,
    Forbidden,
    Invalid,
    NotFound,
    RequestError,
    ResyncRequired,
    Throttled,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unreadable,
    UpgradeNeeded,
)

#: Ordered: the first kind that an error is of decides.
STATUS_CODES: tuple[tuple[type[BerthError], int], ...] = (
    (Unreadable, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (TooSlow, 408),
    (Conflict, 409),
    (ResyncRequired, 410),
    (TooLarge, 413),
    (Invalid, 422),
    (UpgradeNeeded, 426),
    (Throttled, 429),
    (Unavailable, 503),
    (CallFailed, 409),
)

#: Failures of calls to agents that mean: the thing named in the path does not exist.
_MISSING_CODES = frozenset({"not_found"})


class ErrorItem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing wrong with a request."""

    message: str
    code: str
    #: Dotted path of the offending member.
    field: str = ""
    #: Place inside a definition's text, counted from 1.
    line: int = 0
    column: int = 0
    #: Dotted path inside a definition's text.
    path: str = ""


class ErrorObject(msgspec.Struct, frozen=True):
    """Body of every answer that is no success."""

    errors: Sequence[ErrorItem]


def render_error(error: BerthError) -> Json[ErrorObject]:
    """Turn an error of Berth into its answer."""
    status = status_of(error)
    if status == 500:
        return render_failure()
    return Json(ErrorObject(items_of(error)), status_code=status, headers=_headers_of(error))


def render_problem(
    status: int, items: Sequence[ErrorItem], *, headers: Mapping[str, str] | None = None
) -> Json[ErrorObject]:
    """Make the answer of a refusal that no error of Berth stands for."""
    return Json(ErrorObject(items), status_code=status, headers=headers)


def render_failure() -> Json[ErrorObject]:
    """Make the answer of a defect; the log has the details under the request's id."""
    message = "an internal error occurred; the manager's log has it under this request's id"
    return render_problem(500, [ErrorItem(message=message, code="internal_error")])


def status_of(error: BerthError) -> int:
    """Return the status code of an error; 500 for one that no request should meet."""
    if isinstance(error, CallFailed) and error.code in _MISSING_CODES:
        return 404
    return next((status for kind, status in STATUS_CODES if isinstance(error, kind)), 500)


def items_of(error: BerthError) -> list[ErrorItem]:
    """Return what is wrong, one by one."""
    if isinstance(error, DefinitionInvalid):
        return [
            ErrorItem(
                message=problem.message,
                code=error.code,
                field=error.field,
                line=problem.line,
                column=problem.column,
                path=problem.field,
            )
            for problem in error.problems
        ]
    if isinstance(error, RequestError):
        return [ErrorItem(message=error.message, code=error.code, field=error.field)]
    if isinstance(error, CallFailed):
        return [ErrorItem(message=error.message, code=error.code)]
    return [ErrorItem(message=str(error), code="unavailable")]


def _headers_of(error: BerthError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooSlow):
        return {"Connection": "close"}  # the rest of the body is not waited for
    if isinstance(error, Throttled):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, Unavailable):
        return {"Retry-After": "1"}
    if isinstance(error, UpgradeNeeded):
        return {"Connection": "Upgrade", "Upgrade": "websocket"}
    return {}


def render_findings(findings: Sequence[Mapping[str, Any]]) -> Json[ErrorObject]:
    """Answer with everything that pydantic found wrong: 400 for a query, 422 for a body."""
    status = 400 if any(each["loc"][0] == "query" for each in findings) else 422
    return render_problem(status, [_item_of(each) for each in findings])


def _item_of(finding: Mapping[str, Any]) -> ErrorItem:
    """Turn a finding into an item; the place loses its first word, which says query or body."""
    field = ".".join(str(part) for part in finding["loc"][1:])
    code = "required" if finding["type"] == "missing" else "invalid_value"
    message = str(finding["msg"]).removeprefix("Value error, ")
    return ErrorItem(message=message, code=code, field=field)


async def deny(websocket: WebSocket, answer: Response) -> None:
    """Answer instead of opening; a server that cannot do that closes."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(answer)
    else:
        await websocket.close()


async def deny_unknown(websocket: WebSocket) -> None:
    """Answer that there is no such WebSocket."""
    message = f"there is no WebSocket at {websocket.url.path}"
    await deny(websocket, render_problem(404, [ErrorItem(message=message, code="unknown_path")]))
