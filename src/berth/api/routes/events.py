"""Event and Status: what happened, and what is the matter now."""

from typing import Annotated

from fastapi import Query

from berth.api.answers import Json
from berth.api.auth import ServicesOf
from berth.api.routing import Endpoints
from berth.api.schemas.events import (
    ManyEvents,
    ManyStatuses,
    StatusRequest,
    render_event,
    render_status,
)
from berth.api.values import QueryInteger
from berth.api.windows import MAX_ITEMS, read_window
from berth.domain.records import Event
from berth.store.memory import Memory

endpoints = Endpoints("Event")
status_endpoints = Endpoints("Status")

Number = Annotated[QueryInteger | None, Query()]

DEFAULT_STATUSES = 100


@endpoints.get("/api/v2/events/")
async def list_events(
    services: ServicesOf, start: Number = None, limit: Number = None
) -> Json[ManyEvents]:
    """List the newest events."""
    window = read_window(start, limit, default=MAX_ITEMS)
    events = newest_events(services.store.memory)
    return Json(ManyEvents([render_event(event) for event in window.cut(events)]))


@status_endpoints.get("/api/v2/status/")
async def list_statuses(
    services: ServicesOf, start: Number = None, limit: Number = None
) -> Json[ManyStatuses]:
    """List the statuses that changed last."""
    window = read_window(start, limit, default=DEFAULT_STATUSES)
    statuses = sorted(
        services.store.memory.statuses.values(), key=lambda status: -status.generation
    )
    request = StatusRequest(query="", start=window.start, limit=window.limit)
    shown = [render_status(status) for status in window.cut(statuses)]
    return Json(ManyStatuses(request, shown))


def newest_events(memory: Memory) -> list[Event]:
    """Give the newest events by walking down their ids; the table may hold many more."""
    wanted = min(MAX_ITEMS, len(memory.events))
    found: list[Event] = []
    event_id = memory.last_event_id
    while len(found) < wanted and event_id > 0:
        event = memory.events.get(str(event_id))
        if event is not None:
            found.append(event)
        event_id -= 1
    return found
