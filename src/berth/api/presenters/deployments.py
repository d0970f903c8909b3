"""Deployments and tasks as answers and watchers show them, with their state as it is now."""

import msgspec

from berth.api.schemas.deployments import (
    DeploymentAnswer,
    WatchedDeployment,
    render_deployment,
)
from berth.api.schemas.summaries import render_summary
from berth.api.schemas.tasks import Machine, TaskAnswer, render_task
from berth.api.services import Services
from berth.domain.records import Deployment, Task


def show_deployment(services: Services, deployment: Deployment) -> DeploymentAnswer:
    """Render a deployment with its current state."""
    memory = services.store.memory
    task = memory.tasks.get(deployment.task_id)
    return render_deployment(
        deployment,
        services.states.current(memory.fleet, deployment),
        task_id=task.id if task is not None and not task.status.closed else "",
    )


def show_watched_deployment(services: Services, deployment: Deployment) -> WatchedDeployment:
    """Render a deployment in numbers, and without its text, which is long and seldom changes."""
    memory = services.store.memory
    shown = show_deployment(services, deployment)
    numbers = render_summary(memory.fleet, deployment, statuses=memory.statuses)
    stack = msgspec.structs.replace(shown.stack, content=msgspec.UNSET)
    return WatchedDeployment(
        **(msgspec.structs.asdict(shown) | {"stack": stack}),
        health=numbers.health,
        services_total=numbers.services_total,
        services_healthy=numbers.services_healthy,
        containers_total=numbers.containers_total,
        containers_running=numbers.containers_running,
    )


def show_task(services: Services, task: Task) -> TaskAnswer:
    """Render a task with how far it is now."""
    manager = Machine(services.manager_name, services.started_at)
    return render_task(services.store.memory.fleet, task, manager=manager)
