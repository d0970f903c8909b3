"""Slots that failed: their status is cleared when they have run well for a while, or are not wanted."""

import msgspec

from berth.dispatcher.report_events import FAILED, left_event, recovery_event
from berth.domain.ids import AssignmentId
from berth.domain.observed import ContainerReport
from berth.domain.records import Assignment, Host, fingerprint
from berth.domain.slots import container_name
from berth.store.draft import NewEvent
from berth.store.memory import Memory


class _Failed(msgspec.Struct, frozen=True):
    """What was known of an assignment when it was reported last."""

    host: Host
    assignment: Assignment
    report: ContainerReport


class Recoveries:
    """Follows the assignments that failed until their status can be cleared."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._failed: dict[AssignmentId, _Failed] = {}
        self._begun = False

    def note(
        self,
        host: Host,
        assignment: Assignment,
        *,
        report: ContainerReport,
        events: list[NewEvent],
    ) -> None:
        """Note a report of an assignment that fails, as its events say, or did before."""
        failed = _Failed(host, assignment, report)
        fails = any(event.key == FAILED for event in events)
        if fails or assignment.id in self._failed or self._is_open(failed):
            self._failed[assignment.id] = failed

    def find_recovered(self, now: float) -> list[NewEvent]:
        """Return what clears the statuses of those that recovered, at a Unix time."""
        events = [] if self._begun else self._clear_left()
        self._begun = True
        for assignment_id, failed in list(self._failed.items()):
            if self._memory.assignments.get(assignment_id) is None:
                del self._failed[assignment_id]
                if not self._is_filled(failed.assignment):
                    events += self._clear(failed)
            elif self._runs_well(assignment_id, now):
                del self._failed[assignment_id]
                events += self._clear(failed)
        return events

    def _clear_left(self) -> list[NewEvent]:
        """Return what clears the statuses of an earlier manager whose slots are not wanted now.

        Of those that are, a report comes.
        """
        wanted = {
            container_name(each.deployment_id, each.service, slot=each.slot)
            for each in self._memory.assignments.values()
            if each.wanted
        }
        return [
            left_event(status.event)
            for status in self._memory.statuses.values()
            if status.event.key == FAILED and not status.clear_event_id
            if status.event.sub_actor is None or status.event.sub_actor.id not in wanted
        ]

    def _runs_well(self, assignment_id: AssignmentId, now: float) -> bool:
        since = self._memory.observed.running_since.get(assignment_id)
        return since is not None and now - since >= self._memory.settings.backoff_reset_s

    def _is_filled(self, gone: Assignment) -> bool:
        """Whether the slot goes on elsewhere, so that its status is another assignment's."""
        return any(each.wanted for each in self._memory.assignments.find("slot", gone.slot_id))

    def _clear(self, failed: _Failed) -> list[NewEvent]:
        return [_event_of(failed)] if self._is_open(failed) else []

    def _is_open(self, failed: _Failed) -> bool:
        event = _event_of(failed)
        status = self._memory.statuses.get(fingerprint(event.actor, event.sub_actor, key=event.key))
        return status is not None and not status.clear_event_id


def _event_of(failed: _Failed) -> NewEvent:
    return recovery_event(failed.host, failed.assignment, report=failed.report)
