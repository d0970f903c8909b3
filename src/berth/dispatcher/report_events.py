"""Events that follow from reports: one for each step that a container took since the last one."""

import msgspec

from berth.domain.observed import USED_PRESENT_IMAGE, ContainerReport
from berth.domain.records import Actor, Assignment, Host
from berth.domain.slots import container_name
from berth.domain.states import Attempt, Health, Severity
from berth.store.draft import NewEvent

#: Steps of a life cycle that are told, in order: reached state, event key, sentence.
_STEPS: tuple[tuple[Attempt, str, str], ...] = (
    (Attempt.STARTING, "container_created", "created container {name} on {host}"),
    (Attempt.RUNNING, "container_started", "started container {name} on {host}"),
)


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


def events_of_report(
    host: Host,
    assignment: Assignment,
    *,
    before: ContainerReport | None,
    after: ContainerReport,
) -> list[NewEvent]:
    """Return the events between two reports of an assignment, in the order they happened.

    Reports are the latest state: steps that were skipped between two are told all the same.
    """
    unseen: list[NewEvent] = []
    if before is not None and before.attempt != after.attempt:
        unseen = _unseen_end(_Subject(host, assignment, before), after)
        before = None
    told = _Subject(host, assignment, after)
    return [
        *unseen,
        *_pull(told, before),
        *_steps(told, before),
        *_failure(told, before),
        *_ending(told, before),
        *_health(told, before),
    ]


def _unseen_end(told: _Subject, after: ContainerReport) -> list[NewEvent]:
    """Tell that a container died whose successor came before a report of its end."""
    gone = told.report
    if gone.state >= Attempt.ENDED or not gone.container_id or not after.failures:
        return []
    summary = f"container {told.name} failed on {told.host.name}: it ended, and another follows"
    return [told.status("container_failed", Severity.ERROR, summary=summary)]


def _pull(told: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after, image = told.report, told.assignment.spec.image
    was = before.state if before is not None else Attempt.ASSIGNED
    warned = after.message.startswith(USED_PRESENT_IMAGE)
    skipped = after.pulled_at is not None or warned
    if was > Attempt.PULLING or not (Attempt.PULLING in (was, after.state) or skipped):
        return []
    events: list[NewEvent] = []
    if was < Attempt.PULLING:
        summary = f"pulling image {image} on {told.host.name}"
        events.append(told.event("image_pull", Severity.INFO, summary=summary))
    if after.state is Attempt.PULLING or after.code:
        return events
    if warned:
        summary = f"image {image} on {told.host.name}: {after.message}"
        return [*events, told.status("image_pulled", Severity.WARNING, summary=summary)]
    summary = f"pulled image {image} on {told.host.name}"
    pulled = told.event("image_pulled", Severity.INFO, summary=summary)
    return [*events, pulled, told.status("image_pulled", Severity.CLEARED, summary=summary)]


def _steps(told: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = told.report
    was = before.state if before is not None else Attempt.ASSIGNED
    if after.state >= Attempt.ENDED:
        return []
    return [
        told.event(key, Severity.INFO, summary=sentence.format(name=told.name, host=told.host.name))
        for state, key, sentence in _STEPS
        if was < state <= after.state
    ]


def _failure(told: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = told.report
    known = (before.failures, before.code) if before is not None else (0, "")
    if after.code and (after.failures, after.code) != known:
        summary = f"container {told.name} failed on {told.host.name}: {after.message or after.code}"
        return [told.status("container_failed", Severity.ERROR, summary=summary)]
    if after.state is Attempt.RUNNING and (before is None or before.state < Attempt.RUNNING):
        summary = f"container {told.name} runs on {told.host.name}"
        return [told.status("container_failed", Severity.CLEARED, summary=summary)]
    return []


def _ending(told: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = told.report
    if before is None or not before.container_id:
        return []
    if before.state < Attempt.ENDED <= after.state and not after.code:
        summary = f"stopped container {told.name} on {told.host.name}"
        return [told.event("container_stopped", Severity.INFO, summary=summary)]
    if before.state < Attempt.REMOVED is after.state:
        summary = f"removed container {told.name} from {told.host.name}"
        return [told.event("container_removed", Severity.INFO, summary=summary)]
    return []


def _health(told: _Subject, before: ContainerReport | None) -> list[NewEvent]:
    after = told.report
    key, name = "container_health_check", f"container {told.name} on {told.host.name}"
    if before is not None and before.state < Attempt.REMOVED is after.state:
        summary = f"{name} is gone and is not checked any more"
        return [told.status(key, Severity.CLEARED, summary=summary)]
    old = before.health if before is not None else Health.NONE
    if after.health is old or after.health not in (Health.HEALTHY, Health.UNHEALTHY):
        return []
    if after.health is Health.UNHEALTHY:
        summary = f"{name} is unhealthy: {after.message or 'its check printed nothing'}"
        if not after.was_healthy:
            summary += "; it has not been healthy since it started"
        return [told.status(key, Severity.ERROR, summary=summary)]
    summary = f"{name} is healthy: {after.checks_passed} of {after.checks_total} checks passed"
    return [told.status(key, Severity.CLEARED, summary=summary)]


def host_event(host: Host, *, active: bool, reason: str = "") -> NewEvent:
    """Return the event of a host that came into contact, or is inactive for a reason."""
    if active:
        severity, text = Severity.CLEARED, f"host {host.name} is active"
    else:
        severity = Severity.ERROR
        text = f"host {host.name} is inactive: {reason}; its slots are re-placed"
    return NewEvent(
        key="host_active" if active else "host_inactive",
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name, "host_group": host.pool_id},
    )
