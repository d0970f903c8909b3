"""Things that run side by side and end together."""

import asyncio
from collections.abc import Coroutine
from typing import Any

#: Something that runs; whatever it gives.
Side = Coroutine[Any, Any, Any]


async def run_until_first(*sides: Side) -> list[Any]:
    """Run all until the first one ends, however it does; the others are cancelled and waited for.

    Gives what each came to, in the order of the arguments: its result, or the exception that ended
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
