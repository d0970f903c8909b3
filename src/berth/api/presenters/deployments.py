"""Deployments as answers and watchers show them, with their state as it is now."""

from berth.api.schemas.deployments import DeploymentAnswer, render_deployment
from berth.api.services import Services
from berth.domain.records import Deployment


def show_deployment(services: Services, deployment: Deployment) -> DeploymentAnswer:
    """Render a deployment with its current state."""
    fleet = services.store.memory.fleet
    return render_deployment(deployment, services.states.current(fleet, deployment))
