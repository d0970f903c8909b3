"""Long computations on the event loop, cut into steps so that others get their turn."""

import asyncio
from collections.abc import Generator
from typing import TypeVar

from berth.runtime.clock import Clock

T = TypeVar("T")

#: Steps of a computation that gives what it returns.
Steps = Generator[None, None, T]

#: Others get their turn after so long.
TURN_S = 0.005


async def take_turns(steps: Steps[T], *, clock: Clock) -> T:
    """Go through all steps, let others of the loop run now and then, and give the result."""
    ends_at = clock.monotonic() + TURN_S
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        if clock.monotonic() >= ends_at:
            await asyncio.sleep(0)
            ends_at = clock.monotonic() + TURN_S


def run_through(steps: Steps[T]) -> T:
    """Go through all steps at once, and give the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
