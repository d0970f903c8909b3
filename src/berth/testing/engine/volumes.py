"""The volume calls of the simulated engine."""

from berth.testing.engine.calls import SimulatedCalls


class SimulatedVolumes(SimulatedCalls):
    """Volumes of a simulated engine: those added by hand, and those that containers made."""

    async def list_volumes(self) -> list[str]:
        """List the names of all volumes."""
        await self._enter("list_volumes", "list the volumes")
        return sorted(self._model.volumes)
