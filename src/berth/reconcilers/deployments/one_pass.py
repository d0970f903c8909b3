"""One pass over a deployment, as a command of the writer: plan, apply, raise statuses, follow the task."""

from collections.abc import Callable

import msgspec

from berth.domain.ids import DeploymentId, TaskId
from berth.domain.observed import TaskProgress
from berth.domain.plan import Plan
from berth.reconcilers.deployments.plan_writer import (
    apply_next_plan,
    forget_orphans,
    record_results,
)
from berth.reconcilers.deployments.rollout_end import finish_rollout, revert_update
from berth.reconcilers.deployments.statuses import clear_statuses, raise_statuses
from berth.reconcilers.tasks.progress import follow_task
from berth.store.draft import Draft


class PassResult(msgspec.Struct, frozen=True):
    """What a pass over a deployment came to."""

    plan: Plan
    task_id: TaskId = TaskId("")
    #: None when no task follows it any more.
    progress: TaskProgress | None = None


def reconcile_deployment(
    draft: Draft, deployment_id: DeploymentId, *, new_id: Callable[[], str]
) -> PassResult:
    """Make what is wanted of a deployment one step truer; nothing when it is."""
    deployment = draft.deployments.get(deployment_id)
    if deployment is None:
        return PassResult(Plan(forget=tuple(forget_orphans(draft, deployment_id))))
    deployment = record_results(draft, deployment)
    plan = apply_next_plan(draft, deployment, new_id=new_id)
    deployment = draft.deployments.get(deployment_id) or deployment
    if plan.failed is not None and revert_update(
        draft, deployment, failed=plan.failed, new_id=new_id
    ):
        return PassResult(plan)
    deployment = finish_rollout(draft, deployment, plan=plan)
    if deployment.desired_state == 1:
        raise_statuses(draft, deployment, plan=plan)
    else:
        clear_statuses(draft, deployment)
    progress = follow_task(draft, deployment, plan=plan)
    return PassResult(plan, TaskId(deployment.task_id), progress)
