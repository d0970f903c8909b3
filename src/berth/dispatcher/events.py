"""Events that follow from reports: one for each step that a container took since the last one."""

from berth.domain.observed import ContainerReport
from berth.domain.records import Actor, Assignment, Host
from berth.domain.states import Attempt, Health, Severity
from berth.store.draft import NewEvent

#: Steps of a life cycle that are told, in order: reached state, event key, sentence.
_STEPS: tuple[tuple[Attempt, str, str], ...] = (
    (Attempt.STARTING, "container_created", "created container {name} on {host}"),
    (Attempt.RUNNING, "container_started", "started container {name} on {host}"),
)


def events_of_report(
    host: Host, assignment: Assignment, before: ContainerReport | None, after: ContainerReport
) -> list[NewEvent]:
    """Give the events between two reports of an assignment, in the order they happened.

    Reports are the latest state: steps that were skipped between two are told all the same.
    """
    same = before is not None and before.attempt == after.attempt
    from_state = before.state if before is not None and same else Attempt.ASSIGNED
    events: list[NewEvent] = []
    if from_state < Attempt.PULLING <= after.state and after.state is Attempt.PULLING:
        events.append(_event("image_pull", Severity.INFO, host, assignment, after,
                             f"pulling image {assignment.spec.image} on {host.name}"))  # fmt: skip
    if from_state is Attempt.PULLING and after.state > Attempt.PULLING and not after.code:
        events.append(_event("image_pulled", Severity.INFO, host, assignment, after,
                             f"pulled image {assignment.spec.image} on {host.name}"))  # fmt: skip
    if after.state < Attempt.ENDED:
        for state, key, sentence in _STEPS:
            if from_state < state <= after.state:
                text = sentence.format(name=after.name, host=host.name)
                events.append(_event(key, Severity.INFO, host, assignment, after, text))
    events += _failure(host, assignment, before, after)
    events += _ending(host, assignment, before, after)
    events += _health(host, assignment, before, after)
    return events


def _failure(
    host: Host, assignment: Assignment, before: ContainerReport | None, after: ContainerReport
) -> list[NewEvent]:
    known = (before.attempt, before.failures, before.code) if before else (0, 0, "")
    if after.code and (after.attempt, after.failures, after.code) != known:
        text = f"container {after.name} failed on {host.name}: {after.message or after.code}"
        failed = _event("container_failed", Severity.ERROR, host, assignment, after, text)
        return [_as_status(failed)]
    if after.state is Attempt.RUNNING and (before is None or before.state < Attempt.RUNNING or
                                           before.attempt != after.attempt):  # fmt: skip
        text = f"container {after.name} runs on {host.name}"
        cleared = _event("container_failed", Severity.CLEARED, host, assignment, after, text)
        return [_as_status(cleared)]
    return []


def _ending(
    host: Host, assignment: Assignment, before: ContainerReport | None, after: ContainerReport
) -> list[NewEvent]:
    if before is None or before.attempt != after.attempt:
        return []
    if before.state < Attempt.ENDED <= after.state and before.container_id and not after.code:
        text = f"stopped container {after.name} on {host.name}"
        return [_event("container_stopped", Severity.INFO, host, assignment, after, text)]
    if before.state < Attempt.REMOVED is after.state and before.container_id:
        text = f"removed container {after.name} from {host.name}"
        return [_event("container_removed", Severity.INFO, host, assignment, after, text)]
    return []


def _health(
    host: Host, assignment: Assignment, before: ContainerReport | None, after: ContainerReport
) -> list[NewEvent]:
    old = before.health if before is not None else Health.NONE
    if after.health is old or after.health not in (Health.HEALTHY, Health.UNHEALTHY):
        return []
    good = after.health is Health.HEALTHY
    severity = Severity.CLEARED if good else Severity.ERROR
    text = f"container {after.name} on {host.name} is {after.health.value}: {after.message}"
    event = _event("container_health_check", severity, host, assignment, after, text)
    return [_as_status(event)]


def _as_status(event: NewEvent) -> NewEvent:
    """The same event, folded into the status of its slot."""
    return NewEvent(**{f: getattr(event, f) for f in event.__struct_fields__ if f != "makes_status"},
                    makes_status=True)  # fmt: skip


def _event(
    key: str,
    severity: Severity,
    host: Host,
    assignment: Assignment,
    report: ContainerReport,
    summary: str,
) -> NewEvent:
    name = f"{assignment.slot}.{assignment.service}.{assignment.deployment_id}"
    return NewEvent(
        key=key,
        severity=severity,
        summary=summary,
        actor=Actor("deployment", assignment.deployment_id, assignment.deployment_id),
        sub_actor=Actor("container", name, report.name or name),
        details={
            "container_id": report.container_id,
            "container_name": report.name,
            "deployment_id": assignment.deployment_id,
            "host_id": host.id,
            "hostname": host.name,
            "host_group": host.pool_id,
            "image": assignment.spec.image,
            "service_id": assignment.service,
            "service_slot": str(assignment.slot),
            "state": report.state.name.lower(),
        },
    )


def host_event(host: Host, *, active: bool, silent_s: float = 0.0) -> NewEvent:
    """Give the event of a host that came into contact, or fell silent."""
    if active:
        severity, text = Severity.CLEARED, f"host {host.name} is active"
    else:
        severity = Severity.ERROR
        text = f"host {host.name} is inactive: silent for {silent_s:.0f} s; its slots are re-placed"
    return NewEvent(
        key="host_active" if active else "host_inactive",
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name, "host_group": host.pool_id},
    )
