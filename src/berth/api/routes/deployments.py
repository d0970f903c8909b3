"""Deployment: definitions kept running in a pool."""

from functools import partial

from berth.api.endpoints.auth import FOR_DEPLOYMENTS, CurrentUser, ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.params import Strict
from berth.api.http.responses import Deleted, Json
from berth.api.listing.filters import Words, check_words, choose, is_among
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.presenters.deployments import show_deployment
from berth.api.requests.deployment_body import check_strict, make_origin, read_change, read_new
from berth.api.requests.dry_run import DryRunOf, Tried, answer_change
from berth.api.requests.task_request import TaskRequestOf
from berth.api.schemas.containers import FlatContainer, ManyContainers, render_row
from berth.api.schemas.deployments import (
    DeploymentAnswer,
    DeploymentBody,
    ManyDeployments,
    OneDeployment,
    StartBody,
)
from berth.api.schemas.summaries import AllSummaries, render_summaries
from berth.api.services import Services
from berth.control.deployments.change import change_deployment, start_deployment, stop_deployment
from berth.control.deployments.lifecycle import create_deployment, delete_deployment, get_deployment
from berth.control.deployments.restart import restart_deployment
from berth.domain.deployment_view import container_rows
from berth.domain.records import Deployment

endpoints = Endpoints("Deployment")

#: Words for the numbers of ``current_state``.
STATE_WORDS = ("stopped", "running", "partial")


@endpoints.post("/api/v2/deployments/")
async def create_one_deployment(
    body: DeploymentBody,
    acting: TaskRequestOf,
    *,
    dry_run: DryRunOf = "no",
    strict: Strict = False,
) -> Tried:
    """Make a deployment; its containers come after the answer. A dry run returns the plan."""
    services, origin = acting.services, acting.origin
    new = await read_new(services, body)
    check_strict(new.report, strict=strict)
    return await answer_change(
        acting,
        lambda draft: create_deployment(draft, new, origin=origin),
        dry_run=dry_run,
        report=new.report,
    )


@endpoints.get("/api/v2/deployments/")
async def list_deployments(
    page: PageOf, services: ServicesOf, *, pool: Words = None, state: Words = None
) -> Json[ManyDeployments]:
    """List the deployments; ``state`` is stopped, running or partial."""
    check_words(state, STATE_WORDS, field="state")
    fleet = services.store.memory.fleet

    def passes(deployment: Deployment) -> bool:
        if not is_among(pool, deployment.pool_id):
            return False
        if state is None:
            return True
        return is_among(state, STATE_WORDS[services.states.current(fleet, deployment)])

    shape = Shape(
        id_of=lambda deployment: deployment.id,
        render=one_by_one(partial(show_deployment, services)),
        kind=DeploymentAnswer,
        envelope="deployments",
        at_once=10,
    )
    return await answer_list(page, await choose(_sorted(services), passes), shape=shape)


@endpoints.get("/api/v2/deployments_summary/")
async def summarize_deployments(services: ServicesOf) -> Json[AllSummaries]:
    """Return all deployments in numbers."""
    memory = services.store.memory
    return Json(render_summaries(memory.fleet, _sorted(services), statuses=memory.statuses))


@endpoints.get("/api/v2/deployments/{deployment_id}", needs=FOR_DEPLOYMENTS)
async def get_one_deployment(deployment_id: str, services: ServicesOf) -> Json[OneDeployment]:
    """Return a deployment."""
    deployment = get_deployment(services.store.memory.deployments, deployment_id)
    return Json(OneDeployment(show_deployment(services, deployment)))


@endpoints.put("/api/v2/deployments/{deployment_id}")
async def update_deployment(
    deployment_id: str,
    body: DeploymentBody,
    acting: TaskRequestOf,
    *,
    dry_run: DryRunOf = "no",
    strict: Strict = False,
) -> Tried:
    """Change a deployment; missing members keep their value. A dry run returns the plan."""
    services, origin = acting.services, acting.origin
    old = get_deployment(services.store.memory.deployments, deployment_id)
    change = await read_change(services, old, body=body)
    report = change.report_on(old)
    check_strict(report, strict=strict)
    return await answer_change(
        acting,
        lambda draft: change_deployment(draft, deployment_id, change=change, origin=origin),
        dry_run=dry_run,
        report=report,
    )


@endpoints.delete("/api/v2/deployments/{deployment_id}")
async def delete_one_deployment(
    deployment_id: str, services: ServicesOf, user: CurrentUser
) -> Json[Deleted]:
    """Remove a stopped deployment."""
    origin = make_origin(user)
    await services.commands.run(
        lambda draft: delete_deployment(draft, deployment_id, origin=origin)
    )
    return Json(Deleted(deployment_id))


@endpoints.post("/api/v2/deployments/{deployment_id}/start")
async def start_one_deployment(
    deployment_id: str,
    body: StartBody,
    acting: TaskRequestOf,
    *,
    dry_run: DryRunOf = "no",
    strict: Strict = False,
) -> Tried:
    """Start a deployment with new containers; the body may change it first."""
    services, origin = acting.services, acting.origin
    old = get_deployment(services.store.memory.deployments, deployment_id)
    change = await read_change(services, old, body=body)
    report = change.report_on(old)
    check_strict(report, strict=strict)
    return await answer_change(
        acting,
        lambda draft: start_deployment(draft, deployment_id, change=change, origin=origin),
        dry_run=dry_run,
        report=report,
    )


@endpoints.post("/api/v2/deployments/{deployment_id}/stop")
async def stop_one_deployment(
    deployment_id: str, acting: TaskRequestOf, *, dry_run: DryRunOf = "no"
) -> Tried:
    """Stop a deployment: its containers are stopped and removed."""
    return await answer_change(
        acting,
        lambda draft: stop_deployment(draft, deployment_id, origin=acting.origin),
        dry_run=dry_run,
    )


@endpoints.post("/api/v2/deployments/{deployment_id}/restart")
async def restart_one_deployment(
    deployment_id: str, acting: TaskRequestOf, *, dry_run: DryRunOf = "no"
) -> Tried:
    """Replace every container by a new one, by the update policy, with images pulled again.

    While a restart is under way, another call changes nothing and follows it.
    """
    return await answer_change(
        acting,
        lambda draft: restart_deployment(draft, deployment_id, origin=acting.origin),
        dry_run=dry_run,
        joins=True,
    )


@endpoints.get("/api/v2/deployments/{deployment_id}/containers/", needs=FOR_DEPLOYMENTS)
async def list_containers_of_deployment(
    deployment_id: str, page: PageOf, services: ServicesOf
) -> Json[ManyContainers]:
    """List the slots of a deployment, and containers that have not gone yet."""
    memory = services.store.memory
    deployment = get_deployment(memory.deployments, deployment_id)
    shape = Shape(
        id_of=lambda row: row.container_id or row.container_name,
        render=one_by_one(partial(render_row, deployment)),
        kind=FlatContainer,
        envelope="containers",
        by_id=False,
    )
    return await answer_list(page, container_rows(memory.fleet, deployment), shape=shape)


def _sorted(services: Services) -> list[Deployment]:
    return sorted(services.store.memory.deployments.values(), key=lambda each: each.id)
