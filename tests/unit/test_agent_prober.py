"""All checks of an agent together: how many at once, and when."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from berth.agent.health.prober import SCRIPTS_AT_ONCE, Prober, Subject
from berth.agent.health.verdict import Verdict
from berth.domain.ids import AssignmentId
from berth.domain.spec import Probe
from berth.domain.states import Health
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine

SCRIPT = Probe(label="JOB", kind="script", path="/check.sh", interval_s=10.0, timeout_s=5.0)


class Checking:
    """A prober at work, and what it told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.engine = SimulatedEngine(clock=self.clock)
        self.prober = Prober(self.engine, self.clock)
        self.told: list[tuple[str, Health]] = []

    def follow(self, name: str, *probes: Probe, ran_for_s: float = 1000.0) -> Subject:
        """Check a container that has run for a time."""
        subject = Subject(
            container_id=self.engine.run_unmanaged(name),
            running_since=self.clock.monotonic() - ran_for_s,
            probes=probes or (SCRIPT,),
        )
        self.prober.follow(
            AssignmentId(name), subject, notify=lambda verdict: self.take(name, verdict)
        )
        return subject

    def take(self, name: str, verdict: Verdict) -> None:
        self.told.append((name, verdict.health))

    @property
    def asked(self) -> int:
        return self.engine.calls["execute"]


@pytest.fixture
async def checking() -> AsyncIterator[Checking]:
    made = Checking()
    running = asyncio.create_task(made.prober.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_verdict_is_told_once(checking: Checking) -> None:
    checking.follow("web")
    await checking.clock.advance(60.0)
    assert checking.told == [("web", Health.HEALTHY)]


async def test_only_so_many_scripts_run_at_once(checking: Checking) -> None:
    checking.engine.latencies["execute"] = 3.0
    for number in range(20):
        checking.follow(f"web-{number}", ran_for_s=0.0)
    await settle(200)
    assert checking.asked == SCRIPTS_AT_ONCE
    await checking.clock.advance(20.0)
    assert len(checking.told) == 20


async def test_a_script_that_waits_is_left_out_when_its_container_has_gone(
    checking: Checking,
) -> None:
    checking.engine.latencies["execute"] = 3.0
    for number in range(20):
        checking.follow(f"web-{number}", ran_for_s=0.0)
    await settle(200)
    for number in range(20):
        checking.prober.forget(AssignmentId(f"web-{number}"))
    await checking.clock.advance(60.0)
    assert checking.asked == SCRIPTS_AT_ONCE


async def test_containers_that_an_agent_finds_are_not_checked_together_for_ever(
    checking: Checking,
) -> None:
    for number in range(100):
        checking.follow(f"web-{number}")
    await checking.clock.advance(30.0)
    seconds = []
    for _ in range(10):
        before = checking.asked
        await checking.clock.advance(1.0)
        seconds.append(checking.asked - before)
    assert 90 <= sum(seconds) <= 110
    assert max(seconds) < 50


async def test_a_container_that_is_not_followed_any_more_is_not_checked(checking: Checking) -> None:
    checking.follow("web")
    await checking.clock.advance(1.5)
    checking.prober.forget(AssignmentId("web"))
    before = checking.asked
    await checking.clock.advance(60.0)
    assert checking.asked == before


async def test_a_check_that_ends_after_its_container_tells_nothing(checking: Checking) -> None:
    checking.engine.latencies["execute"] = 3.0
    checking.follow("web", ran_for_s=0.0)
    await settle(200)
    checking.prober.forget(AssignmentId("web"))
    await checking.clock.advance(60.0)
    assert (checking.asked, checking.told) == (1, [])


async def test_another_start_of_the_container_is_checked_afresh(checking: Checking) -> None:
    subject = checking.follow("web")
    await checking.clock.advance(5.0)
    again = msgspec.structs.replace(subject, running_since=checking.clock.monotonic())
    verdict = checking.prober.follow(AssignmentId("web"), again, notify=lambda verdict: None)
    assert (verdict.health, verdict.total, verdict.passed) == (Health.CHECKING, 1, 0)


async def test_a_new_address_changes_nothing_of_the_verdict(checking: Checking) -> None:
    subject = checking.follow("web")
    await checking.clock.advance(5.0)
    moved = msgspec.structs.replace(subject, address="10.0.0.9")
    verdict = checking.prober.follow(AssignmentId("web"), moved, notify=lambda verdict: None)
    assert verdict.health is Health.HEALTHY
