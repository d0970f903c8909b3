"""Documentation: what the API is, for programs and for people."""

import asyncio
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response

from berth.api.console import DOCS, answer_page
from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.responses import Ready

endpoints = Endpoints("Documentation", access=Access.PUBLIC)


@endpoints.get("/api/openapi.json", notes=Notes(media_types=("application/json",)))
async def get_description(request: Request) -> Response:
    """Return the description of the API in OpenAPI 3.1."""
    # Making it takes seconds, once; who asks meanwhile waits for the same one.
    state = request.app.state
    async with state.describing:
        body = await asyncio.to_thread(state.description)
    return Ready(body, media_type="application/json")


@endpoints.get("/api/docs", notes=Notes(media_types=("text/html",)))
async def get_page(services: ServicesOf) -> Response:
    """Return a page that shows the description: the console's, or a plain one without it."""
    page = services.console.answer_page(DOCS)
    if page is not None:
        return page
    plain = resources.files("berth.api.openapi").joinpath("page.html").read_bytes()
    return answer_page(plain, inline_script=True)
