"""What monitors of the manager ask: whether it lives, whether it is ready, its numbers."""

from starlette.requests import Request
from starlette.responses import Response

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.metrics import Metrics
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.responses import Json
from berth.domain.errors import Unavailable

endpoints = Endpoints("Operation", access=Access.PUBLIC)


@endpoints.get("/healthz")
async def get_health() -> Json[dict[str, str]]:
    """Answer that the manager is alive."""
    return Json({"status": "ok"})


@endpoints.get("/readyz")
async def get_readiness(services: ServicesOf) -> Json[dict[str, str]]:
    """Return whether the manager is ready; 503 until then."""
    if services.store.disk_trouble:
        raise Unavailable(services.store.disk_trouble)
    if not services.ready():
        raise Unavailable("the manager is not ready yet")
    return Json({"status": "ready"})


@endpoints.get("/metrics", access=Access.USER, notes=Notes(media_types=("text/plain",)))
async def get_metrics(request: Request) -> Response:
    """Return the manager's numbers in the text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")
