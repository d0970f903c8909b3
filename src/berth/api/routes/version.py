"""Version: what program this is, and what it can do."""

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Access, Endpoints
from berth.api.http.responses import Json
from berth.api.services import VersionInfo

endpoints = Endpoints("Version", access=Access.PUBLIC)

CAPABILITIES = (
    "AppInstances",
    "Applications",
    "Containers",
    "Hosts",
    "PlacementPolicy",
    "ResourcePools",
)


@endpoints.get("/api/version")
async def get_version(services: ServicesOf) -> Json[VersionInfo]:
    """Return the version of the manager."""
    return Json(services.version)


@endpoints.get("/version")
async def get_short_version(services: ServicesOf) -> Json[VersionInfo]:
    """Return the version of the manager."""
    return Json(services.version)


@endpoints.get("/api/capabilities", deprecated=True)
async def get_capabilities() -> Json[tuple[str, ...]]:
    """List what the manager can do."""
    return Json(CAPABILITIES)
