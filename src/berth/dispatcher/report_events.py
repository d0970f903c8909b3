"""Events that follow from reports: one for each step that a container took since the last one."""

import msgspec

from berth.domain.observed import USED_PRESENT_IMAGE, ContainerReport
from berth.domain.records import Actor, Assignment, Event, Host
from berth.domain.slots import container_name
from berth.domain.states import Attempt, Health, Severity
from berth.store.draft import NewEvent

#: Steps of a life cycle that become events, in order: reached state, event key, sentence.
_STEPS: tuple[tuple[Attempt, str, str], ...] = (
    (Attempt.STARTING, "container_created", "created container {name} on {host}"),
    (Attempt.RUNNING, "container_started", "started container {name} on {host}"),
)


FAILED = "container_failed"
#: After this many failures in a row the steps of each further attempt make no events.
LOOP_AFTER = 1


class _Subject(msgspec.Struct, frozen=True):
    """A report and what it is about, as an event names it."""

    host: Host
    assignment: Assignment
    report: ContainerReport

    @property
    def slot(self) -> str:
        """The name of the slot, whatever its container is called."""
        assignment = self.assignment
        return container_name(assignment.deployment_id, assignment.service, slot=assignment.slot)

    @property
    def name(self) -> str:
        """The container's name; the slot's where no container was made."""
        return self.report.name or self.slot

    def event(self, key: str, severity: Severity, *, summary: str) -> NewEvent:
        """Make an event about the container."""
        assignment, host = self.assignment, self.host
        return NewEvent(
            key=key,
            severity=severity,
            summary=summary,
            actor=Actor("deployment", assignment.deployment_id, assignment.deployment_id),
            sub_actor=Actor("container", self.slot, self.name),
            details={
                "container_id": self.report.container_id,
                "container_name": self.name,
                "deployment_id": assignment.deployment_id,
                "host_id": host.id,
                "hostname": host.name,
                "host_group": host.pool_id,
                "image": assignment.spec.image,
                "service_id": assignment.service,
                "service_slot": str(assignment.slot),
                "state": self.report.state.name.lower(),
            },
        )

    def status(self, key: str, severity: Severity, *, summary: str) -> NewEvent:
        """Make an event that is folded into the status of the slot."""
        return msgspec.structs.replace(
            self.event(key, severity, summary=summary), makes_status=True
        )

    def image_status(self, severity: Severity, *, summary: str) -> NewEvent:
        """Make an event of the one status that the image has, for all slots of the deployment."""
        image = self.assignment.spec.image
        return msgspec.structs.replace(
            self.status("image_pulled", severity, summary=summary),
            sub_actor=Actor("image", image, image),
            repeats=severity is not Severity.CLEARED,
        )

    @property
    def failures(self) -> int:
        """How often the slot has failed in a row, on all hosts."""
        return self.assignment.failures + self.report.failures

    @property
    def loops(self) -> bool:
        """Whether the slot fails again and again: then one event that counts says it all."""
        return self.failures > LOOP_AFTER


def events_of_report(
    host: Host,
    assignment: Assignment,
    *,
    before: ContainerReport | None,
    after: ContainerReport,
) -> list[NewEvent]:
    """Return the events between two reports of an assignment, in the order they happened.

    Reports are the latest state: steps that were skipped between two have their events all the same.
    """
    unseen: list[NewEvent] = []
    if before is not None and before.attempt != after.attempt:
        unseen = _unseen_end(_Subject(host, assignment, before), after)
        before = None
    subject = _Subject(host, assignment, after)
    steps = [*_pull(subject, before), *_steps(subject, before)]
    endings = _ending(subject, before)
    if subject.loops:
        steps, endings = ([e for e in each if e.makes_status] for each in (steps, endings))
    return [*unseen, *steps, *_failure(subject, before), *endings, *_health(subject, before)]


def _unseen_end(subject: _Subject, after: ContainerReport) -> list[NewEvent]:
    """Return the event of a container that died, and whose successor was reported first."""
    gone = subject.report
    if gone.state >= Attempt.ENDED or not gone.container_id or not after.failures:
        return []
    summary = (
        f"container {subject.name} failed on {subject.host.name}: it ended and is started again"
    )
    failed = subject.status(FAILED, Severity.ERROR, summary=summary)
    return [msgspec.structs.replace(failed, repeats=after.failures > 1)]


