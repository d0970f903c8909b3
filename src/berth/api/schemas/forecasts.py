"""What a change comes to in the end: answers of a dry run that goes on until nothing changes."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from berth.api.schemas.deployments import UnplacedReason
from berth.domain.fleet import Fleet
from berth.domain.ids import HostId, ServiceKey
from berth.domain.plan import Reason, Unplaced
from berth.domain.records import Deployment
from berth.domain.report import ReportEntry
from berth.domain.spec import ServiceSpec, UpdatePolicy
from berth.scheduler.forecast import Outcome, Place, Replacement

#: What becomes of a service.
Change = Literal["added", "changed", "restarted", "same", "removed"]


class SlotOnHost(msgspec.Struct, frozen=True, kw_only=True):
    """A slot on a host."""

    service_id: str
    service_slot: int
    host_id: str
    hostname: str
    #: In which step it comes or goes, 0 for what stays.
    step: int
    #: Why it ends, "" for what does not.
    reason: str


class ReplacedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot whose container is replaced by one of the new generation."""

    service_id: str
    service_slot: int
    from_host_id: str
    from_hostname: str
    host_id: str
    hostname: str
    step: int


class WaitingSlots(msgspec.Struct, frozen=True):
    """Slots of a service that have no host, or are held where they are, for the same reasons."""

    service_id: str
    service_slots: list[int]
    reasons: list[UnplacedReason]


class PolicyItem(msgspec.Struct, frozen=True, kw_only=True):
    """How the slots of a service are replaced; times in seconds."""

    #: Slots at a time, 0 for all.
    parallelism: int
    delay_s: float
    #: start-first, stop-first, or "" for what ports and volumes allow.
    order: str
    #: rollback, pause or continue.
    on_failure: str
    monitor_s: float
    max_failure_ratio: float


class ServiceChange(msgspec.Struct, frozen=True, kw_only=True):
    """A service before and after a change."""

    service_id: str
    #: restarted means: new containers of the same settings.
    change: Change
    image_before: str
    image: str
    quantity_before: int
    quantity: int
    policy: PolicyItem


class ForecastAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is different when nothing changes any more, if every container becomes healthy."""

    deployment_id: str
    #: Of the containers that are new.
    generation: int
    kept: list[SlotOnHost]
    placed: list[SlotOnHost]
    replaced: list[ReplacedSlot]
    ended: list[SlotOnHost]
    unplaced: list[WaitingSlots]
    #: Filled slots that stay where they should not.
    held: list[WaitingSlots]
    services: list[ServiceChange]
    steps: int
    #: Whether it would go on after these steps.
    more: bool


class OneForecast(msgspec.Struct, frozen=True, omit_defaults=True):
    """Envelope of a forecast."""

    plan: ForecastAnswer
    #: What of the request is not taken over word by word; left out when that is nothing.
    report: tuple[ReportEntry, ...] = ()


class FleetForecast(msgspec.Struct, frozen=True):
    """What becomes of the deployments that a change of hosts touches."""

    plans: list[ForecastAnswer]
    #: Whether it would go on after the steps that were taken.
    more: bool


def changes_anything(outcome: Outcome) -> bool:
    """Whether a deployment is other than before, or lacks something."""
    return bool(
        outcome.placed or outcome.replaced or outcome.ended or outcome.unplaced or outcome.held
    )


def render_forecast(
    fleet: Fleet, outcome: Outcome, *, before: Deployment | None, after: Deployment
) -> ForecastAnswer:
    """Render what becomes of a deployment."""
    return ForecastAnswer(
        deployment_id=after.id,
        generation=after.generation,
        kept=_render_places(fleet, outcome.kept),
        placed=_render_places(fleet, outcome.placed),
        replaced=[_render_replacement(fleet, each) for each in outcome.replaced],
        ended=_render_places(fleet, outcome.ended),
        unplaced=_group(outcome.unplaced),
        held=_group(outcome.held),
        services=_compare(before, after),
        steps=outcome.steps,
        more=outcome.more,
    )


def _render_places(fleet: Fleet, places: Iterable[Place]) -> list[SlotOnHost]:
    return [
        SlotOnHost(
            service_id=each.service,
            service_slot=each.slot,
            host_id=each.host_id,
            hostname=_name_of(fleet, each.host_id),
            step=each.step,
            reason=each.reason,
        )
        for each in places
    ]


def _render_replacement(fleet: Fleet, each: Replacement) -> ReplacedSlot:
    return ReplacedSlot(
        service_id=each.service,
        service_slot=each.slot,
        from_host_id=each.from_host_id,
        from_hostname=_name_of(fleet, each.from_host_id),
        host_id=each.to_host_id,
        hostname=_name_of(fleet, each.to_host_id),
        step=each.step,
    )


def _name_of(fleet: Fleet, host_id: HostId) -> str:
    host = fleet.hosts.get(host_id)
    return host.name if host else ""


def _group(slots: Iterable[Unplaced]) -> list[WaitingSlots]:
    """Put slots together that wait for the same reasons, which may be one for each host."""
    found: dict[tuple[str, tuple[Reason, ...]], list[int]] = {}
    for each in slots:
        found.setdefault((each.service, each.reasons), []).append(each.slot)
    return [
        WaitingSlots(
            service,
            numbers,
            [UnplacedReason(each.host_id, each.code, each.message) for each in reasons],
        )
        for (service, reasons), numbers in found.items()
    ]


def _compare(before: Deployment | None, after: Deployment) -> list[ServiceChange]:
    """List the services in the order of the new text, then those that are gone."""
    keys = {service.key: None for each in (after, before) if each for service in each.services}
    return [_compare_service(before, after, key=key) for key in keys]


def _compare_service(
    before: Deployment | None, after: Deployment, *, key: ServiceKey
) -> ServiceChange:
    old, new = before.service(key) if before else None, after.service(key)
    there = new or old
    if there is None:  # the key is of one of them
        raise KeyError(key)
    returns = after.rollout == "rollback"
    return ServiceChange(
        service_id=key,
        change=_name_change(before, after, services=(old, new)),
        image_before=old.container.image if old else "",
        image=new.container.image if new else "",
        quantity_before=before.quantities.get(key, 1) if before and old else 0,
        quantity=after.quantities.get(key, 1) if new else 0,
        policy=_render_policy(there.rollback if returns else there.update),
    )


def _name_change(
    before: Deployment | None,
    after: Deployment,
    *,
    services: tuple[ServiceSpec | None, ServiceSpec | None],
) -> Change:
    """Ordered rules: the first that holds."""
    old, new = services
    if new is None:
        return "removed"
    if old is None or before is None:
        return "added"
    if old.container != new.container:
        return "changed"
    return "same" if before.hash_of(old) == after.hash_of(new) else "restarted"


def _render_policy(policy: UpdatePolicy) -> PolicyItem:
    return PolicyItem(
        parallelism=policy.parallelism,
        delay_s=policy.delay_s,
        order=policy.order,
        on_failure=policy.on_failure,
        monitor_s=policy.monitor_s,
        max_failure_ratio=policy.max_failure_ratio,
    )
