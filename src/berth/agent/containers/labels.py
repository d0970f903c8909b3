"""The labels by which an agent knows its containers."""

from collections.abc import Mapping

import msgspec

from berth.domain.ids import AssignmentId, HostId, InstanceId
from berth.domain.labels import (
    ASSIGNMENT_LABEL,
    ATTEMPT_LABEL,
    CONTAINER_LABELS,
    DEPLOYMENT_LABEL,
    DIGEST_LABEL,
    HOST_LABEL,
    INSTANCE_LABEL,
    RENEWALS_LABEL,
    SERVICE_LABEL,
    SLOT_LABEL,
    SPEC_LABEL,
)
from berth.protocol.messages import AgentAssignment


class Owner(msgspec.Struct, frozen=True):
    """Whose containers these are: one host of one instance."""

    instance_id: InstanceId
    host_id: HostId

    def owns(self, labels: Mapping[str, str]) -> bool:
        """Return whether a container with these labels is the agent's to touch."""
        return (
            labels.get(INSTANCE_LABEL) == self.instance_id
            and labels.get(HOST_LABEL) == self.host_id
            and bool(labels.get(ASSIGNMENT_LABEL))
        )


def labels_of(
    assignment: AgentAssignment, owner: Owner, *, attempt: int, digest: str = ""
) -> dict[str, str]:
    """Return the labels of an attempt's container; ``digest`` is that of its image."""
    return {
        INSTANCE_LABEL: owner.instance_id,
        HOST_LABEL: owner.host_id,
        ASSIGNMENT_LABEL: assignment.id,
        ATTEMPT_LABEL: str(attempt),
        DEPLOYMENT_LABEL: assignment.deployment_id,
        SERVICE_LABEL: assignment.service,
        SLOT_LABEL: str(assignment.slot),
        SPEC_LABEL: assignment.spec_hash,
        RENEWALS_LABEL: str(assignment.renewals),
        **({DIGEST_LABEL: digest} if digest else {}),
    }


def seal_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels with all others of Berth's own empty, so that those of an image count for nothing."""
    return {**dict.fromkeys(CONTAINER_LABELS, ""), **labels}


def same_slot(labels: Mapping[str, str], assignment: AgentAssignment) -> bool:
    """Return whether a container with these labels fills, or filled, the assignment's slot."""
    return (
        labels.get(DEPLOYMENT_LABEL) == assignment.deployment_id
        and labels.get(SERVICE_LABEL) == assignment.service
        and labels.get(SLOT_LABEL) == str(assignment.slot)
    )


def assignment_of(labels: Mapping[str, str]) -> AssignmentId:
    """Return the assignment that the labels name."""
    return AssignmentId(labels.get(ASSIGNMENT_LABEL, ""))


def attempt_of(labels: Mapping[str, str]) -> int:
    """Return the attempt that the labels name; 0 when they name none."""
    return _number(labels, ATTEMPT_LABEL)


def renewals_of(labels: Mapping[str, str]) -> int:
    """Return the count of renewals that the labels name; 0 when they name none."""
    return _number(labels, RENEWALS_LABEL)


def _number(labels: Mapping[str, str], name: str) -> int:
    text = labels.get(name, "")
    return int(text) if text.isdecimal() else 0
