"""What a change would do, without doing it."""

import msgspec

from berth.control.deployments.change import DeploymentChange, change_deployment
from berth.control.deployments.lifecycle import NewDeployment, create_deployment
from berth.control.origin import Origin
from berth.domain.records import Deployment
from berth.scheduler import Plan, plan_deployment
from berth.store.draft import Draft
from berth.store.memory import Memory


class DryRun(msgspec.Struct, frozen=True):
    """A deployment as a change would make it, and what would be planned for it."""

    deployment: Deployment
    plan: Plan


def plan_creation(memory: Memory, new: NewDeployment, *, origin: Origin, now: float) -> DryRun:
    """Plan a deployment that does not exist; raises what its creation would raise."""
    draft = Draft(memory, now=now)
    return _plan(draft, create_deployment(draft, new, origin=origin))


def plan_change(
    memory: Memory,
    deployment_id: str,
    *,
    change: DeploymentChange,
    origin: Origin,
    now: float,
) -> DryRun:
    """Plan a change of a deployment; raises what the change would raise."""
    draft = Draft(memory, now=now)
    return _plan(draft, change_deployment(draft, deployment_id, change=change, origin=origin))


def _plan(draft: Draft, deployment: Deployment) -> DryRun:
    return DryRun(deployment, plan_deployment(draft.fleet, deployment, now=draft.now))
