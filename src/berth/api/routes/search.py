"""Search: a text in everything that users see."""

from typing import Any, cast

from starlette.requests import Request

from berth.api.endpoints.auth import Needs, ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.request_body import parse_json
from berth.api.http.responses import Json
from berth.api.schemas.search import (
    MAX_RESULTS,
    AppliedSearch,
    SearchAnswer,
    SearchBody,
    SearchResult,
)
from berth.api.search_index import Entry, SearchIndex, find_matches
from berth.domain.errors import Invalid, Unreadable

endpoints = Endpoints("Search")

#: A search is small.
SEARCH_BYTES = 64 * 1024


def parse_search(content: bytes) -> Any:
    """Read a body: JSON with members, a JSON text, or else the text that it is."""
    try:
        value = parse_json(content)
    except Unreadable:
        value = content.decode("utf-8", "replace")
    except Invalid:  # such as a number that is none, or too large, which is a text like every other
        if content.lstrip().startswith((b"{", b'"')):
            raise
        value = content.decode()
    return value if isinstance(value, dict | str) else content.decode()


@endpoints.post("/api/search/", needs=Needs(reads=True), max_body=SEARCH_BYTES, parse=parse_search)
async def search(body: SearchBody, request: Request, services: ServicesOf) -> Json[SearchAnswer]:
    """Find a text, in any case, in names and other texts of all objects; secrets are left out."""
    began = services.clock.monotonic()
    index = cast(SearchIndex, request.app.state.search_index)
    await index.refresh(services.store.memory, kinds=body.kinds)
    limit = min(body.limit, MAX_RESULTS)
    window = slice(body.start, body.start + limit)
    found, total = index.find(body.query, kinds=body.kinds, window=window)
    return Json(
        SearchAnswer(
            request=AppliedSearch(body.query, body.start, limit, body.kinds),
            elapsed_time=services.clock.monotonic() - began,
            total_results=total,
            results=[_render(each, body.query) for each in found],
        )
    )


def _render(entry: Entry, query: str) -> SearchResult:
    return SearchResult(
        kind=entry.kind,
        id=entry.id,
        name=entry.name,
        matches=find_matches(entry, query),
        path=entry.path,
    )
