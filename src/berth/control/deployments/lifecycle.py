"""Deployments: made, followed by tasks, and deleted."""

from typing import Literal

import msgspec

from berth.control.definitions.texts import Text
from berth.control.deployments.events import record_deployment_event
from berth.control.deployments.quantities import name_quantities, report_unknown
from berth.control.naming import check_id, check_name, make_unique, to_dated_id
from berth.control.pools import DEFAULT_POOL, check_pool
from berth.domain.deployment_view import STOPPED, current_state
from berth.domain.errors import Conflict, Invalid, NotFound
from berth.domain.ids import DeploymentId
from berth.domain.origin import Origin
from berth.domain.records import Actor, Deployment, TaskKind, count_slots
from berth.domain.report import ReportEntry
from berth.domain.states import Severity, Subtype
from berth.domain.table import TableView
from berth.store.draft import Draft, NewEvent
from berth.store.generations import forget_generations, record_generation
from berth.store.task_log import follow_change, supersede_tasks

#: Words that cannot be ids of deployments, since paths of other endpoints have them.
RESERVED_IDS = frozenset({"service"})


class NewDeployment(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment as a request describes it; "" are missing members."""

    text: Text
    deployment_id: str = ""
    name: str = ""
    #: Whether the name of the definition was named in the request; it serves as name then.
    service_name: str = ""
    pool_id: str = DEFAULT_POOL
    desired_state: Literal[0, 1] = 1
    #: None is as good as no member.
    quantities: dict[str, int | None] = {}

    @property
    def report(self) -> tuple[ReportEntry, ...]:
        """What of the request is not taken over word by word."""
        unknown = report_unknown(self.text.services, kept=(), named=self.quantities)
        return (*self.text.report, *unknown)


def create_deployment(draft: Draft, new: NewDeployment, *, origin: Origin) -> Deployment:
    """Make a deployment, and a task that follows it when it is to run."""
    text = new.text
    name = new.name or new.service_name or new.deployment_id or text.services[0].key
    deployment_id = _choose_id(draft, new, name=name)
    named = name_quantities(text.services, old=None, named=new.quantities)
    deployment = Deployment(
        id=deployment_id,
        name=check_name(name, field="deployment_name"),
        pool_id=check_pool(draft.pools, new.pool_id, field="placement.pool_id"),
        subtype=choose_subtype(text),
        service_id=text.service_id,
        service_name=text.service_name,
        content=text.content,
        services=text.services,
        ignored=text.ignored,
        quantities=count_slots(text.services, named=named),
        named_quantities=tuple(named),
        desired_state=new.desired_state,
        rollout="start" if new.desired_state else "",
        desired_changed_at=draft.now,
        created_by=origin.user,
        created_at=draft.now,
    )
    if deployment.desired_state:
        deployment = follow_change(draft, deployment, kind=TaskKind.DEPLOY, origin=origin)
    draft.deployments.put(deployment)
    record_generation(draft, deployment, by=origin.user)
    record_deployment_event(draft, deployment, change="added", origin=origin)
    return deployment


def delete_deployment(draft: Draft, deployment_id: str, *, origin: Origin) -> None:
    """Drop a stopped deployment that has no container left, and what was the matter with it."""
    deployment = get_deployment(draft.deployments, deployment_id)
    if deployment.desired_state != 0:
        raise Conflict(
            f"deployment {deployment.id!r} runs: stop it first", code="deployment_not_stopped"
        )
    if current_state(draft.fleet, deployment) != STOPPED:
        raise Conflict(
            f"deployment {deployment.id!r} still has containers: try again when they are gone",
            code="deployment_not_stopped",
        )
    supersede_tasks(draft, deployment.id, successor="the deletion of the deployment")
    draft.deployments.drop(deployment.id)
    draft.webhooks.drop(deployment.id)
    forget_volume_homes(draft, deployment.id)
    forget_generations(draft, deployment.id)
    _clear_statuses(draft, deployment)
    record_deployment_event(draft, deployment, change="deleted", origin=origin)


def forget_volume_homes(draft: Draft, deployment_id: DeploymentId) -> None:
    """Let the slots of a deployment go wherever they can: their volumes do not hold them."""
    for home in draft.volume_homes.find("deployment", deployment_id):
        draft.volume_homes.drop(home.id)


def choose_subtype(text: Text, kept: Subtype = Subtype.SERVICE) -> Subtype:
    """Return the subtype that was named, or the one that suits the number of services."""
    if text.subtype is not None:
        return text.subtype
    return Subtype.STACK if len(text.services) > 1 else kept


def get_deployment(deployments: TableView[Deployment], deployment_id: str) -> Deployment:
    """Return the deployment named in a path; raises NotFound."""
    deployment = deployments.get(deployment_id)
    if deployment is None:
        raise NotFound(f"deployment {deployment_id!r} does not exist", code="unknown_deployment")
    return deployment


def _choose_id(draft: Draft, new: NewDeployment, *, name: str) -> DeploymentId:
    if new.deployment_id:
        chosen = check_id(new.deployment_id, field="deployment_id")
        if chosen in RESERVED_IDS:
            raise Invalid(
                f"{chosen!r} cannot be the id of a deployment",
                code="reserved_id",
                field="deployment_id",
            )
        if chosen in draft.deployments:
            raise Conflict(
                f"deployment {chosen!r} exists already", code="id_in_use", field="deployment_id"
            )
        return DeploymentId(chosen)
    made = check_id(to_dated_id(name, draft.now), field="deployment_name")
    return DeploymentId(make_unique(made, draft.deployments.__contains__))


def _clear_statuses(draft: Draft, deployment: Deployment) -> None:
    for status in draft.statuses.find("subject", ("deployment", deployment.id)):
        draft.clear_status(
            NewEvent(
                key=status.event.key,
                severity=Severity.CLEARED,
                summary=f"Deployment {deployment.id} was deleted",
                actor=Actor("deployment", deployment.id, deployment.name),
                sub_actor=status.event.sub_actor,
            )
        )
