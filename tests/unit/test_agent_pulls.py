"""One pull per image serves everyone who waits for it."""

import asyncio

import pytest

from berth.agent.limits.pulls import PATIENCE_S, ImageNeed, PullOutcome, Pulls
from berth.domain.observed import USED_PRESENT_IMAGE
from berth.domain.settings import Settings
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine

IMAGE = "example/web:1"


class Waiter:
    """Keeps how a need ended, and what was told on the way."""

    def __init__(self, *, hasty: bool = False) -> None:
        self.outcomes: list[PullOutcome] = []
        self.progress: list[str] = []
        self.need = ImageNeed(self.outcomes.append, self.progress.append, hasty=hasty)

    @property
    def good(self) -> bool:
        """Whether the pull ended, once, and well."""
        return len(self.outcomes) == 1 and self.outcomes[0].pulled_at is not None


class EngineWithoutRegistry(SimulatedEngine):
    """Its pulls hang, as they do when packets to the registry get lost."""

    async def pull(self, image: str, **_: object) -> str:
        await asyncio.Event().wait()
        return image


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def engine(clock: FakeClock) -> SimulatedEngine:
    return SimulatedEngine(clock=clock, latencies={"pull": 10.0})


@pytest.fixture
def pulls(engine: SimulatedEngine, clock: FakeClock) -> Pulls:
    return Pulls(engine, clock, settings=lambda: Settings(pull_deadline_s=60))


def ask(pulls: Pulls, *, always: bool = True, hasty: bool = False) -> Waiter:
    waiter = Waiter(hasty=hasty)
    pulls.need(IMAGE, waiter.need, always=always)
    return waiter


async def test_needs_that_come_before_the_end_share_one_pull(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    first = ask(pulls)
    await clock.advance(9)
    second = ask(pulls)
    await clock.advance(2)
    assert (first.good, second.good, engine.pulls) == (True, True, [IMAGE])
    assert first.outcomes[0].pulled_at == second.outcomes[0].pulled_at == clock.now() - 1


async def test_a_need_after_the_end_pulls_again(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    for _ in range(2):
        ask(pulls)
        await clock.advance(11)
    assert engine.pulls == [IMAGE, IMAGE]


async def test_an_image_that_is_there_is_not_pulled_when_the_spec_says_so(
    pulls: Pulls, engine: SimulatedEngine
) -> None:
    engine.add_image(IMAGE)
    waiters = [ask(pulls, always=False) for _ in range(3)]
    await settle()
    assert [waiter.outcomes for waiter in waiters] == [[PullOutcome()]] * 3
    assert (engine.pulls, engine.calls["find_image"]) == ([], 1)


async def test_a_missing_image_is_pulled_whatever_the_spec_says_and_once(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    one, other = ask(pulls, always=False), ask(pulls, always=True)
    await clock.advance(11)
    assert (one.good, other.good, engine.pulls) == (True, True, [IMAGE])


async def test_a_failed_pull_falls_back_to_the_image_that_is_there(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.add_image(IMAGE)
    engine.registry.refuse(IMAGE, "no route to host")
    waiter = ask(pulls)
    await clock.advance(11)
    assert waiter.outcomes[0].code == ""
    assert waiter.outcomes[0].message.startswith("pull failed, using the image that is present")


async def test_a_failed_pull_without_an_image_is_a_failure(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.registry.refuse(IMAGE, "no route to host")
    waiter = ask(pulls)
    await clock.advance(11)
    assert waiter.outcomes[0].code == "pull_failed"


async def test_a_replacement_does_not_wait_for_a_registry_that_is_away(clock: FakeClock) -> None:
    engine = EngineWithoutRegistry(clock=clock)
    engine.add_image(IMAGE)
    pulls = Pulls(engine, clock, settings=Settings)
    patient, hasty = ask(pulls), ask(pulls, hasty=True)
    await clock.advance(PATIENCE_S + 0.1)
    assert (patient.outcomes, hasty.outcomes[0].code) == ([], "")
    assert hasty.outcomes[0].message.startswith(USED_PRESENT_IMAGE)
    late = ask(pulls, hasty=True)
    await settle()
    assert late.outcomes, "the pull takes long already: no further wait"
    await pulls.close()


async def test_a_replacement_without_an_image_waits_for_the_pull(clock: FakeClock) -> None:
    pulls = Pulls(EngineWithoutRegistry(clock=clock), clock, settings=Settings)
    hasty = ask(pulls, hasty=True)
    await clock.advance(PATIENCE_S + 0.1)
    assert hasty.outcomes == []
    await pulls.close()


async def test_a_replacement_waits_for_a_new_image_that_is_on_its_way(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    engine.add_image(IMAGE)
    hasty = ask(pulls, hasty=True)
    await clock.advance(9)
    assert hasty.outcomes == []
    await clock.advance(2)
    assert hasty.good


async def test_a_pull_for_which_nobody_waits_is_given_up(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    waiter = ask(pulls)
    await clock.advance(1)
    pulls.take_back(waiter.need)
    after = ask(pulls)
    await clock.advance(11)
    assert (waiter.outcomes, after.good, len(engine.pulls)) == ([], True, 2)


async def test_an_engine_that_goes_away_is_no_failure_of_the_image(
    pulls: Pulls, engine: SimulatedEngine, clock: FakeClock
) -> None:
    waiter = ask(pulls)
    await clock.advance(1)
    engine.down()
    await clock.advance(11)
    assert waiter.outcomes == [PullOutcome(engine_away=True)]


async def test_progress_is_told_to_all_who_wait(pulls: Pulls, clock: FakeClock) -> None:
    waiters = [ask(pulls), ask(pulls)]
    await clock.advance(6)
    assert [waiter.progress for waiter in waiters] == [[f"pulling image {IMAGE}: 50%"]] * 2
    await pulls.close()
    assert waiters[0].outcomes == []
