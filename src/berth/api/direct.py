"""Reads that clients repeat while they wait, answered without the framework's machinery."""

import inspect
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from berth.api.auth import require_bearer, services_of
from berth.api.errors import render_error
from berth.api.etags import tag_answer
from berth.api.lists import Page
from berth.api.routing import Access, Route
from berth.domain.errors import BerthError


class DirectReads:
    """Calls the endpoints that are marked ``direct`` with what their paths hold.

    Matching one of a hundred routes and resolving its parameters costs more than most reads. Such
    an endpoint takes parts of its path, ``services`` and ``page`` alone; what else it takes of a
    query has a default. It is described in OpenAPI as all others are. A request with a query goes
    the usual way.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[Route]) -> None:
        self._app = app
        self._routes = [route for route in routes if route.direct]
        for route in self._routes:
            _check(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        route, parts = found
        scope["route"] = route
        answer = await _call(route, parts, request=Request(scope, receive))
        await answer(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Route, dict[str, str]] | None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return None
        path: str = scope["path"]
        for route in self._routes:
            match = route.path_regex.match(path)
            if match:
                return route, match.groupdict()
        return None


async def _call(route: Route, parts: dict[str, str], *, request: Request) -> Response:
    try:
        require_bearer(request)
        given: dict[str, Any] = {"services": services_of(request), "page": Page(request)}
        taken = {name: given[name] for name in given if name in route.parameters}
        answer: Response = await route.endpoint(**parts, **taken)
    except BerthError as error:
        return render_error(error)
    return tag_answer(request, answer)


def _check(route: Route) -> None:
    """Refuse what cannot be called so: that is a defect of ours."""
    parameters = inspect.signature(route.endpoint).parameters.values()
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    taken = needed - {"services", "page"}
    if (
        taken != set(route.param_convertors)
        or route.methods != {"GET"}
        or route.access is not Access.BEARER
    ):
        raise TypeError(f"{route.path} cannot be direct: it takes {sorted(taken)}")
