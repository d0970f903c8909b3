"""Coroutines side by side, and long computations in steps between which others get their turn."""

import asyncio
from collections.abc import Coroutine, Generator, Iterable
from typing import Any, TypeVar

from berth.runtime.clock import Clock

#: Something that runs, whatever it returns.
Side = Coroutine[Any, Any, Any]

T = TypeVar("T")
#: Steps of a computation that returns something.
Steps = Generator[None, None, T]
#: Longest time, in seconds, before others get their turn.
TURN_S = 0.005


async def run_until_first(*sides: Side) -> list[Any]:
    """Run all until the first one ends, however it does; the others are cancelled and waited for.

    Return what each came to, in the order of the arguments: its result, or the exception that ended
    it, which is CancelledError where another was first.
    """
    tasks = [asyncio.create_task(side) for side in sides]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return results


def find_failure(results: Iterable[Any]) -> Exception | None:
    """Return the first exception among what sides came to; none when nothing failed."""
    return next((result for result in results if isinstance(result, Exception)), None)


async def take_turns(steps: Steps[T], *, clock: Clock) -> T:
    """Go through all steps, let others of the loop run now and then, and return the result."""
    results: list[T] = []
    ends_at = clock.monotonic() + TURN_S
    for _ in _keep_result(steps, results):
        if clock.monotonic() >= ends_at:
            await asyncio.sleep(0)
            ends_at = clock.monotonic() + TURN_S
    return results[0]


def run_through(steps: Steps[T]) -> T:
    """Go through all steps at once, and return the result."""
    results: list[T] = []
    for _ in _keep_result(steps, results):
        pass
    return results[0]


def _keep_result(steps: Steps[T], results: list[T]) -> Steps[None]:
    results.append((yield from steps))
