"""The application: every category's endpoints, the errors, and what runs beside them."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Sequence
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from berth.api.connections.proxies import TrustedProxies
from berth.api.console import Console
from berth.api.endpoints.audit import EventThrottle
from berth.api.endpoints.credential_watch import CredentialWatch
from berth.api.endpoints.login_throttle import LoginThrottle
from berth.api.endpoints.metrics import Metrics
from berth.api.endpoints.middleware import RequestMiddleware
from berth.api.endpoints.routing import RouteTable
from berth.api.endpoints.session_uses import WRITE_INTERVAL_S, SessionUses
from berth.api.http.errors import (
    ErrorItem,
    deny_unknown,
    render_problem,
)
from berth.api.http.responses import encode
from berth.api.openapi.document import describe
from berth.api.routes import (
    authentication,
    backup,
    catalog,
    container_exec,
    containers,
    definition_tools,
    definitions,
    deployments,
    documentation,
    events,
    generations,
    health,
    hosts,
    images,
    join,
    keys,
    live,
    logs,
    pools,
    registries,
    search,
    sessions,
    settings,
    slots,
    stats,
    tags,
    tasks,
    tokens,
    usage,
    users,
    version,
    watch,
    webhooks,
)
from berth.api.search_index import SearchIndex
from berth.api.services import Services
from berth.api.streams.watch_hub import WatchHub
from berth.runtime.loop import Wakeup, run_loop

CATEGORIES = (
    authentication.endpoints,
    sessions.endpoints,
    tokens.endpoints,
    users.endpoints,
    version.endpoints,
    pools.endpoints,
    join.endpoints,
    hosts.endpoints,
    tags.endpoints,
    definitions.services_endpoints,
    definitions.stacks_endpoints,
    definition_tools.endpoints,
    deployments.endpoints,
    slots.endpoints,
    webhooks.endpoints,
    generations.endpoints,
    containers.endpoints,
    images.endpoints,
    logs.endpoints,
    stats.endpoints,
    usage.endpoints,
    container_exec.endpoints,
    registries.endpoints,
    search.endpoints,
    events.endpoints,
    events.status_endpoints,
    watch.endpoints,
    live.endpoints,
    tasks.endpoints,
    keys.endpoints,
    catalog.endpoints,
    settings.endpoints,
    backup.endpoints,
    health.endpoints,
    documentation.endpoints,
)


def create_app(services: Services) -> Starlette:
    """Make the application that a server runs."""
    metrics = Metrics(services.store, services.clock)
    uses = SessionUses(services.store, services.clock)

    @contextlib.asynccontextmanager
    async def run_beside(_: Starlette) -> AsyncIterator[None]:
        writing = run_loop(
            "sessions",
            uses.write,
            wakeup=Wakeup(),
            resync_s=lambda: WRITE_INTERVAL_S,
            clock=services.clock,
        )
        tasks = {
            asyncio.create_task(metrics.measure_lag(), name="loop lag"),
            asyncio.create_task(writing, name="sessions"),
        }
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    routes = [route for category in CATEGORIES for route in category.routes]
    sockets = [join.session_route, container_exec.exec_route, live.live_route]
    any_socket = WebSocketRoute("/{path:text}", deny_unknown)  # last, since it takes every path
    app = Starlette()
    app.router = RouteTable([*routes, *sockets, any_socket], lifespan=run_beside)
    app.state.services = services
    app.state.metrics = metrics
    app.state.watch = WatchHub(services)
    app.state.session_uses = uses
    app.state.credential_watch = CredentialWatch(services.store)
    app.state.throttle = LoginThrottle(services.clock)
    app.state.event_throttle = EventThrottle(services.clock)
    app.state.import_turn = asyncio.Lock()
    app.state.requests_under_way = set()
    app.state.search_index = SearchIndex()
    app.state.describing = asyncio.Lock()
    app.state.description = functools.cache(
        lambda: encode(describe(routes, version=services.version.version))
    )
    app.add_middleware(Console, files=services.console, api_words=_first_words(routes))
    app.add_middleware(RequestMiddleware, metrics=metrics)
    if services.proxies:
        app.add_middleware(TrustedProxies, proxies=services.proxies)
    app.add_exception_handler(HTTPException, _answer_refusal)
    return app


def _first_words(routes: Sequence[Route]) -> frozenset[str]:
    """Return the first words of all paths."""
    return frozenset(route.path.split("/")[1] for route in routes)


async def _answer_refusal(request: Request, error: Exception) -> Response:
    """Answer for the router: unknown path, wrong method."""
    status = cast(HTTPException, error).status_code
    path, method = request.url.path, request.method
    if status == 404:
        item = ErrorItem(message=f"there is no {path}", code="unknown_path")
        return render_problem(404, [item])
    if status == 405:
        allowed = ", ".join(_methods_of(request.app.routes, request.scope["path"]))
        message = f"{path} does not take {method}, only {allowed}"
        item = ErrorItem(message=message, code="method_not_allowed")
        return render_problem(405, [item], headers={"Allow": allowed})
    return render_problem(status, [ErrorItem(message="the request was refused", code="refused")])


def _methods_of(routes: Sequence[BaseRoute], path: str) -> list[str]:
    """Return the methods of the description's path that fits best: with the most fixed words."""
    fitting = [
        route for route in routes if isinstance(route, Route) and route.path_regex.match(path)
    ]
    best = max((_count_fixed(route.path) for route in fitting), default=0)
    found = [route for route in fitting if _count_fixed(route.path) == best]
    return sorted({method for route in found for method in route.methods or ()})


def _count_fixed(path: str) -> int:
    """Return how many words of a path are no parameters."""
    return sum("{" not in word for word in path.split("/"))
