"""Uncommitted changes of a group of commands, laid over memory."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from berth.domain.discovery_records import OF_USERS, Key
from berth.domain.fleet import Fleet, Observed, Planned
from berth.domain.ids import AssignmentId
from berth.domain.records import Actor, Event, Instance, Status, fingerprint, fold_status
from berth.domain.settings import Settings
from berth.domain.states import Severity
from berth.domain.table import Overlay
from berth.store.memory import Memory
from berth.store.nouns import Noun, NounTables

R = TypeVar("R")


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to record; the draft adds its id and time."""

    key: str
    severity: Severity
    summary: str
    actor: Actor
    #: The long text; the summary when "".
    message: str = ""
    sub_actor: Actor | None = None
    details: dict[str, str] = {}
    #: Whether to fold it into a status.
    makes_status: bool = False
    #: Whether it takes the place of the last event of its status while that is open, so that what
    #: repeats is one event with a count.
    repeats: bool = False


class Draft(NounTables):
    """What a command reads and writes; refused commands leave no trace.

    A command is a plain function of a draft: it reads and writes these tables, returns its answer,
    and raises a ``RequestError`` to be refused. It must not await, and must not keep the draft.
    """

    def __init__(self, base: "Memory | Draft", *, now: float) -> None:
        self._base = base
        self._touched: dict[str, Overlay[Any]] = {}
        #: Unix seconds, the same for all that the command writes.
        self.now = now
        self.settings: Settings = base.settings
        self.instance: Instance = base.instance
        self.observed: Observed = base.observed
        self.planned: Planned = base.planned
        self.last_event_id: int = base.last_event_id
        self.status_generation: int = base.status_generation
        #: Newest revision before the group of commands.
        self.revision: int = base.revision

    @property
    def next_index(self) -> int:
        """An index for what the command writes, above every index that anyone has seen.

        Commands of one group share it: nobody sees one's change without the others'.
        """
        return self.revision + 1

    @property
    def fleet(self) -> Fleet:
        """The Fleet as it will be when this draft is committed."""
        return Fleet(self)

    def record_event(self, new: NewEvent) -> Event:
        """Record an event in this transaction, and fold it into its status if it makes one."""
        self.last_event_id += 1
        event = Event(
            id=self.last_event_id,
            at=self.now,
            key=new.key,
            severity=new.severity,
            summary=new.summary,
            message=new.message or new.summary,
            actor=new.actor,
            sub_actor=new.sub_actor,
            details=new.details,
            makes_status=new.makes_status,
        )
        self.events.put(event)
        if new.makes_status:
            self.status_generation += 1
            old = self.find_status(new)
            if new.repeats and old is not None and not old.clear_event_id:
                self.events.drop(str(old.event.id))
            self.statuses.put(fold_status(old, event, generation=self.status_generation))
        return event

    def clear_status(self, new: NewEvent) -> None:
        """Record the event that clears a status, if that status exists and is not cleared yet."""
        status = self.find_status(new)
        if status is not None and not status.clear_event_id:
            self.record_event(msgspec.structs.replace(new, makes_status=True))

    def find_status(self, new: NewEvent) -> Status | None:
        """Return the status that an event would be folded into, if there is one yet."""
        return self.statuses.get(fingerprint(new.actor, new.sub_actor, key=new.key))

    def write_key(
        self,
        name: str,
        value: bytes,
        *,
        flags: int = 0,
        assignment_id: AssignmentId = OF_USERS,
    ) -> None:
        """Write a key; one that is there keeps the index of its creation."""
        known, index = self.keys.get(name), self.next_index
        created = known.create_index if known else index
        self.keys.put(
            Key(
                id=name,
                value=value,
                create_index=created,
                modify_index=index,
                flags=flags,
                assignment_id=assignment_id,
            )
        )

    def make_table(self, noun: Noun[R]) -> Overlay[R]:
        """Lay an overlay over a table when it is first asked for: most commands touch few."""
        overlay: Overlay[R] = Overlay(getattr(self._base, noun.name))
        self._touched[noun.name] = overlay
        return overlay

    def tables(self) -> dict[str, Overlay[Any]]:
        """The overlays that were used so far, by the name of their SQL table."""
        return self._touched

    @property
    def has_changes(self) -> bool:
        """Whether any record was written or dropped so far."""
        return any(overlay.changed for overlay in self._touched.values())

    def changes_of(self, noun: Noun[R]) -> Mapping[str, R | None]:
        """Return the changed records of a noun by key; none where one was dropped."""
        overlay = self._touched.get(noun.name)
        return overlay.changed if overlay is not None else {}

    def merge_down(self) -> None:
        """Write all changes into what this draft is laid over: the group's draft, or memory."""
        for overlay in self.tables().values():
            overlay.merge_down()
        self._base.settings = self.settings
        self._base.last_event_id = self.last_event_id
        self._base.status_generation = self.status_generation
