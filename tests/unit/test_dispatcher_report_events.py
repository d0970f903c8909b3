"""What the checks of a container let the manager tell."""

import msgspec

from berth.dispatcher.report_events import events_of_report
from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.observed import USED_PRESENT_IMAGE, ContainerReport
from berth.domain.records import Assignment, fingerprint
from berth.domain.spec import ContainerSpec
from berth.domain.states import Attempt, Health, Severity
from berth.testing.builders import World

HOST = World().add_host()
ASSIGNMENT = Assignment(
    id=AssignmentId("a1"),
    deployment_id=DeploymentId("shop"),
    service=ServiceKey("web"),
    slot=0,
    host_id=HostId("h1"),
    spec=ContainerSpec(image="example/web:1"),
    spec_hash="hash",
    created_at=0.0,
)
CHECKING = ContainerReport(
    assignment_id=ASSIGNMENT.id,
    attempt=1,
    state=Attempt.RUNNING,
    agent_epoch=1,
    sequence=1,
    container_id="c1",
    name="0.web.shop",
    health=Health.CHECKING,
    checks_total=2,
)
FAILING = {"health": Health.UNHEALTHY, "checks_passed": 1, "message": "WEB: refused"}


def told(before: ContainerReport, **changed: object) -> list[tuple[Severity, str]]:
    """Return severity and summary of the health events after a change."""
    after = msgspec.structs.replace(before, sequence=before.sequence + 1, **changed)
    events = events_of_report(HOST, ASSIGNMENT, before=before, after=after)
    assert all(one.makes_status for one in events if one.key == "container_health_check")
    return [(one.severity, one.summary) for one in events if one.key == "container_health_check"]


def pull_status(slot: int, message: str) -> tuple[str, Severity]:
    """Return fingerprint and severity of the status that follows from the pull of a slot's image."""
    assignment = msgspec.structs.replace(ASSIGNMENT, slot=slot)
    pulling = msgspec.structs.replace(CHECKING, state=Attempt.PULLING)
    after = msgspec.structs.replace(CHECKING, message=message)
    events = events_of_report(HOST, assignment, before=pulling, after=after)
    (one,) = (each for each in events if each.key == "image_pulled" and each.makes_status)
    return fingerprint(one.actor, one.sub_actor, key=one.key), one.severity


def test_all_slots_share_the_status_of_an_image_until_a_pull_succeeds() -> None:
    status = "deployment|shop|image|example/web:1|image_pulled"
    failed = f"{USED_PRESENT_IMAGE}: no route"
    assert pull_status(0, failed) == pull_status(1, failed) == (status, Severity.WARNING)
    assert pull_status(2, "") == (status, Severity.CLEARED)


def test_an_unhealthy_container_raises_a_status_that_says_why() -> None:
    never = "; it has not been healthy since it started"
    summary = "container 0.web.shop on h1 is unhealthy: WEB: refused"
    assert told(CHECKING, **FAILING) == [(Severity.ERROR, summary + never)]
    assert told(CHECKING, **FAILING, was_healthy=True) == [(Severity.ERROR, summary)]


def test_a_healthy_container_clears_the_status() -> None:
    unhealthy = msgspec.structs.replace(CHECKING, **FAILING)
    healthy = {"health": Health.HEALTHY, "checks_passed": 2, "message": ""}
    summary = "container 0.web.shop on h1 is healthy: 2 of 2 checks passed"
    assert told(unhealthy, **healthy) == [(Severity.CLEARED, summary)]


def test_another_reason_for_the_same_verdict_is_no_event() -> None:
    unhealthy = msgspec.structs.replace(CHECKING, **FAILING)
    assert told(unhealthy, message="WEB: answered 503") == []


def test_a_container_that_is_gone_clears_the_status() -> None:
    ended = msgspec.structs.replace(CHECKING, state=Attempt.ENDED, health=Health.NONE)
    assert [severity for severity, _ in told(ended, state=Attempt.REMOVED)] == [Severity.CLEARED]
