"""A clock that stands still until a test moves it."""

import asyncio
import heapq
import itertools


class FakeClock:
    """Virtual time behind the Clock protocol; monotonic and Unix time advance together."""

    def __init__(self, unix: float = 1_700_000_000.0, monotonic: float = 1_000.0) -> None:
        self._offset = unix - monotonic
        self._monotonic = monotonic
        self._count = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._monotonic + self._offset

    def monotonic(self) -> float:
        return self._monotonic

    def set_back(self, seconds: float) -> None:
        """Let Unix time jump back, as when a clock is corrected."""
        self._offset -= seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._count), turn))
        await turn

    @property
    def next_due(self) -> float | None:
        """Return the monotonic time at which the next sleeper wakes; none when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, seconds: float) -> None:
        """Move time on, waking sleepers in order and letting each run before the next."""
        end = self._monotonic + seconds
        await settle()
        while (due := self.next_due) is not None and due <= end:
            self._monotonic = max(self._monotonic, due)
            heapq.heappop(self._sleepers)[2].set_result(None)
            await settle()
        self._monotonic = end


async def settle(turns: int = 50) -> None:
    """Let every task that can run do so, as far as that many turns of the loop bring it."""
    for _ in range(turns):
        await asyncio.sleep(0)
