"""Generations: what a deployment was, and the return to it."""

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.requests.dry_run import DryRunOf, Tried, answer_change
from berth.api.requests.task_request import TaskRequestOf
from berth.api.schemas.generations import (
    GenerationAnswer,
    ManyGenerations,
    RollbackBody,
    render_generation,
)
from berth.control.deployments.lifecycle import get_deployment
from berth.control.deployments.rollback import RollbackChoice, rollback_deployment
from berth.store.generations import newest_first

endpoints = Endpoints("Deployment")


@endpoints.get("/api/v2/deployments/{deployment_id}/generations/")
async def list_generations(
    deployment_id: str, page: PageOf, services: ServicesOf
) -> Json[ManyGenerations]:
    """List the last ten texts of a deployment, newest first, and how their rollouts ended."""
    memory = services.store.memory
    deployment = get_deployment(memory.deployments, deployment_id)
    found = newest_first(memory.generations.find("deployment", deployment.id))
    shape = Shape(
        id_of=lambda each: str(each.generation),
        render=one_by_one(render_generation),
        kind=GenerationAnswer,
        envelope="generations",
        by_id=False,
    )
    return await answer_list(page, found, shape=shape)


@endpoints.post("/api/v2/deployments/{deployment_id}/rollback")
async def rollback_one_deployment(
    deployment_id: str, body: RollbackBody, acting: TaskRequestOf, *, dry_run: DryRunOf = "no"
) -> Tried:
    """Return a deployment to an earlier generation, slot by slot; without a number to the last."""
    to = RollbackChoice(body.generation)
    return await answer_change(
        acting,
        lambda draft: rollback_deployment(draft, deployment_id, to=to, origin=acting.origin),
        dry_run=dry_run,
    )
