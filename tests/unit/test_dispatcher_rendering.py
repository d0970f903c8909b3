"""An assignment as its agent gets it."""

from berth.dispatcher.rendering import render_assignment
from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.records import Assignment
from berth.domain.spec import ContainerSpec
from berth.testing.builders import World


def test_an_agent_is_told_how_often_its_container_was_to_be_renewed() -> None:
    renewed = Assignment(
        id=AssignmentId("a1"),
        deployment_id=DeploymentId("shop"),
        service=ServiceKey("web"),
        slot=0,
        host_id=HostId("h1"),
        spec=ContainerSpec(image="example/web:1"),
        spec_hash="hash",
        created_at=0.0,
        renewals=3,
    )
    assert render_assignment(World(hosts=1).fleet, renewed).renewals == 3
