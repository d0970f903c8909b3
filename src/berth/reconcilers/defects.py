"""Records that a pass cannot deal with: each has a status until a pass can, the others go on."""

import logging
from collections.abc import Iterable

import msgspec

from berth.domain.errors import BerthError
from berth.domain.records import Actor, fingerprint
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

log = logging.getLogger(__name__)

#: What code raises for a record that it was not made for.
DEFECT = (BerthError, ValueError, TypeError, LookupError, AttributeError)

#: At most this many characters of a failure's words are shown.
_REASON_LENGTH = 300


class Defect(msgspec.Struct, frozen=True):
    """A record at which a pass failed, and why."""

    actor: Actor
    sub_actor: Actor | None
    #: The rest of the sentence "... cannot be ...: <reason>".
    reason: str


def describe_failure(failure: Exception) -> str:
    """Return a failure's words on one line, cut."""
    words = " ".join(str(failure).split()) or "it says nothing more"
    return f"{type(failure).__name__}: {words}"[:_REASON_LENGTH]


class Defects:
    """The defects that one kind of pass met, as statuses of one key."""

    def __init__(self, store: Store, *, key: str, cannot: str) -> None:
        """``cannot`` ends in the sentence "<name> cannot <cannot>"."""
        self._store = store
        self._key = key
        self._cannot = cannot
        self._open: dict[str, Defect] = {}
        #: Whether it is known that no status is open, not even one of an earlier manager.
        self._none_open = False

    async def settle(self, looked_at: Iterable[str], *, failed: dict[str, Defect]) -> None:
        """Raise a status for each record that failed, and clear those of records that did not."""
        for record_id in looked_at:
            self._open.pop(record_id, None)
        self._open |= failed
        raised = {
            fingerprint(defect.actor, defect.sub_actor, key=self._key): defect
            for defect in self._open.values()
        }
        known = {
            status.id: status.event
            for status in self._store.memory.statuses.values()
            if status.event.key == self._key and not status.clear_event_id
        }
        new = [self._raise(raised[one]) for one in raised.keys() - known.keys()]
        new += [
            self._clear(known[one].actor, known[one].sub_actor) for one in known.keys() - raised
        ]
        if new:
            await self._store.run(lambda draft: _record(draft, new))

    async def settle_all(self, failed: dict[str, Defect]) -> None:
        """Raise and clear them after a pass over all records; costs nothing while there are none."""
        if failed or not self._none_open:
            self._none_open = False
            await self.settle(list(self._open), failed=failed)
            self._none_open = not failed

    def _raise(self, defect: Defect) -> NewEvent:
        name = (defect.sub_actor or defect.actor).label
        text = (
            f"{name} cannot {self._cannot}: {defect.reason}; the others are not affected, and it "
            "is tried again with each change and each resync; the manager's log says more"
        )
        return self._event(Severity.ERROR, text, actor=defect.actor, sub_actor=defect.sub_actor)

    def _clear(self, actor: Actor, sub_actor: Actor | None) -> NewEvent:
        text = f"{(sub_actor or actor).label} can {self._cannot} again, or is gone"
        return self._event(Severity.CLEARED, text, actor=actor, sub_actor=sub_actor)

    def _event(
        self, severity: Severity, summary: str, *, actor: Actor, sub_actor: Actor | None
    ) -> NewEvent:
        return NewEvent(
            key=self._key,
            severity=severity,
            summary=summary,
            actor=actor,
            sub_actor=sub_actor,
            details={"deployment_id": actor.id} if actor.type == "deployment" else {},
            makes_status=True,
        )


def _record(draft: Draft, new: list[NewEvent]) -> None:
    for event in new:
        draft.record_event(event)
