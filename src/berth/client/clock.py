"""Time and chance of a client, so that tests choose them."""

import asyncio
import random
import time
import uuid
from typing import Protocol


class Clock(Protocol):
    """Where a client gets time and chance from."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
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
        await asyncio.sleep(seconds)
