"""The host's images as the manager shows them, and the logins that an agent asks for."""

import asyncio

import pytest

from berth.agent.limits.limiter import CREATION, EngineLimiter
from berth.agent.limits.registry_logins import RegistryLogins
from berth.agent.reports.images import ImageList
from berth.domain.errors import EngineUnreachable
from berth.domain.images import Credentials
from berth.domain.observed import EngineImage
from berth.protocol.messages import Images, LoginAnswer, LoginQuery
from berth.protocol.rules import check_listed, weigh_image
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine

LOGIN = Credentials("captain", "s3cret", "reg.test")


class Bench:
    """A list on an engine."""

    def __init__(self, frame_bytes: int = 1 << 20) -> None:
        self.clock = FakeClock()
        self.engine = SimulatedEngine(clock=self.clock)
        self.limiter = EngineLimiter(lambda: 4)
        self.images = ImageList(
            self.engine, self.limiter, clock=self.clock, frame_bytes=frame_bytes
        )

    async def read(self) -> None:
        """Let the list do its pass, the wait for further events included."""
        reading = asyncio.create_task(self.images.read())
        await self.clock.advance(1)
        await reading

    def take(self) -> Images:
        message = self.images.take()
        assert message is not None
        return message


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_session_begins_with_all_images(bench: Bench) -> None:
    bench.engine.add_image("app:1")
    await bench.read()
    bench.images.begin_session()
    message = bench.take()
    assert (message.full, [image.names for image in message.items]) == (True, [("app:1",)])
    assert bench.images.take() is None


async def test_a_change_of_an_image_is_told_before_it_is_said_to_be_done(bench: Bench) -> None:
    bench.images.begin_session()
    await bench.read()
    bench.take()
    assert bench.images.take() is None
    bench.engine.add_image("app:1")
    telling = asyncio.create_task(bench.images.send_now())
    await settle()
    assert not telling.done()
    assert [image.names for image in bench.take().items] == [("app:1",)]
    assert bench.images.take() is None
    await settle()
    assert telling.done()


async def test_nothing_is_said_before_the_engine_told_its_images(bench: Bench) -> None:
    bench.images.begin_session()
    assert bench.images.take() is None
    await bench.read()
    assert bench.take() == Images(full=True)


async def test_changed_and_lost_images_are_told_once(bench: Bench) -> None:
    first, other = bench.engine.add_image("app:1"), bench.engine.add_image("other:1")
    await bench.read()
    bench.images.begin_session()
    bench.take()
    await bench.engine.tag_image("app:1", "app:2")
    bench.engine.remove_image_by_hand("other:1")
    await bench.read()
    message = bench.take()
    assert [(image.id, image.names) for image in message.items] == [(first, ("app:1", "app:2"))]
    assert (message.full, message.gone) == (False, (other,))
    assert bench.images.take() is None


async def test_a_long_list_goes_in_several_frames() -> None:
    bench = Bench(frame_bytes=1)
    for number in range(3):
        bench.engine.add_image(f"app:{number}")
    await bench.read()
    bench.images.begin_session()
    frames = [bench.take() for _ in range(3)]
    assert [(frame.full, len(frame.items)) for frame in frames] == [
        (True, 1), (False, 1), (False, 1),
    ]  # fmt: skip
    assert bench.images.take() is None


def test_the_labels_of_images_cost_no_host_its_session(bench: Bench) -> None:
    labels = {f"l{number}": "x" * 4096 for number in range(512)}
    images = [EngineImage(id=f"{n:064x}", names=(f"app:{n}",), labels=labels) for n in range(40)]
    bench.images.begin_session()
    bench.images.apply_list({image.id: image for image in images})
    listed = [item for message in iter(bench.images.take, None) for item in message.items]
    check_listed(listed, weigh_image)
    assert [item.names for item in listed] == [image.names for image in images]
    assert (listed[0].labels, listed[-1].labels) == (labels, {})


async def test_an_engine_that_is_away_keeps_what_was_known(bench: Bench) -> None:
    bench.engine.add_image("app:1")
    await bench.read()
    bench.engine.plant("list_images", EngineUnreachable("away"))
    await bench.read()
    bench.images.begin_session()
    assert len(bench.take().items) == 1


async def test_the_list_waits_until_the_engine_is_quiet(bench: Bench) -> None:
    async with bench.limiter.hold(CREATION):
        reading = asyncio.create_task(bench.images.read())
        await bench.clock.advance(1)
        assert bench.engine.calls["list_images"] == 0
    await reading
    assert bench.engine.calls["list_images"] == 1


async def test_a_login_is_asked_for_and_given(bench: Bench) -> None:
    logins = RegistryLogins()
    logins.begin_session()
    asking = asyncio.create_task(logins.ask("reg.test/app:1"))
    await settle()
    assert logins.take() == LoginQuery(id=1, image="reg.test/app:1")
    assert logins.take() is None
    logins.take_answer(LoginAnswer(id=7, credentials=None))
    logins.take_answer(LoginAnswer(id=1, credentials=LOGIN))
    assert await asking == LOGIN


async def test_without_a_manager_there_is_no_login() -> None:
    logins, sent = RegistryLogins(), list[bool]()
    assert await logins.ask("app:1") is None
    logins.begin_session(sent.append)
    asking = asyncio.create_task(logins.ask("app:1"))
    await settle()
    logins.end_session()
    assert await asking is None
    assert await logins.ask("app:1") is None
    assert len(sent) == 1


def test_no_print_of_a_login_shows_its_password() -> None:
    answer = LoginAnswer(id=1, credentials=LOGIN)
    assert "s3cret" not in f"{answer!r} {answer}"
