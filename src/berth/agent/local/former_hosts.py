"""What deleted hosts left on this engine, which was one of them before it joined again."""

import logging
from collections.abc import Callable, Iterable

from berth.agent.containers.labels import Owner
from berth.agent.engine.protocol import Engine
from berth.domain.errors import EngineError, EngineNotFound
from berth.domain.ids import HostId
from berth.domain.observed import EngineContainer
from berth.domain.settings import Settings
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: Wait before what could not be removed is tried again.
RETRY_S = 30.0


class FormerHosts:
    """Stops and removes the containers of hosts of which the manager says that they were deleted."""

    def __init__(
        self, engine: Engine, owner: Owner, *, clock: Clock, settings: Callable[[], Settings]
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._settings = settings
        self._owners: tuple[Owner, ...] = ()
        self._wakeup = Wakeup()

    def take(self, host_ids: Iterable[HostId]) -> None:
        """Take what the manager says; never this host itself."""
        self._owners = tuple(
            Owner(self._owner.instance_id, host_id)
            for host_id in host_ids
            if host_id != self._owner.host_id
        )
        self._wakeup.set()

    async def run(self) -> None:
        """Remove for ever what is named."""
        await run_loop(
            "removing what deleted hosts left",
            self.remove_left,
            wakeup=self._wakeup,
            resync_s=lambda: RETRY_S if self._owners else 3600.0,
            clock=self._clock,
        )

    async def remove_left(self) -> str:
        """Stop and remove the containers; nothing is left to do after the first pass without any."""
        if not self._owners:
            return ""
        owners = self._owners
        try:
            listed = await self._engine.list_containers()
        except EngineError as failure:
            log.warning("what deleted hosts left is removed later: %s", failure)
            return ""
        left = [one for one in listed if any(owner.owns(one.labels) for owner in owners)]
        removed = [one.name for one in left if await self._remove(one)]
        if not left and self._owners is owners:
            self._owners = ()
        return f"removed {', '.join(removed)}" if removed else ""

    async def _remove(self, container: EngineContainer) -> bool:
        """Return whether it is gone; one that cannot be removed holds up no other."""
        try:
            if container.running:
                await self._engine.stop(container.id, grace_s=self._settings().stop_grace_s)
            await self._engine.remove(container.id, force=True)
        except EngineNotFound:
            return True
        except EngineError as failure:
            log.warning("container %s of a deleted host is removed later: %s",
                        container.name, failure)  # fmt: skip
            return False
        return True
