"""The events of changes to deployments."""

from typing import Literal

from berth.domain.origin import Origin
from berth.domain.records import Actor, Deployment
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent

Change = Literal["added", "updated", "started", "stopped", "restarted", "deleted"]


def record_deployment_event(
    draft: Draft, deployment: Deployment, *, change: Change, origin: Origin
) -> None:
    """Record who changed what; such events make no status."""
    draft.record_event(
        NewEvent(
            key=f"deployment_{change}",
            severity=Severity.INFO,
            summary=f"Deployment {deployment.id} {change}",
            message=f"{origin.user} {_VERBS[change]} deployment {deployment.id} "
            f"in pool {deployment.pool_id} (generation {deployment.generation})",
            actor=Actor("deployment", deployment.id, deployment.name),
            details={
                "caller": origin.user,
                "deployment_id": deployment.id,
                "deployment_name": deployment.name,
                "host_group": deployment.pool_id,
                "stack_id": deployment.service_id,
            },
        )
    )


_VERBS: dict[Change, str] = {
    "added": "added",
    "updated": "changed",
    "started": "started",
    "stopped": "stopped",
    "restarted": "restarted",
    "deleted": "deleted",
}
