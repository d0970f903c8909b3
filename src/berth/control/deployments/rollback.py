"""The return of a deployment to an earlier generation, as users ask for it."""

import msgspec

from berth.control.definitions.texts import Text
from berth.control.deployments.change import DeploymentChange, change_deployment
from berth.control.deployments.lifecycle import get_deployment
from berth.control.origin import Origin
from berth.domain.errors import Conflict, Invalid
from berth.domain.records import Deployment, Generation
from berth.store.draft import Draft
from berth.store.generations import find_generations


class RollbackChoice(msgspec.Struct, frozen=True):
    """Where to return to; none is the generation before."""

    generation: int | None = None


def rollback_deployment(
    draft: Draft, deployment_id: str, *, to: RollbackChoice, origin: Origin
) -> Deployment:
    """Return a deployment to the text of an earlier generation, as a rolling change.

    Numbers that were named stay, those of then for services that the present text lacks; the others
    are those of the text.
    Raises Invalid for a generation that is not kept, Conflict where nothing would change.
    """
    deployment = get_deployment(draft.deployments, deployment_id)
    target = _choose(deployment, find_generations(draft, deployment.id), to=to)
    text = Text(
        content=target.content,
        services=target.services,
        subtype=deployment.subtype,
        service_id=deployment.service_id,
        service_name=deployment.service_name,
        ignored=target.ignored,
    )
    missing = target.named.keys() - deployment.quantities.keys()
    quantities: dict[str, int | None] = {k: n for k, n in target.named.items() if k in missing}
    change = DeploymentChange(text=text, quantities=quantities, returns=True)
    return change_deployment(draft, deployment_id, change=change, origin=origin)


def _choose(deployment: Deployment, known: list[Generation], *, to: RollbackChoice) -> Generation:
    if to.generation is None:
        earlier = (g for g in known if g.outcome != "failed" and not _is_present(deployment, g))
        target = next(earlier, None)
        if target is None:
            raise Conflict(
                f"deployment {deployment.id!r} has no earlier generation to return to",
                code="no_generation",
            )
        return target
    target = next((each for each in known if each.generation == to.generation), None)
    if target is None:
        kept = ", ".join(str(each.generation) for each in known) or "none"
        raise Invalid(
            f"generation {to.generation} is not kept: {kept} of deployment {deployment.id!r} are",
            code="unknown_generation",
            field="generation",
        )
    if _is_present(deployment, target):
        raise Conflict(
            f"deployment {deployment.id!r} has what generation {target.generation} says already",
            code="no_change",
        )
    return target


def _is_present(deployment: Deployment, generation: Generation) -> bool:
    return generation.services == deployment.services
