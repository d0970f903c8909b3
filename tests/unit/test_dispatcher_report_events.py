"""What the checks of a container let the manager tell."""

import msgspec

from berth.dispatcher.report_events import events_of_report
from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.observed import ContainerReport
from berth.domain.records import Assignment
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
