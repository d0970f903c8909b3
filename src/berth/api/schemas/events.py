"""Events, and the statuses they are folded into."""

import msgspec

from berth.api.http.timestamps import render_exact_time
from berth.domain.records import Actor, Event, Status

_NOBODY = Actor("", "")


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened."""

    event_id: int
    actor_id: str
    actor_type: str
    actor_label: str
    sub_actor_id: str
    sub_actor_type: str
    sub_actor_label: str
    event_key: str
    summary: str
    message: str
    severity: int
    severity_description: str
    first_seen: str
    details: dict[str, str]


class ManyEvents(msgspec.Struct, frozen=True):
    """Envelope of events."""

    events: list[EventAnswer]


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is the matter now."""

    fingerprint: str
    actor_id: str
    actor_type: str
    actor_label: str
    sub_actor_id: str
    sub_actor_type: str
    sub_actor_label: str
    event_key: str
    summary: str
    message: str
    severity: int
    severity_description: str
    first_seen: str
    last_seen: str
    count: int
    generation: int
    last_event_id: int
    clear_event_id: int
    host_id: str
    username: str
    details: dict[str, str]


class StatusRequest(msgspec.Struct, frozen=True):
    """What of a query was applied."""

    query: str
    start: int
    limit: int


class ManyStatuses(msgspec.Struct, frozen=True):
    """Envelope of statuses."""

    request: StatusRequest
    statuses: list[StatusAnswer]


def render_event(event: Event) -> EventAnswer:
    """Render an event."""
    sub = event.sub_actor or _NOBODY
    return EventAnswer(
        event_id=event.id,
        actor_id=event.actor.id,
        actor_type=event.actor.type,
        actor_label=event.actor.label,
        sub_actor_id=sub.id,
        sub_actor_type=sub.type,
        sub_actor_label=sub.label,
        event_key=event.key,
        summary=event.summary,
        message=event.message,
        severity=event.severity.value,
        severity_description=event.severity.name.capitalize(),
        first_seen=render_exact_time(event.at),
        details=event.details,
    )


def render_status(status: Status) -> StatusAnswer:
    """Render a status."""
    event = status.event
    sub = event.sub_actor or _NOBODY
    details = event.details
    return StatusAnswer(
        fingerprint=status.id,
        actor_id=event.actor.id,
        actor_type=event.actor.type,
        actor_label=event.actor.label,
        sub_actor_id=sub.id,
        sub_actor_type=sub.type,
        sub_actor_label=sub.label,
        event_key=event.key,
        summary=event.summary,
        message=event.message,
        severity=event.severity.value,
        severity_description=event.severity.name.capitalize(),
        first_seen=render_exact_time(status.first_seen),
        last_seen=render_exact_time(status.last_seen),
        count=status.count,
        generation=status.generation,
        last_event_id=event.id,
        clear_event_id=status.clear_event_id,
        host_id=event.actor.id if event.actor.type == "host" else details.get("host_id", ""),
        username=details.get("caller", ""),
        details=details,
    )
