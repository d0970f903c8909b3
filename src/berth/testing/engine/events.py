"""Subscriptions to the events of a simulated engine."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from berth.domain.errors import EngineUnreachable
from berth.domain.observed import EngineEvent


class Subscription(AsyncIterator[EngineEvent]):
    """Events from the moment of its making; ends only by raising EngineUnreachable."""

    def __init__(self) -> None:
        self._waiting: deque[EngineEvent] = deque()
        self._changed = asyncio.Event()
        self._broken = ""
        self._held = False

    async def __anext__(self) -> EngineEvent:
        """Wait for the next event."""
        while self._held or not self._waiting:
            if self._broken:
                raise EngineUnreachable(self._broken)
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def put(self, event: EngineEvent) -> None:
        """Add an event; a broken subscription loses it."""
        if not self._broken:
            self._waiting.append(event)
            self._changed.set()

    def hold(self, held: bool) -> None:
        """Keep events back while the engine is frozen."""
        self._held = held
        self._changed.set()

    def break_off(self, message: str) -> None:
        """End it with an error; what was not read is lost."""
        self._broken = message
        self._waiting.clear()
        self._changed.set()
