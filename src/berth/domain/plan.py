"""A plan: decided changes of one deployment, as a value that prints."""

from collections.abc import Iterable

import msgspec

from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey

SlotId = tuple[DeploymentId, ServiceKey, int]


def slot_key(deployment_id: DeploymentId, service: ServiceKey, *, slot: int) -> str:
    """Return the text that names a slot."""
    return f"{deployment_id}/{service}/{slot}"


class Reason(msgspec.Struct, frozen=True):
    """Why a slot cannot be on a host; ``host_id`` is "" when no host was considered."""

    host_id: HostId
    #: Short snake_case word, the same for the same kind of refusal.
    code: str
    message: str


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A new assignment: this slot on this host."""

    service: ServiceKey
    slot: int
    host_id: HostId
    spec_hash: str


class Ending(msgspec.Struct, frozen=True):
    """An assignment that shall end, and why."""

    assignment_id: AssignmentId
    reason: str


class Unplaced(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted slot without a host, with a reason for every host of the pool."""

    service: ServiceKey
    slot: int
    reasons: tuple[Reason, ...]

    @property
    def summary(self) -> str:
        """One sentence with the reasons counted, most frequent first."""
        counts: dict[str, int] = {}
        for reason in self.reasons:
            counts[reason.message] = counts.get(reason.message, 0) + 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return "; ".join(
            message if count == 1 else f"{message} ({count} hosts)" for message, count in ranked[:5]
        )


class ReasonCount(msgspec.Struct, frozen=True):
    """How many hosts refuse a slot for the same kind of reason."""

    code: str
    #: Of the first of them.
    message: str
    hosts: int


class WaitingSlot(msgspec.Struct, frozen=True):
    """A wanted slot without a host, with its reasons counted."""

    service: ServiceKey
    slot: int
    #: Most frequent first.
    reasons: tuple[ReasonCount, ...]
    summary: str


def count_reasons(slots: Iterable[Unplaced]) -> tuple[WaitingSlot, ...]:
    """Count the reasons of slots by code; slots of a service mostly share theirs."""
    counted: dict[int, tuple[tuple[ReasonCount, ...], str]] = {}
    waiting = []
    for slot in slots:
        known = counted.get(id(slot.reasons))
        if known is None:
            known = counted[id(slot.reasons)] = _count_by_code(slot.reasons), slot.summary
        waiting.append(WaitingSlot(slot.service, slot.slot, *known))
    return tuple(waiting)


def _count_by_code(reasons: tuple[Reason, ...]) -> tuple[ReasonCount, ...]:
    first: dict[str, Reason] = {}
    counts: dict[str, int] = {}
    for reason in reasons:
        first.setdefault(reason.code, reason)
        counts[reason.code] = counts.get(reason.code, 0) + 1
    found = [ReasonCount(code, first[code].message, count) for code, count in counts.items()]
    return tuple(sorted(found, key=lambda each: (-each.hosts, each.code)))


class Exclusion(msgspec.Struct, frozen=True):
    """A host that a slot stays away from for a while, since its container failed there."""

    host_id: HostId
    code: str
    message: str
    #: Unix seconds.
    until: float


class SlotExclusion(msgspec.Struct, frozen=True):
    """An exclusion and the slot that it is for."""

    slot_id: SlotId
    exclusion: Exclusion


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """A service whose rollout waits for a failing container; the old ones are kept."""

    service: ServiceKey
    slot: int
    message: str
    #: Whether the rollout went on with the other slots.
    passed_by: bool = False


class Renewal(msgspec.Struct, frozen=True):
    """An assignment whose container is unhealthy and shall be replaced by its agent."""

    assignment_id: AssignmentId
    #: The attempt that is unhealthy.
    attempt: int
    #: How many in a row were never healthy, with this one; 0 for one that was.
    in_vain: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What shall change for one deployment; empty when all is as wanted."""

    placements: tuple[Placement, ...] = ()
    endings: tuple[Ending, ...] = ()
    #: Assignments whose containers are gone: nothing is left to keep of them.
    forget: tuple[AssignmentId, ...] = ()
    exclusions: tuple[SlotExclusion, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    #: Slots that are filled but stay where they should not, with the reason.
    held: tuple[Unplaced, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    #: Services that are let through to their first fill.
    begun: tuple[ServiceKey, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    #: Slots of a first rollout whose container failed too often in a row.
    looping: tuple[Stuck, ...] = ()
    #: The failure for which the update is to be rolled back, if there is one.
    failed: Stuck | None = None
    #: Run-once containers that ended badly.
    ended_badly: tuple[Stuck, ...] = ()
    #: Whether nothing is outdated or on its way any more, and what is watched ran long enough.
    settled: bool = False
    #: Services whose update waits for a container that has failed and runs again.
    unproven: frozenset[ServiceKey] = frozenset()
    #: Plan again at this Unix time, since waiting alone changes the outcome then.
    again_at: float | None = None
    #: True when the bound of one pass was reached: plan again after applying.
    more: bool = False

    @property
    def changes(self) -> bool:
        """Whether applying it changes anything."""
        return bool(
            self.placements or self.endings or self.forget or self.exclusions or self.renewals
        )

    def __str__(self) -> str:
        parts = (
            (len(self.placements), "placed"),
            (len(self.endings), "ended"),
            (len(self.forget), "forgotten"),
            (len(self.renewals), "renewed"),
            (len(self.unplaced), "waiting"),
        )
        return ", ".join(f"{count} {word}" for count, word in parts if count)
