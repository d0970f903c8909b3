"""Whether the engine answers, and since when it does not."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from berth.agent.engine.protocol import Engine
from berth.domain.errors import EngineError, EngineUnreachable
from berth.runtime.clock import Clock

T = TypeVar("T")

#: Longest time between two pings.
INTERVAL_S = 3.0


class EnginePulse:
    """The engine's signs of life: an answered ping, or a list that succeeds.

    What an engine says of itself is none: ``/info`` of Docker waits for names that do not resolve.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        #: When it answered last; monotonic, as all times here.
        self._answered_at = clock.monotonic()
        self._trouble = "the engine was not asked yet"
        #: When the first list began of those that failed in a row, and how the last one failed.
        self._listing_since: float | None = None
        self._list_trouble = ""
        self._silent = asyncio.Event()

    @property
    def message(self) -> str:
        """Why the host cannot work with its engine now, "" when it can."""
        return self._trouble or self._list_trouble

    @property
    def silent_s(self) -> float:
        """For how long it cannot."""
        since = self._answered_at if self._trouble else self._clock.monotonic()
        if self._listing_since is not None and self._list_trouble:
            since = min(since, self._listing_since)
        return max(0.0, self._clock.monotonic() - since)

    def list_began(self) -> None:
        """Note that the containers are asked for."""
        if self._listing_since is None:
            self._listing_since = self._clock.monotonic()

    def listed(self) -> None:
        """Note that the engine listed its containers."""
        self._listing_since, self._list_trouble = None, ""
        self._answered()

    def list_failed(self, failure: EngineError) -> None:
        """Note that it did not."""
        self._list_trouble = str(failure)
        if isinstance(failure, EngineUnreachable):
            self._failed(failure)

    async def beat(self) -> bool:
        """Ping the engine; false when it does not answer."""
        try:
            await self._engine.ping()
        except EngineError as failure:
            self._failed(failure)
            return False
        self._answered()
        return True

    def require(self) -> None:
        """Raise EngineUnreachable when the engine is known to be silent."""
        if self._silent.is_set():
            raise EngineUnreachable(
                f"the container engine of this host is silent for {self.silent_s:.0f} s: "
                f"{self._trouble}"
            )

    async def run_while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work comes to. Raises EngineUnreachable as soon as the engine is silent."""
        task = asyncio.create_task(work)
        silent = asyncio.create_task(self._silent.wait())
        try:
            await asyncio.wait({task, silent}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self.require()
            return await task
        finally:
            for each in (task, silent):
                each.cancel()
            await asyncio.gather(task, silent, return_exceptions=True)

    def _answered(self) -> None:
        self._answered_at, self._trouble = self._clock.monotonic(), ""
        self._silent.clear()

    def _failed(self, failure: EngineError) -> None:
        self._trouble = str(failure)
        self._silent.set()
