"""Time and chance of a client, so that tests choose them."""

import random
import time
import uuid
from typing import Protocol


class Clock(Protocol):
    """Where a client gets time and chance from."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    def now(self) -> float:
        """Return the time in Unix seconds."""
        ...

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        ...

    def new_key(self) -> str:
        """Return a key that no other request has."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    async def rest(self, seconds: float) -> None:
        """Wait, and let others go on."""
        ...


class SystemClock:
    """The system's."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def now(self) -> float:
        """Return the time in Unix seconds."""
        return time.time()

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        return random.random()

    def new_key(self) -> str:
        """Return a key that no other request has."""
        return uuid.uuid4().hex

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    async def rest(self, seconds: float) -> None:
        """Wait, and let others go on."""
        import asyncio  # loaded only where a client is awaited

        await asyncio.sleep(seconds)
