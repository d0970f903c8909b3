"""The rolling restart of a deployment: new containers for all that it runs, in order of phases."""

import msgspec

from berth.control.deployments.events import record_deployment_event
from berth.control.deployments.lifecycle import get_deployment
from berth.domain.errors import Conflict
from berth.domain.origin import Origin
from berth.domain.records import Deployment, TaskKind
from berth.store.draft import Draft
from berth.store.task_log import follow_change


def restart_deployment(draft: Draft, deployment_id: str, *, origin: Origin) -> Deployment:
    """Replace every container by a new one, images pulled again; ``task_id`` is what follows it.

    While a restart is under way, its task answers another one too, and those that were restarted
    already are so once more when it is through. Raises Conflict for a stopped deployment.
    """
    deployment = get_deployment(draft.deployments, deployment_id)
    if deployment.desired_state == 0:
        raise Conflict(
            f"deployment {deployment.id!r} is stopped: start it instead", code="deployment_stopped"
        )
    task = draft.tasks.get(deployment.task_id) if deployment.task_id else None
    if task is not None and task.kind is TaskKind.RESTART and not task.status.ending:
        if _has_begun(draft, deployment) and not deployment.restart_again:
            deployment = msgspec.structs.replace(deployment, restart_again=True)
            draft.deployments.put(deployment)
        return deployment
    restarted = follow_change(draft, deployment.restarted(), kind=TaskKind.RESTART, origin=origin)
    draft.deployments.put(restarted)
    record_deployment_event(draft, restarted, change="restarted", origin=origin)
    return restarted


def _has_begun(draft: Draft, deployment: Deployment) -> bool:
    """Whether a slot has got its new container, or is about to."""
    hashes = {service.key: deployment.hash_of(service) for service in deployment.services}
    return any(
        assignment.spec_hash == hashes.get(assignment.service)
        for assignment in draft.fleet.assignments_of(deployment.id)
    )
