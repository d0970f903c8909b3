"""Tasks as answers and watchers show them."""

from berth.api.schemas.tasks import Machine, TaskAnswer, render_task
from berth.api.services import Services
from berth.domain.records import Task


def show_task(services: Services, task: Task) -> TaskAnswer:
    """Render a task with how far it is now."""
    manager = Machine(services.manager_name, services.started_at)
    return render_task(services.store.memory.fleet, task, manager=manager)
