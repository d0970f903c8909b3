"""The labels by which an agent knows its containers."""

from collections.abc import Mapping

import msgspec

from berth.domain.ids import AssignmentId, HostId, InstanceId
from berth.protocol.messages import AgentAssignment

INSTANCE = "berth.instance"
HOST = "berth.host"
ASSIGNMENT = "berth.assignment"
ATTEMPT = "berth.attempt"
DEPLOYMENT = "berth.deployment"
SERVICE = "berth.service"
SLOT = "berth.slot"
SPEC = "berth.spec"
RENEWALS = "berth.renewals"


class Owner(msgspec.Struct, frozen=True):
    """Whose containers these are: one host of one instance."""

    instance_id: InstanceId
    host_id: HostId

    def owns(self, labels: Mapping[str, str]) -> bool:
        """Return whether a container with these labels is the agent's to touch."""
        return (
            labels.get(INSTANCE) == self.instance_id
            and labels.get(HOST) == self.host_id
            and bool(labels.get(ASSIGNMENT))
        )


def labels_of(assignment: AgentAssignment, owner: Owner, *, attempt: int) -> dict[str, str]:
    """Return the labels of an attempt's container."""
    return {
        INSTANCE: owner.instance_id,
        HOST: owner.host_id,
        ASSIGNMENT: assignment.id,
        ATTEMPT: str(attempt),
        DEPLOYMENT: assignment.deployment_id,
        SERVICE: assignment.service,
        SLOT: str(assignment.slot),
        SPEC: assignment.spec_hash,
        RENEWALS: str(assignment.renewals),
    }


def same_slot(labels: Mapping[str, str], assignment: AgentAssignment) -> bool:
    """Return whether a container with these labels fills, or filled, the assignment's slot."""
    return (
        labels.get(DEPLOYMENT) == assignment.deployment_id
        and labels.get(SERVICE) == assignment.service
        and labels.get(SLOT) == str(assignment.slot)
    )


def assignment_of(labels: Mapping[str, str]) -> AssignmentId:
    """Return the assignment that the labels name."""
    return AssignmentId(labels.get(ASSIGNMENT, ""))


def attempt_of(labels: Mapping[str, str]) -> int:
    """Return the attempt that the labels name; 0 when they name none."""
    return _number(labels, ATTEMPT)


def renewals_of(labels: Mapping[str, str]) -> int:
    """Return the count of renewals that the labels name; 0 when they name none."""
    return _number(labels, RENEWALS)


def _number(labels: Mapping[str, str], name: str) -> int:
    text = labels.get(name, "")
    return int(text) if text.isdecimal() else 0
