"""Documentation: what the API is, for programs and for people."""

from importlib import resources

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from berth.api.routing import Access, Endpoints, Notes

endpoints = Endpoints("Documentation", access=Access.PUBLIC)

#: The page needs nothing but itself and the description, and says so to the browser.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
)


@endpoints.get("/api/openapi.json", notes=Notes(media_types=("application/json",)))
async def get_description(request: Request) -> Response:
    """Give the description of the API in OpenAPI 3.1."""
    return Response(request.app.state.description(), media_type="application/json")


@endpoints.get("/api/docs", notes=Notes(media_types=("text/html",)))
async def get_page() -> Response:
    """Give a page that shows the description."""
    page = resources.files("berth.api").joinpath("page.html").read_text(encoding="utf-8")
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})
