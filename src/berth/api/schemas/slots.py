"""Slots that wait for a host, and why."""

import msgspec

from berth.domain.ids import DeploymentId
from berth.domain.plan import WaitingSlot, slot_key


class ReasonItem(msgspec.Struct, frozen=True):
    """A kind of refusal, and how many hosts refuse for it."""

    code: str
    #: Of the first of these hosts.
    message: str
    hosts: int


class SlotItem(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted slot that no host takes."""

    #: `deployment/service/slot`.
    id: str
    deployment_id: str
    service_id: str
    service_slot: int
    #: All reasons in one sentence.
    message: str
    #: By code, most frequent first.
    reasons: list[ReasonItem]


class ManySlots(msgspec.Struct, frozen=True):
    """Envelope of slots."""

    slots: list[SlotItem]


def render_slot(deployment_id: DeploymentId, slot: WaitingSlot) -> SlotItem:
    """Render a slot that waits."""
    return SlotItem(
        id=slot_key(deployment_id, slot.service, slot=slot.slot),
        deployment_id=deployment_id,
        service_id=slot.service,
        service_slot=slot.slot,
        message=slot.summary,
        reasons=[ReasonItem(each.code, each.message, each.hosts) for each in slot.reasons],
    )
