"""The latest state of each assignment on its way to the manager, repeated until accepted."""

from collections.abc import Callable

import msgspec

from berth.agent.local.attempt import AttemptState, report_of
from berth.agent.source import Notify, no_session
from berth.domain.ids import AssignmentId
from berth.domain.observed import ContainerReport
from berth.domain.states import Attempt
from berth.protocol.messages import Report

#: States that somebody waits for; the others travel with the next of these, or a moment later.
URGENT = (Attempt.RUNNING, Attempt.ENDED, Attempt.REMOVED)


class Reporter:
    """Keeps one report per assignment; what changes while a frame is under way is merged."""

    def __init__(self, agent_epoch: int) -> None:
        self._epoch = agent_epoch
        self._sequence = 0
        self._accepted = 0
        self._repeat_up_to = 0
        self._latest: dict[AssignmentId, ContainerReport] = {}
        self._unsent: dict[AssignmentId, None] = {}
        self._full_sent = False
        self._held = ""
        self._held_told = ""
        self._notify: Notify = no_session
        #: Called with assignments whose latest report is accepted.
        self.on_accepted: Callable[[list[AssignmentId]], None] = lambda accepted: None

    def put(self, assignment_id: AssignmentId, state: AttemptState) -> None:
        """Report a state; one that says nothing new is left out."""
        report = report_of(assignment_id, state)
        last = self._latest.get(assignment_id)
        if last is not None and _same(last, report):
            return
        self._sequence += 1
        self._latest[assignment_id] = msgspec.structs.replace(
            report, agent_epoch=self._epoch, sequence=self._sequence
        )
        # An assignment that changes again keeps its place, so nobody is overtaken for ever.
        self._unsent[assignment_id] = None
        self._notify(report.state in URGENT or bool(last and last.paused != report.paused))

    def forget(self, assignment_id: AssignmentId) -> None:
        """Report nothing more of an assignment that is gone."""
        self._latest.pop(assignment_id, None)
        self._unsent.pop(assignment_id, None)

    def latest(self, assignment_id: AssignmentId) -> ContainerReport | None:
        """Return the latest report; none when there never was one."""
        return self._latest.get(assignment_id)

    def settled(self, assignment_id: AssignmentId) -> bool:
        """Return whether the manager has recorded the latest report, or there never was one."""
        report = self._latest.get(assignment_id)
        return report is None or report.sequence <= self._accepted

    def hold(self, held: str) -> None:
        """Say why the agent does not obey this manager, "" when it does."""
        if held != self._held:
            self._held = held
            self._notify(True)

    def wake_session(self) -> None:
        """Let the session know that all may be sent now."""
        self._notify(True)

    def begin_session(self, notify: Notify = no_session) -> None:
        """Start with a full report."""
        self._notify = notify
        self._full_sent = False
        self._unsent = {}

    def end_session(self) -> None:
        """Keep what changes for the next session."""
        self._notify = no_session

    def take(self) -> Report | None:
        """Return the next frame; none when the manager knows everything."""
        if not self._full_sent:
            self._full_sent = True
            self._unsent = {}
            return self._report(tuple(self._latest.values()), full=True)
        if not self._unsent and self._held_told == self._held:
            return None
        containers = tuple(self._latest[one] for one in self._unsent)
        self._unsent = {}
        return self._report(containers, full=False)

    def accept(self, sequence: int) -> None:
        """Note that the manager recorded the reports up to a sequence."""
        if sequence <= self._accepted:
            return
        before, self._accepted = self._accepted, min(sequence, self._sequence)
        self.on_accepted(
            [
                report.assignment_id
                for report in self._latest.values()
                if before < report.sequence <= self._accepted
            ]
        )

    def repeat(self) -> None:
        """Send again what had been sent before the last call and is still not accepted."""
        for report in self._latest.values():
            if self._accepted < report.sequence <= self._repeat_up_to:
                self._unsent.setdefault(report.assignment_id, None)
        self._repeat_up_to = self._sequence
        if self._unsent:
            self._notify(True)

    def _report(self, containers: tuple[ContainerReport, ...], *, full: bool) -> Report:
        self._held_told = self._held
        sequence = max((one.sequence for one in containers), default=self._accepted)
        return Report(
            full=full,
            sequence=sequence,
            containers=containers,
            held=bool(self._held),
            held_because=self._held,
        )


def _same(last: ContainerReport, new: ContainerReport) -> bool:
    return last == msgspec.structs.replace(
        new, agent_epoch=last.agent_epoch, sequence=last.sequence
    )
