"""The brake on guessing passwords."""

import pytest

from berth.api.endpoints.login_throttle import (
    FORGET_S,
    FREE_PER_NAME,
    FREE_PER_SOURCE,
    MAX_REMEMBERED,
    MAX_WAITING,
    LoginThrottle,
)
from berth.domain.errors import Throttled
from berth.testing.clock import FakeClock


class Guesser:
    """Tries passwords."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.throttle = LoginThrottle(self.clock)

    def fail(self, source: str = "1", name: str = "admin") -> None:
        """Try a wrong password."""
        self.throttle.begin(source, name)
        self.throttle.end(source, name, matched=False)

    def waits_at_most(self) -> int:
        """Return the wait that an attempt is told, without one that counts."""
        try:
            self.throttle.begin("1", "admin")
        except Throttled as refused:
            return refused.retry_after_s
        self.throttle.end("1", "admin", matched=False)
        return 1

    def waits(self, source: str = "1", name: str = "admin") -> int:
        """Return the wait that the next attempt is told, 0 for none."""
        try:
            self.throttle.begin(source, name)
        except Throttled as refused:
            return refused.retry_after_s
        self.throttle.end(source, name, matched=True)
        return 0


@pytest.fixture
def guesser() -> Guesser:
    """Return somebody who has not tried yet."""
    return Guesser()


async def test_waits_double_up_to_ten_seconds(guesser: Guesser) -> None:
    for _ in range(FREE_PER_NAME - 1):
        guesser.fail()
    waits = []
    for _ in range(6):
        guesser.fail()
        with pytest.raises(Throttled) as refused:
            guesser.throttle.begin("1", "admin")
        waits.append(refused.value.retry_after_s)
        await guesser.clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 10, 10]


async def test_the_right_password_gets_in_soon_after_however_many_wrong_ones(
    guesser: Guesser,
) -> None:
    for _ in range(50):
        await guesser.clock.advance(guesser.waits_at_most())
        guesser.fail()
    assert 0 < guesser.waits_at_most() <= 10
    await guesser.clock.advance(10)
    assert guesser.waits() == 0


def test_another_name_or_source_does_not_wait(guesser: Guesser) -> None:
    for _ in range(FREE_PER_NAME):
        guesser.fail()
    assert guesser.waits() == 1
    assert guesser.waits(name="eve") == guesser.waits(source="2") == 0


def test_many_names_of_one_source_make_it_wait(guesser: Guesser) -> None:
    for number in range(FREE_PER_SOURCE):
        guesser.fail(name=f"n{number}")
    assert guesser.waits(name="new") == 1
    assert guesser.waits(source="2", name="new") == 0


def test_a_right_password_forgets_the_wrong_ones(guesser: Guesser) -> None:
    for _ in range(FREE_PER_NAME - 1):
        guesser.fail()
    assert guesser.waits() == 0
    for _ in range(FREE_PER_NAME - 1):
        guesser.fail()
    assert guesser.waits() == 0


async def test_failures_are_forgotten_after_a_silence(guesser: Guesser) -> None:
    for _ in range(FREE_PER_NAME - 1):
        guesser.fail()
    await guesser.clock.advance(FORGET_S + 1)
    guesser.fail()
    assert guesser.waits() == 0


def test_memory_is_bounded(guesser: Guesser) -> None:
    for number in range(MAX_REMEMBERED * 2):
        guesser.fail(source=str(number))
    assert len(guesser.throttle._failures) <= MAX_REMEMBERED


def test_attempts_at_once_are_bounded(guesser: Guesser) -> None:
    for number in range(MAX_WAITING):
        guesser.throttle.begin(str(number), "admin")
    assert guesser.waits(source="new") == 1
    guesser.throttle.end("0", "admin", matched=True)
    assert guesser.waits(source="new") == 0
