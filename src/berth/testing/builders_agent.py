"""Builders for an agent's side: assignments as its manager sends them."""

from berth.agent.labels import Owner, labels_of
from berth.domain.ids import AssignmentId, DeploymentId, HostId, InstanceId, ServiceKey
from berth.domain.spec import ContainerSpec, PortSpec, hash_spec
from berth.domain.states import Intent
from berth.protocol.messages import AgentAssignment

#: The host whose agent the tests look at.
OWNER = Owner(InstanceId("instance-1"), HostId("host-1"))


def an_assignment(
    assignment_id: str = "a1",
    *,
    slot: int = 0,
    service: str = "web",
    intent: Intent = Intent.RUN,
    floor: int = 0,
    ports: tuple[PortSpec, ...] = (),
    name: str = "",
    **spec: object,
) -> AgentAssignment:
    """Build an assignment of a slot of deployment ``shop``; ``spec`` goes to its spec."""
    members = {"image": "example/web:1", "ports": ports, **spec}
    container = ContainerSpec(**members)  # type: ignore[arg-type]
    return AgentAssignment(
        id=AssignmentId(assignment_id),
        deployment_id=DeploymentId("shop"),
        service=ServiceKey(service),
        slot=slot,
        name=name or f"{slot}.{service}.shop",
        spec=container,
        spec_hash=hash_spec(container),
        intent=intent,
        attempt_floor=floor,
    )


def labels_for(assignment: AgentAssignment, attempt: int = 1, **changed: str) -> dict[str, str]:
    """Give the labels of an attempt of the assignment on the tests' host."""
    labels = labels_of(assignment, OWNER, attempt)
    return labels | {f"berth.{name}": value for name, value in changed.items()}
