"""Watch: a stream of every change."""

from typing import Annotated, cast

from fastapi import Depends, Query
from starlette.requests import Request

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.sse import EventStream, LastId
from berth.api.streams.watch_hub import WatchHub
from berth.api.streams.watch_objects import KINDS, WatchMessage
from berth.domain.errors import Unreadable

endpoints = Endpoints("Watch")


async def _watch(request: Request) -> WatchHub:
    return cast(WatchHub, request.app.state.watch)


@endpoints.get(
    "/api/v2/watch",
    notes=Notes(errors=("410",), media_types=(EventStream.media_type,), event=WatchMessage),
)
async def watch_changes(
    services: ServicesOf,
    *,
    watch: Annotated[WatchHub, Depends(_watch)],
    last_id: LastId,
    since: Annotated[
        str | None, Query(description="A revision: what changed after it is sent first.")
    ] = None,
    kinds: Annotated[
        str | None, Query(description="Only these kinds of objects, separated by commas.")
    ] = None,
) -> EventStream:
    """Follow every change as server-sent events; 410 when ``since`` is too long ago."""
    messages = watch.follow(_read_revision(last_id or since), _read_kinds(kinds))
    return EventStream(messages, stopping=services.stopping)


def _read_revision(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise Unreadable("since is no revision", code="invalid_query", field="since")
    return int(text)


def _read_kinds(text: str | None) -> frozenset[str]:
    if text is None:
        return KINDS
    kinds = {kind.strip() for kind in text.split(",")}
    unknown = sorted(kinds - KINDS)
    if unknown:
        shown = ", ".join(sorted(KINDS))
        raise Unreadable(
            f"there is no kind {unknown[0][:80]!r}, only {shown}",
            code="invalid_query",
            field="kinds",
        )
    return frozenset(kinds)
