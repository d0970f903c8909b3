"""Deployments."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from pydantic import Field

from berth.api.http.params import AS_INTEGER, Body, Integer, Line
from berth.api.http.timestamps import render_exact_time, render_time
from berth.api.schemas.definitions import EditorBody
from berth.control.naming import MAX_NAME
from berth.domain.deployment_view import pending_state
from berth.domain.fleet import Fleet
from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan, Unplaced
from berth.domain.records import Deployment
from berth.domain.report import ReportEntry
from berth.domain.states import Subtype

#: Slots by service; null follows the text again.
Quantities = dict[str, Integer | None]
DesiredState = Annotated[int, Field(ge=0, le=1), AS_INTEGER]
Name = Annotated[Line, Field(max_length=MAX_NAME)]


class PlacementBody(Body):
    """Where a deployment runs."""

    pool_id: str | None = None


class StackBody(Body):
    """The definition inside a deployment."""

    service_id: Line | None = None
    service_name: Line | None = None
    subtype: Subtype | None = None
    content: str | None = None
    editor: EditorBody | None = Field(None, alias="editorTemp")


class DeploymentBody(Body):
    """Body of the creation or change of a deployment; every member may be missing."""

    deployment_id: Line | None = None
    deployment_name: Line | None = None
    desired_state: DesiredState | None = None
    placement: PlacementBody | None = None
    quantities: Quantities | None = None
    stack: StackBody | None = None


class StartBody(Body):
    """Body of a start: what to change first."""

    placement: PlacementBody | None = None
    quantities: Quantities | None = None
    stack: StackBody | None = None


class DeployBody(Body):
    """Body of the deployment of a stored service."""

    deployment_id: Line | None = None
    deployment_name: Line | None = None
    desired_state: DesiredState | None = None
    placement: PlacementBody | None = None
    quantities: Quantities | None = None


class PlacementAnswer(msgspec.Struct, frozen=True):
    """Where a deployment runs."""

    pool_id: str


class StackAnswer(msgspec.Struct, frozen=True):
    """A deployment's own copy of its definition."""

    service_id: str
    service_name: str
    subtype: str
    #: The text; the watch leaves it out.
    content: str | msgspec.UnsetType = msgspec.UNSET


class DeploymentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment."""

    deployment_id: str
    placement: PlacementAnswer
    created_by: str
    created_on: str
    stack: StackAnswer
    creation_info_generation: int
    deployment_name: str
    quantities: Mapping[ServiceKey, int]
    desired_state: int
    desired_state_changed_at: str
    generation: int
    current_state: int
    pending_state: int
    #: The task that follows the last change, "" when it has ended.
    task_id: str
    #: start, update or rollback while one is under way and watched, else "".
    rollout: str
    #: Whether an update was cancelled: nothing outdated is replaced until the next change.
    paused: bool
    #: The services whose number a user named; the others follow the text.
    named_quantities: tuple[ServiceKey, ...]


class WatchedDeployment(DeploymentAnswer, frozen=True, kw_only=True):
    """A deployment as the watch shows it: in numbers, and without its text."""

    #: Healthy, Pending, Unhealthy, Stopping or Stopped.
    health: str
    services_total: int
    services_healthy: int
    containers_total: int
    containers_running: int


class OneDeployment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Envelope of a deployment."""

    deployment: DeploymentAnswer
    #: What of the request is not taken over word by word; left out when that is nothing.
    report: tuple[ReportEntry, ...] = ()


class ManyDeployments(msgspec.Struct, frozen=True):
    """Envelope of all deployments."""

    deployments: list[DeploymentAnswer]


class PlannedPlacement(msgspec.Struct, frozen=True):
    """A slot that a plan puts on a host."""

    service_id: str
    service_slot: int
    host_id: str
    hostname: str


class UnplacedReason(msgspec.Struct, frozen=True):
    """Why a slot cannot be on a host."""

    host_id: str
    code: str
    message: str


class UnplacedSlot(msgspec.Struct, frozen=True):
    """A slot that no host takes."""

    service_id: str
    service_slot: int
    reasons: list[UnplacedReason]


class PlanAnswer(msgspec.Struct, frozen=True):
    """What a dry run would do."""

    placements: list[PlannedPlacement]
    unplaced: list[UnplacedSlot]
    #: True when this is only the first part of a long plan; left out else.
    more: bool | msgspec.UnsetType = msgspec.UNSET


class OnePlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Envelope of a plan."""

    plan: PlanAnswer
    #: What of the request is not taken over word by word; left out when that is nothing.
    report: tuple[ReportEntry, ...] = ()


def render_deployment(deployment: Deployment, current: int, *, task_id: str) -> DeploymentAnswer:
    """Render a deployment with its current state, and the task that is under way."""
    return DeploymentAnswer(
        deployment_id=deployment.id,
        placement=PlacementAnswer(deployment.pool_id),
        created_by=deployment.created_by,
        created_on=render_time(deployment.created_at),
        stack=StackAnswer(
            service_id=deployment.service_id,
            service_name=deployment.service_name,
            subtype=deployment.subtype.value,
            content=deployment.content,
        ),
        creation_info_generation=deployment.info_generation,
        deployment_name=deployment.name,
        quantities=deployment.quantities,
        desired_state=deployment.desired_state,
        desired_state_changed_at=render_exact_time(deployment.desired_changed_at),
        generation=deployment.generation,
        current_state=current,
        pending_state=pending_state(deployment, current),
        task_id=task_id,
        rollout=deployment.rollout,
        paused=deployment.paused,
        named_quantities=tuple(deployment.named),
    )


def render_plan(fleet: Fleet, plan: Plan) -> PlanAnswer:
    """Render a plan with the names of its hosts."""
    placements = [
        PlannedPlacement(
            placement.service,
            placement.slot,
            placement.host_id,
            host.name if (host := fleet.hosts.get(placement.host_id)) else "",
        )
        for placement in plan.placements
    ]
    more = True if plan.more else msgspec.UNSET
    return PlanAnswer(placements, [_render_unplaced(slot) for slot in plan.unplaced], more)


def _render_unplaced(slot: Unplaced) -> UnplacedSlot:
    reasons = [
        UnplacedReason(reason.host_id, reason.code, reason.message) for reason in slot.reasons
    ]
    return UnplacedSlot(slot.service, slot.slot, reasons)
