"""The command calls of the simulated engine."""

from berth.agent.engine.protocol import CommandResult
from berth.domain.errors import EngineConflict
from berth.domain.ids import ContainerId
from berth.domain.spec import ContainerSpec
from berth.testing.engine.behaviour import Behaviour, read_behaviour
from berth.testing.engine.calls import SimulatedCalls
from berth.testing.engine.container import SimulatedContainer

#: Commands that mean the same inside any container; every other one is a script of its image.
_COMMON = frozenset({"true", "false", "echo", "sh", "sleep"})


class SimulatedCommands(SimulatedCalls):
    """Commands inside the containers of a simulated engine."""

    async def execute(
        self, container_id: ContainerId, command: tuple[str, ...], *, deadline_s: float
    ) -> CommandResult:
        """Run a command inside a running container and wait for its end."""
        container = await self._enter_at("execute", container_id)
        if container.state != "running":
            raise EngineConflict(
                f"cannot run {command[0]} in container {container_id[:12]}: the engine says: "
                f"it is {'paused' if container.alive else 'not running'}"
            )
        behaviour = _behaviour(container, command)
        if behaviour.refused:
            return CommandResult(126, behaviour.refused)
        output = "\n".join(text for _, text in behaviour.output)
        if behaviour.exit_code is None:
            await self._pass_time(deadline_s)
        return CommandResult(behaviour.exit_code, output)


def _behaviour(container: SimulatedContainer, command: tuple[str, ...]) -> Behaviour:
    if command[0] in _COMMON or command[0].startswith("/no/"):
        return read_behaviour(ContainerSpec(image="", command=command), Behaviour())
    said = container.script_output
    return Behaviour(exit_code=container.script_exit, output=(("stdout", said),) if said else ())
