"""What every event and status must be: a sentence that is whole, about something that has a name."""

import re
from collections.abc import Iterable

from berth.domain.records import Event
from berth.store.draft import NewEvent
from berth.store.memory import Memory

#: What an empty name or reason leaves behind in a sentence.
_GAP = re.compile(r"^\s|\s$|\s\s|[:,;(]\s*$|[:;(]\s*[;,)]|\(\)|''|\"\"|\s[:,;.)]|\bNone\b|:\s*:\s")


def find_gap(event: Event | NewEvent) -> str:
    """Return what is missing in an event; "" when it is whole."""
    for actor in (event.actor, event.sub_actor):
        if actor is not None and not (actor.type and actor.id and actor.label):
            return f"{event.key}: a name is missing in {actor}"
    # A program's own words, and the names that users chose, may have any blanks.
    gap = _GAP.search(event.summary)
    return f"{event.key}: {event.summary!r} has a gap" if gap or not event.summary else ""


def assert_no_gaps(events: Iterable[Event | NewEvent]) -> None:
    """Fail where an event has a gap."""
    gaps = [gap for gap in map(find_gap, events) if gap]
    assert not gaps, "\n".join(gaps)


def assert_whole(memory: Memory) -> None:
    """Fail where an event or status of a store has a gap."""
    assert_no_gaps(memory.events.values())
    assert_no_gaps(status.event for status in memory.statuses.values())
