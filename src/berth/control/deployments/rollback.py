"""The return of a deployment to an earlier generation, as users ask for it."""

import msgspec

from berth.control.deployments.events import record_deployment_event
from berth.control.deployments.lifecycle import get_deployment
from berth.domain.errors import Conflict, Invalid
from berth.domain.origin import Origin
from berth.domain.records import Deployment, Generation, TaskKind
from berth.domain.rollback import returned_to, says_the_same
from berth.store.draft import Draft
from berth.store.generations import find_generations, record_generation
from berth.store.task_log import follow_change


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
    returned = returned_to(deployment, target, nonce=deployment.nonce, now=draft.now)
    if deployment.desired_state:
        returned = msgspec.structs.replace(returned, rollout="rollback")
        returned = follow_change(draft, returned, kind=TaskKind.ROLLBACK, origin=origin)
    draft.deployments.put(returned)
    record_generation(draft, returned, by=origin.user)
    record_deployment_event(draft, returned, change="updated", origin=origin)
    return returned


def _choose(deployment: Deployment, known: list[Generation], *, to: RollbackChoice) -> Generation:
    if to.generation is None:
        earlier = (g for g in known if g.outcome != "failed" and not says_the_same(deployment, g))
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
    if says_the_same(deployment, target):
        raise Conflict(
            f"deployment {deployment.id!r} has what generation {target.generation} says already",
            code="no_change",
        )
    return target