def _pull(subject: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after, image = subject.report, subject.assignment.spec.image
    was = before.state if before is not None else Attempt.ASSIGNED
    warned = after.message.startswith(USED_PRESENT_IMAGE)
    skipped = after.pulled_at is not None or warned
    if was > Attempt.PULLING or not (Attempt.PULLING in (was, after.state) or skipped):
        return []
    events: list[NewEvent] = []
    if was < Attempt.PULLING:
        summary = f"pulling image {image} on {subject.host.name}"
        events.append(subject.event("image_pull", Severity.INFO, summary=summary))
    if after.state is Attempt.PULLING or after.code:
        return events
    if warned:
        summary = f"image {image} on {subject.host.name}: {after.message}"
        return [*events, subject.image_status(Severity.WARNING, summary=summary)]
    summary = f"pulled image {image} on {subject.host.name}"
    pulled = subject.event("image_pulled", Severity.INFO, summary=summary)
    return [*events, pulled, subject.image_status(Severity.CLEARED, summary=summary)]


def _steps(subject: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = subject.report
    was = before.state if before is not None else Attempt.ASSIGNED
    if after.state >= Attempt.ENDED:
        return []
    return [
        subject.event(
            key, Severity.INFO, summary=sentence.format(name=subject.name, host=subject.host.name)
        )
        for state, key, sentence in _STEPS
        if was < state <= after.state
    ]


def _failure(subject: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = subject.report
    known = (before.failures, before.code) if before is not None else (0, "")
    if after.code and (after.failures, after.code) != known:
        count = f" ({subject.failures} times in a row)" if subject.loops else ""
        summary = (
            f"container {subject.name} failed on {subject.host.name}{count}: "
            f"{after.message or after.code}"
        )
        failed = subject.status(FAILED, Severity.ERROR, summary=summary)
        return [msgspec.structs.replace(failed, repeats=subject.loops)]
    return []


def recovery_event(host: Host, assignment: Assignment, *, report: ContainerReport) -> NewEvent:
    """Return what clears the status of a slot that failed, and runs well or is not wanted now."""
    subject = _Subject(host, assignment, report)
    what = "runs well" if report.state is Attempt.RUNNING else "is not wanted any more"
    summary = f"container {subject.name} {what} on {host.name}"
    return subject.status(FAILED, Severity.CLEARED, summary=summary)


def left_event(failed: Event) -> NewEvent:
    """Return what clears the status of a slot that failed, and of which no assignment is left."""
    name = (failed.sub_actor or failed.actor).label
    return NewEvent(
        key=FAILED,
        severity=Severity.CLEARED,
        summary=f"container {name} is not wanted any more",
        actor=failed.actor,
        sub_actor=failed.sub_actor,
        details=failed.details,
        makes_status=True,
    )


def _ending(subject: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = subject.report
    if before is None or not before.container_id:
        return []
    if before.state < Attempt.ENDED <= after.state and not after.code:
        summary = f"stopped container {subject.name} on {subject.host.name}"
        return [subject.event("container_stopped", Severity.INFO, summary=summary)]
    if before.state < Attempt.REMOVED is after.state:
        summary = f"removed container {subject.name} from {subject.host.name}"
        return [subject.event("container_removed", Severity.INFO, summary=summary)]
    return []


def _health(subject: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = subject.report
    key, name = "container_health_check", f"container {subject.name} on {subject.host.name}"
    if before is not None and before.state < Attempt.REMOVED is after.state:
        summary = f"{name} is gone and is not checked any more"
        return [subject.status(key, Severity.CLEARED, summary=summary)]
    old = before.health if before is not None else Health.NONE
    if after.health is old or after.health not in (Health.HEALTHY, Health.UNHEALTHY):
        return []
    if after.health is Health.UNHEALTHY:
        summary = f"{name} is unhealthy: {after.message or 'its check printed nothing'}"
        if not after.was_healthy:
            summary += "; it has not been healthy since it started"
        return [subject.status(key, Severity.ERROR, summary=summary)]
    summary = f"{name} is healthy: {after.checks_passed} of {after.checks_total} checks passed"
    return [subject.status(key, Severity.CLEARED, summary=summary)]


def host_event(host: Host, *, active: bool, reason: str = "") -> NewEvent:
    """Return the event of a host that came into contact, or is inactive for a reason."""
    if active:
        severity, text = Severity.CLEARED, f"host {host.name} is active"
    else:
        severity = Severity.ERROR
        text = f"host {host.name} is inactive: {reason}; its slots are placed on other hosts"
    return NewEvent(
        key="host_active" if active else "host_inactive",
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name, "host_group": host.pool_id},
    )
