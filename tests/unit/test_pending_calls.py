"""Calls to an agent: how often their progress is published."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from berth.dispatcher.pending_calls import PendingCalls
from berth.domain.ids import ContainerId
from berth.domain.observed import TaskProgress
from berth.protocol.messages import PROGRESS_STREAM, CallDone, CallPart, InspectRequest

STEPS = [TaskProgress(number, "pulling") for number in range(100)]


class Caller:
    """A call that is under way, and the steps that were published."""

    def __init__(self) -> None:
        self.published: asyncio.Queue[TaskProgress] = asyncio.Queue()
        self._calls = PendingCalls(lambda message: None, host_name="h1")
        request = InspectRequest(ContainerId("ab" * 32))
        self.call = asyncio.create_task(
            self._calls.call(request, deadline_s=60.0, on_progress=self.published.put_nowait)
        )

    def take(self, *steps: TaskProgress) -> None:
        """Let steps come from the agent."""
        for step in steps:
            data = msgspec.json.encode(step)
            self._calls.take_part(CallPart(id=1, stream=PROGRESS_STREAM, data=data))

    async def end(self) -> None:
        """Let the agent end the call."""
        self._calls.take_done(CallDone(id=1))
        await self.call


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    caller = Caller()
    await asyncio.sleep(0)
    yield caller
    await caller.end()


async def test_of_steps_that_come_at_once_the_first_and_the_last_are_published(
    caller: Caller,
) -> None:
    caller.take(*STEPS)
    assert caller.published.qsize() == 1
    await caller.end()
    assert [caller.published.get_nowait() for _ in range(2)] == [STEPS[0], STEPS[-1]]
    assert caller.published.empty()


async def test_the_newest_step_is_published_a_little_later_while_the_call_goes_on(
    caller: Caller,
) -> None:
    caller.take(*STEPS)
    async with asyncio.timeout(5.0):
        assert [await caller.published.get() for _ in range(2)] == [STEPS[0], STEPS[-1]]
    assert not caller.call.done()
