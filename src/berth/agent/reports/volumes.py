"""The names of the host's volumes, which slots with external volumes look for."""

import logging

from berth.agent.engine.protocol import Engine
from berth.agent.source import Notify, no_session
from berth.domain.errors import EngineError
from berth.protocol.messages import MAX_VOLUMES, Volumes
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

#: No event of an engine says that a volume came, so the list is read this often.
RESYNC_S = 5.0
#: An engine takes longer names than its file system.
_LONGEST = 255


class VolumeList:
    """Keeps the names, and whether the manager knows them."""

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        #: None until the engine has listed them.
        self._names: tuple[str, ...] | None = None
        self._told = True
        self._notify: Notify = no_session
        self._wakeup = Wakeup()

    async def run(self) -> None:
        """Read for ever."""
        await run_loop(
            "volumes",
            self.read,
            wakeup=self._wakeup,
            resync_s=lambda: RESYNC_S,
            clock=self._clock,
        )

    async def read(self) -> str:
        """Read the list; one that changed is sent."""
        try:
            listed = await self._engine.list_volumes()
        except EngineError as failure:
            # The watch complains about an engine that is away.
            log.debug("the volumes could not be listed: %s", failure)
            return ""
        names = tuple(sorted(name for name in listed if len(name) <= _LONGEST)[:MAX_VOLUMES])
        if names != self._names:
            self._names, self._told = names, False
            self._notify(True)
        return ""

    def begin_session(self, notify: Notify = no_session) -> None:
        """Start with all names."""
        self._notify, self._told = notify, False

    def end_session(self) -> None:
        """Keep what changes for the next session."""
        self._notify = no_session

    def take(self) -> Volumes | None:
        """Return the names; none when the manager knows them, or nothing is known here."""
        if self._told or self._names is None:
            return None
        self._told = True
        return Volumes(names=self._names)
