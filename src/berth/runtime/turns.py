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
    results: list[T] = []
    ends_at = clock.monotonic() + TURN_S
    for _ in _keep_result(steps, results):
        if clock.monotonic() >= ends_at:
            await asyncio.sleep(0)
            ends_at = clock.monotonic() + TURN_S
    return results[0]


def run_through(steps: Steps[T]) -> T:
    """Go through all steps at once, and give the result."""
    results: list[T] = []
    for _ in _keep_result(steps, results):
        pass
    return results[0]


def _keep_result(steps: Steps[T], results: list[T]) -> Steps[None]:
    results.append((yield from steps))
