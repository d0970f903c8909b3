"""Actions of users on containers, judged by the engine at the moment they are carried out."""

import asyncio

from berth.agent.engine.protocol import Engine
from berth.domain.calls import ContainerAction
from berth.domain.ids import ContainerId


class UserAction:
    """One action on a container of an assignment, on its way through the worker's queue."""

    __slots__ = ("action", "container_id", "done")

    def __init__(self, container_id: ContainerId, action: ContainerAction) -> None:
        self.container_id = container_id
        self.action = action
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


async def apply_action(
    engine: Engine, container_id: ContainerId, *, action: ContainerAction, grace_s: float
) -> None:
    """Carry the action out. Raises EngineError.

    Starting what runs and stopping what is stopped succeed and change nothing; the engine refuses
    to pause or kill what does not run and to unpause what is not paused.
    """
    match action:
        case ContainerAction.START:
            await engine.start(container_id)
        case ContainerAction.STOP:
            await engine.stop(container_id, grace_s=grace_s)
        case ContainerAction.RESTART:
            await engine.restart(container_id, grace_s=grace_s)
        case ContainerAction.KILL:
            await engine.kill(container_id)
        case ContainerAction.PAUSE:
            await engine.pause(container_id)
        case ContainerAction.UNPAUSE:
            await engine.unpause(container_id)
        case ContainerAction.REMOVE:
            await engine.remove(container_id)
        case ContainerAction.FORCE_REMOVE:
            await engine.remove(container_id, force=True)
