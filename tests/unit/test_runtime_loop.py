"""The one loop: no hint is lost, no failure ends it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from berth.runtime.backoff import backoff_s
from berth.runtime.loop import Wakeup, run_loop
from berth.testing.clock import FakeClock, settle


async def run_for(
    one_pass: Callable[[], Awaitable[str]],
    script: Callable[[Wakeup, FakeClock], Awaitable[None]],
) -> None:
    """Run the loop beside a script, then cancel it."""
    wakeup, clock = Wakeup(), FakeClock()
    loop = asyncio.create_task(
        run_loop("test", one_pass, wakeup=wakeup, resync_s=lambda: 3600.0, clock=clock)
    )
    try:
        await settle()
        await script(wakeup, clock)
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_the_first_pass_needs_no_hint() -> None:
    passes: list[str] = []

    async def one_pass() -> str:
        passes.append("pass")
        return ""

    async def nothing(_: Wakeup, __: FakeClock) -> None:
        return None

    await run_for(one_pass, nothing)
    assert passes == ["pass"]


async def test_a_hint_during_a_pass_is_not_lost() -> None:
    passes: list[str] = []
    wakeups: list[Wakeup] = []

    async def one_pass() -> str:
        passes.append("pass")
        if len(passes) == 2:
            wakeups[0].set()
        return ""

    async def script(wakeup: Wakeup, _: FakeClock) -> None:
        wakeups.append(wakeup)
        wakeup.set()
        await settle()

    await run_for(one_pass, script)
    assert len(passes) == 3


async def test_a_failed_pass_is_logged_and_run_again_later_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    passes: list[float] = []

    async def script(_: Wakeup, clock: FakeClock) -> None:
        clocks.append(clock)
        await clock.advance(0.19)
        assert len(passes) == 1
        await clock.advance(0.02)
        assert len(passes) == 2
        await clock.advance(0.3)
        assert len(passes) == 2
        await clock.advance(0.2)
        assert len(passes) == 3

    clocks: list[FakeClock] = []

    async def one_pass() -> str:
        passes.append(0.0)
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR):
        await run_for(one_pass, script)
    assert "a pass failed" in caplog.text
    assert "broken" in caplog.text


async def test_what_a_pass_did_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def one_pass() -> str:
        return "placed 3"

    async def nothing(_: Wakeup, __: FakeClock) -> None:
        return None

    with caplog.at_level(logging.INFO):
        await run_for(one_pass, nothing)
    assert "test: placed 3" in caplog.text


@pytest.mark.parametrize(
    ("failures", "wait"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (8, 60), (1000, 60)]
)
def test_waits_double_from_the_second_failure_on(failures: int, wait: float) -> None:
    assert backoff_s(failures, first_s=1.0, longest_s=60.0) == wait
