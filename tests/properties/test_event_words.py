"""Whatever a host reports of a container, its events and statuses are whole sentences."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from berth.dispatcher.report_events import events_of_report
from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.observed import USED_PRESENT_IMAGE, ContainerReport
from berth.domain.records import Assignment
from berth.domain.spec import ContainerSpec
from berth.domain.states import Attempt, Health
from berth.testing.builders import World
from event_words import assert_no_gaps

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

reports = st.builds(
    ContainerReport,
    assignment_id=st.just(ASSIGNMENT.id),
    attempt=st.integers(1, 2),
    state=st.sampled_from(list(Attempt)),
    agent_epoch=st.just(1),
    sequence=st.integers(1, 9),
    container_id=st.sampled_from(["", "c1"]),
    name=st.sampled_from(["", "front"]),
    health=st.sampled_from(list(Health)),
    checks_total=st.integers(0, 2),
    message=st.sampled_from(["", "it broke", USED_PRESENT_IMAGE]),
    code=st.sampled_from(["", "exited"]),
    exit_code=st.sampled_from([None, 0, 137]),
    failures=st.integers(0, 3),
    pulled_at=st.sampled_from([None, 5.0]),
)


@given(before=st.none() | reports, after=reports)
def test_no_report_makes_an_event_without_a_name_or_a_reason(
    before: ContainerReport | None, after: ContainerReport
) -> None:
    assert_no_gaps(events_of_report(HOST, ASSIGNMENT, before=before, after=after))


@given(after=reports)
def test_an_event_bears_the_name_of_the_slot_where_no_container_was_made(
    after: ContainerReport,
) -> None:
    unnamed = msgspec.structs.replace(after, name="")
    for event in events_of_report(HOST, ASSIGNMENT, before=None, after=unnamed):
        assert event.sub_actor is not None
        assert event.details["container_name"] == "0.web.shop"
        expected = {"container": "0.web.shop", "image": "example/web:1"}
        assert event.sub_actor.label == expected[event.sub_actor.type]
