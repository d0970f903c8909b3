"""Changes that the manager hears of before whoever asked for them is answered."""

import asyncio
import logging
from collections.abc import Awaitable

from berth.domain.errors import EngineError

log = logging.getLogger(__name__)

#: Longest time that who asked for a change waits until the manager is told.
TOLD_S = 3.0


async def tell_soon(read: Awaitable[None], told: asyncio.Event) -> None:
    """Read what changed and wait a moment until the session has taken it.

    Who asked for the change then finds it with the manager when that is done.
    """
    try:
        async with asyncio.timeout(TOLD_S):
            await read
            await told.wait()
    except (TimeoutError, EngineError) as failure:
        log.debug("a change is told later: %s", failure)
