"""The one loop: wait for a wake-up or the resync, run the pass, back off on failure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from berth.runtime.clock import Clock

log = logging.getLogger(__name__)

#: A pass returns in one sentence what it did; "" when there was nothing.
Pass = Callable[[], Awaitable[str]]


class Wakeup:
    """A hint that a pass is due; one that comes during a pass is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ask for another pass."""
        self._event.set()

    def clear(self) -> None:
        """Take the hint; call it before reading state."""
        self._event.clear()

    async def wait(self, timeout_s: float) -> None:
        """Wait for a hint, or until the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        except TimeoutError:
            pass


async def run_loop(
    name: str,
    one_pass: Pass,
    *,
    wakeup: Wakeup,
    resync_s: Callable[[], float],
    clock: Clock,
    backoff_s: tuple[float, float] = (0.2, 10.0),
) -> None:
    """Run the pass for ever; a failure is logged and tried again, later each time.

    ``resync_s`` is asked before each wait, so that a changed setting is in force at once.
    """
    delay = backoff_s[0]
    while True:
        wakeup.clear()
        try:
            sentence = await one_pass()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("%s: a pass failed; it runs again in %.1f s", name, delay)
            await clock.sleep(delay)
            delay = min(delay * 2, backoff_s[1])
            continue
        delay = backoff_s[0]
        if sentence:
            log.info("%s: %s", name, sentence)
        await wakeup.wait(resync_s())
