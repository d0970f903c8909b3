"""Deployments as answers and watchers show them, with their state as it is now."""

from berth.api.schemas.deployments import DeploymentAnswer, render_deployment
from berth.api.schemas.tasks import Machine, TaskAnswer, render_task
from berth.api.services import Services
from berth.domain.records import Deployment, Task


def show_deployment(services: Services, deployment: Deployment) -> DeploymentAnswer:
    """Render a deployment with its current state."""
    fleet = services.store.memory.fleet
    return render_deployment(deployment, services.states.current(fleet, deployment))


def show_task(services: Services, task: Task) -> TaskAnswer:
    """Render a task with how far it is now."""
    manager = Machine(services.manager_name, services.started_at)
    return render_task(services.store.memory.fleet, task, manager=manager)
