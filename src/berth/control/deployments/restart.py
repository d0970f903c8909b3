"""The rolling restart of a deployment: new containers for all that it runs, in order of phases."""

import msgspec

from berth.control.deployments.events import record_deployment_event
from berth.control.deployments.lifecycle import follow, get_deployment
from berth.control.origin import Origin
from berth.domain.errors import Conflict
from berth.domain.records import Deployment, TaskKind
from berth.store.draft import Draft


def restart_deployment(draft: Draft, deployment_id: str, *, origin: Origin) -> Deployment:
    """Replace every container by a new one, images pulled again; ``task_id`` is what follows it.

    While a restart is under way, another one changes nothing: its task answers both.
    Raises Conflict for a stopped deployment.
    """
    deployment = get_deployment(draft.deployments, deployment_id)
    if deployment.desired_state == 0:
        raise Conflict(
            f"deployment {deployment.id!r} is stopped: start it instead", code="deployment_stopped"
        )
    task = draft.tasks.get(deployment.task_id) if deployment.task_id else None
    if task is not None and task.kind is TaskKind.RESTART and not task.status.ending:
        return deployment
    generation = deployment.generation + 1
    restarted = msgspec.structs.replace(
        deployment,
        generation=generation,
        nonce=f"restart-{generation}",
        rollout="update",
    )
    restarted = follow(draft, restarted, kind=TaskKind.RESTART, origin=origin)
    draft.deployments.put(restarted)
    record_deployment_event(draft, restarted, change="restarted", origin=origin)
    return restarted
