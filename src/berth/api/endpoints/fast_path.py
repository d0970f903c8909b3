"""What clients call over and over, answered without the framework's machinery."""

import inspect
from collections.abc import Iterable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from berth.api.endpoints.auth import authorize, services_of
from berth.api.endpoints.delivery import deliver
from berth.api.endpoints.routing import Access, Route
from berth.api.http.errors import render_error
from berth.api.listing.pages import Page
from berth.domain.errors import BerthError


class FastPath:
    """Calls the endpoints that are marked ``direct`` with what their paths hold.

    Matching one of a hundred routes and resolving its parameters costs more than most answers.
    Such an endpoint takes parts of its path, ``request``, ``services`` and ``page`` alone; what
    else it takes of a query has a default. It is described in OpenAPI as all others are. A request
    with a query goes the usual way.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[Route]) -> None:
        self._app = app
        self._routes: dict[str, list[Route]] = {"GET": [], "PUT": []}
        for route in routes:
            if route.direct:
                _check(route)
                for method in route.methods or ():
                    self._routes[method].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        route, parts = found
        scope["route"], scope["path_params"] = route, parts
        answer = await _call(route, parts, request=Request(scope, receive))
        await answer(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Route, dict[str, str]] | None:
        if scope["type"] != "http" or scope["query_string"]:
            return None
        path: str = scope["path"]
        for route in self._routes.get(scope["method"], ()):
            match = route.path_regex.match(path)
            if match:
                return route, match.groupdict()
        return None


async def _call(route: Route, parts: dict[str, str], *, request: Request) -> Response:
    try:
        authorize(request, route.needs)
        services, page = services_of(request), Page(request)
        revision = services.store.memory.revision
        given: dict[str, Any] = {"services": services, "page": page, "request": request}
        taken = {name: given[name] for name in given if name in route.parameters}
        answer: Response = await route.endpoint(**parts, **taken)
    except BerthError as error:
        return render_error(error)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    return await deliver(request, answer, revision=revision)


def _check(route: Route) -> None:
    """Refuse what cannot be called so: that is a defect of ours."""
    parameters = inspect.signature(route.endpoint).parameters.values()
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    taken = needed - {"services", "page", "request"}
    if (
        taken != set(route.param_convertors)
        or not set(route.methods or ()) <= {"GET", "PUT"}
        or route.access is not Access.USER
        or route.body_field is not None
    ):
        raise TypeError(f"{route.path} cannot be direct: it takes {sorted(taken)}")
