"""How many requests of one kind an engine gets at once: a semaphore with ranks and any size."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

#: Ranks: what makes room goes first.
REMOVAL = 0
CREATION = 1


class EngineLimiter:
    """Places for create, start and remove; the size may change at any time."""

    def __init__(self, size: Callable[[], int]) -> None:
        self._size = size
        self._taken = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def taken(self) -> int:
        """How many are in use."""
        return self._taken

    @property
    def quiet(self) -> bool:
        """Whether nobody holds a place or waits for one."""
        return self._quiet.is_set()

    async def wait_quiet(self) -> None:
        """Return as soon as nobody holds a place or waits for one."""
        await self._quiet.wait()

    @asynccontextmanager
    async def hold(self, rank: int) -> AsyncIterator[None]:
        """Hold a place; a lower rank waits for less."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._taken -= 1
            self.release_waiting()

    def release_waiting(self) -> None:
        """Hand free places to those who wait; to be called when the size has grown."""
        while self._waiting and self._taken < self._size():
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
        if not self._taken and not self._waiting:
            self._quiet.set()

    async def _enter(self, rank: int) -> None:
        self._quiet.clear()
        if not self._waiting and self._taken < self._size():
            self._taken += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._count), turn))
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        """Pass on the place that came together with the cancellation, if one did."""
        if turn.done() and not turn.cancelled():
            self._taken -= 1
        self._waiting = [entry for entry in self._waiting if entry[2] is not turn]
        heapq.heapify(self._waiting)
        self.release_waiting()
