"""Places for requests to an engine."""

import asyncio

from berth.agent.limits.limiter import CREATION, REMOVAL, EngineLimiter
from berth.testing.clock import settle


class Holder:
    """Someone who holds a place until told to leave."""

    def __init__(self, limiter: EngineLimiter, rank: int = CREATION) -> None:
        self.inside = False
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._hold(limiter, rank))

    async def _hold(self, limiter: EngineLimiter, rank: int) -> None:
        async with limiter.hold(rank):
            self.inside = True
            await self.leave.wait()
        self.inside = False

    async def end(self) -> None:
        self.leave.set()
        await self.task


async def test_no_more_are_inside_than_there_are_places() -> None:
    limiter = EngineLimiter(lambda: 2)
    holders = [Holder(limiter) for _ in range(5)]
    await settle()
    assert (sum(one.inside for one in holders), limiter.taken) == (2, 2)
    for holder in holders:
        holder.leave.set()
    await settle()
    assert (limiter.taken, limiter.quiet) == (0, True)


async def test_removals_go_before_creations() -> None:
    limiter = EngineLimiter(lambda: 1)
    first, creation, removal = Holder(limiter), Holder(limiter), Holder(limiter, REMOVAL)
    await settle()
    first.leave.set()
    await settle()
    assert (creation.inside, removal.inside) == (False, True)
    removal.leave.set()
    await settle()
    assert creation.inside
    await creation.end()


async def test_a_new_size_is_in_force_at_once() -> None:
    size = 1
    limiter = EngineLimiter(lambda: size)
    holders = [Holder(limiter) for _ in range(4)]
    await settle()
    size = 3
    limiter.release_waiting()
    await settle()
    assert sum(one.inside for one in holders) == 3
    for holder in holders:
        await holder.end()


async def test_who_gives_up_waiting_costs_no_place() -> None:
    limiter = EngineLimiter(lambda: 1)
    first, second, third = (Holder(limiter) for _ in range(3))
    await settle()
    first.leave.set()
    await asyncio.sleep(0)
    second.task.cancel()
    await settle()
    assert third.inside
    await third.end()
    assert (limiter.taken, limiter.quiet) == (0, True)


async def test_quiet_is_waited_for() -> None:
    limiter = EngineLimiter(lambda: 1)
    holder = Holder(limiter)
    await settle()
    waiting = asyncio.create_task(limiter.wait_quiet())
    await settle()
    assert not waiting.done()
    await holder.end()
    await waiting
