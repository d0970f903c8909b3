"""Event and Status: what happened, and what is the matter now."""

from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.params import Integer
from berth.api.http.responses import Json, encode
from berth.api.listing.filters import Words, check_words, choose, is_among
from berth.api.listing.pages import MAX_ITEMS, PageOf, Shape, answer_list, one_by_one, read_window
from berth.api.listing.query import Query as Terms
from berth.api.listing.query import parse_query
from berth.api.schemas.events import (
    EventAnswer,
    ManyEvents,
    ManyStatuses,
    StatusAnswer,
    StatusRequest,
    render_event,
    render_status,
)
from berth.domain.records import Event, Status
from berth.domain.states import Severity
from berth.store.memory import Memory

endpoints = Endpoints("Event")
status_endpoints = Endpoints("Status")

Number = Annotated[Integer | None, Query()]
Text = Annotated[str, Query()]

DEFAULT_STATUSES = 100


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which events or statuses a list has, besides its query."""

    severity: str | None
    kind: str | None
    deployment: str | None
    host: str | None
    text: str

    def passes(self, event: Event) -> bool:
        """Whether an event, or the newest one of a status, is one of them."""
        severity = event.severity
        return (
            is_among(self.severity, severity.name, str(severity.value))
            and is_among(self.kind, event.key)
            and is_among(self.deployment, *_names(event, "deployment", "deployment_id"))
            and is_among(self.host, *_names(event, "host", "host_id", "hostname"))
            and (not self.text or self.text in f"{event.summary}\n{event.message}".casefold())
        )


async def read_filters(
    *,
    severity: Words = None,
    kind: Words = None,
    deployment: Words = None,
    host: Words = None,
    text: Text = "",
) -> Filters:
    """Read the filters of events and statuses; a host goes by id or name. Raises Unreadable."""
    check_words(severity, Severity.__members__, field="severity", numbers=Severity)
    return Filters(
        severity=severity, kind=kind, deployment=deployment, host=host, text=text.casefold()
    )


FiltersOf = Annotated[Filters, Depends(read_filters)]


@endpoints.get("/api/v2/events/")
async def list_events(
    page: PageOf,
    filters: FiltersOf,
    services: ServicesOf,
    *,
    q: Text = "",
    start: Number = None,
    since: Number = None,
) -> Json[ManyEvents]:
    """List the newest events; ``since`` is the id of an event that is known already."""
    window = read_window(start, page.limit, default=MAX_ITEMS)
    terms = parse_query(q, EventAnswer)
    events = newest_events(services.store.memory, since=since or 0)
    if terms != Terms() or filters != NO_FILTERS:
        events = await choose(
            events, lambda each: filters.passes(each) and terms.matches(render_event(each))
        )
    shape = Shape(
        id_of=lambda event: str(event.id),
        render=one_by_one(render_event),
        kind=EventAnswer,
        envelope="events",
        by_id=False,
    )
    return await answer_list(page.limited(window.limit), window.after_start(events), shape=shape)


@status_endpoints.get("/api/v2/status/")
async def list_statuses(
    page: PageOf,
    filters: FiltersOf,
    services: ServicesOf,
    *,
    q: Text = "",
    start: Number = None,
    since: Number = None,
) -> Json[ManyStatuses]:
    """List the statuses that changed last; ``since`` is a generation that is known already."""
    window = read_window(start, page.limit, default=DEFAULT_STATUSES)
    terms = parse_query(q, StatusAnswer)

    def passes(status: Status) -> bool:
        is_new = status.generation > (since or 0)
        return is_new and filters.passes(status.event) and terms.matches(render_status(status))

    statuses = await choose(list(services.store.memory.statuses.values()), passes)
    statuses.sort(key=lambda status: -status.generation)
    request = StatusRequest(query=q, start=window.start, limit=window.limit)
    shape = Shape(
        id_of=lambda status: status.id,
        render=one_by_one(render_status),
        kind=StatusAnswer,
        envelope="statuses",
        by_id=False,
        beside=b'"request":' + encode(request),
    )
    return await answer_list(page.limited(window.limit), window.after_start(statuses), shape=shape)


NO_FILTERS = Filters(severity=None, kind=None, deployment=None, host=None, text="")


def newest_events(memory: Memory, *, since: int = 0) -> list[Event]:
    """Return the events after an id, newest first, by walking down their ids."""
    found: list[Event] = []
    event_id = memory.last_event_id
    while len(found) < len(memory.events) and event_id > since:
        event = memory.events.get(str(event_id))
        if event is not None:
            found.append(event)
        event_id -= 1
    return found


def _names(event: Event, kind: str, *details: str) -> list[str]:
    """Return everything by which an event names a deployment or a host."""
    actors = [actor for actor in (event.actor, event.sub_actor) if actor and actor.type == kind]
    named: list[Any] = [name for actor in actors for name in (actor.id, actor.label)]
    return [*named, *(event.details[name] for name in details if name in event.details)]
