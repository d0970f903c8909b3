"""The small parts of an agent: join tokens, tails of logs, alarms, complaints, host facts."""

import logging

import pytest

from berth.agent.engine.pulse import EnginePulse
from berth.agent.link.call_server import Tail
from berth.agent.link.join import ParsedJoinToken, check_scheme, parse_token
from berth.agent.local.timers import Timers
from berth.agent.reports.facts import HostFactsReader, address_towards
from berth.domain.errors import EngineUnreachable, StartupError
from berth.domain.ids import AssignmentId
from berth.domain.observed import EngineInfo
from berth.runtime.complaint import Complaint
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine

ENGINE = EngineInfo(id="E", name="Docker", version="20", api_version="1.41", images=3)


def test_a_join_token_names_its_secret_and_its_authority() -> None:
    assert parse_token("berth-join-1.s3cret.ABCD\n") == ParsedJoinToken("s3cret", "abcd")
    assert parse_token("berth-join-1.s3cret.-") == ParsedJoinToken("s3cret", "")


@pytest.mark.parametrize(
    "text", ["", "berth-join-1", "berth-join-1.x", "berth-join-2.x.-", "a.b.c"]
)
def test_half_a_join_token_is_refused(text: str) -> None:
    with pytest.raises(StartupError, match="not complete"):
        parse_token(text)


def test_a_pinned_secret_does_not_travel_in_the_clear() -> None:
    with pytest.raises(StartupError, match="HTTPS"):
        check_scheme("http://manager", ParsedJoinToken("s", "abcd"))
    check_scheme("https://manager", ParsedJoinToken("s", "abcd"))
    check_scheme("http://manager", ParsedJoinToken("s", ""))


def test_a_tail_keeps_the_newest_whole_lines() -> None:
    tail = Tail(10)
    for line in (b"one\n", b"two\n", b"three\n", b"four\n"):
        tail.add(line)
    assert tail.content() == b"four\n"


def test_a_tail_that_was_never_full_keeps_everything() -> None:
    tail = Tail(10)
    tail.add(b"one\n")
    tail.add(b"three\n")
    assert tail.content() == b"one\nthree\n"
    assert Tail(10).content() == b""


class Bell:
    """Alarms on a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = FakeClock(monotonic=0.0)
        self.rung: list[tuple[str, float]] = []
        self.timers = Timers(self.clock, self._ring)

    def _ring(self, assignment_id: AssignmentId) -> None:
        self.rung.append((assignment_id, self.clock.monotonic()))

    def set(self, assignment_id: str, due: float) -> None:
        self.timers.set(AssignmentId(assignment_id), due)


async def test_alarms_ring_at_their_time_whatever_the_order() -> None:
    bell = Bell()
    bell.set("late", 30.0)
    bell.set("early", 10.0)
    bell.set("middle", 20.0)
    await bell.clock.advance(60)
    assert bell.rung == [("early", 10.0), ("middle", 20.0), ("late", 30.0)]
    bell.set("again", 70.0)
    await bell.clock.advance(60)
    assert bell.rung[-1] == ("again", 70.0)


async def test_an_alarm_can_be_moved_and_taken_back() -> None:
    bell = Bell()
    bell.set("moved", 10.0)
    bell.set("moved", 20.0)
    bell.set("gone", 15.0)
    bell.timers.clear(AssignmentId("gone"))
    await bell.clock.advance(60)
    assert bell.rung == [("moved", 20.0)]


async def test_an_alarm_may_be_set_while_another_rings() -> None:
    bell = Bell()

    def ring(assignment_id: AssignmentId) -> None:
        bell.rung.append((assignment_id, bell.clock.monotonic()))
        if assignment_id == "first":
            bell.set("next", 10.5)

    bell.timers = Timers(bell.clock, ring)
    bell.set("first", 10.0)
    await bell.clock.advance(20)
    assert bell.rung == [("first", 10.0), ("next", 10.5)]


def test_another_reason_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    complaint = Complaint(logging.getLogger("test"), FakeClock())
    for reason in ("away", "refused", "away"):
        complaint.log_once(f"it is {reason}", reason=reason)
    assert [record.message for record in caplog.records] == ["it is away", "it is refused"]


def test_trouble_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    complaint = Complaint(logging.getLogger("test"), clock)
    with caplog.at_level(logging.INFO):
        complaint.log_end("well again")
        for _ in range(3):
            complaint.log_once("no answer")
        complaint.log_end("well again")
        complaint.log_end("well again")
    assert [record.message for record in caplog.records] == ["no answer", "well again"]


def test_facts_follow_the_engine() -> None:
    host = HostFactsReader(FakeClock(), address="10.0.0.1", engine_id="E-at-join")
    assert (host.facts().engine_id, host.facts().public_address) == ("E-at-join", "10.0.0.1")
    told: list[str] = []
    host.begin_session(lambda urgent: told.append("new"))
    host.note_engine(ENGINE)
    host.note_engine(ENGINE)
    assert (host.facts().engine_id, told) == ("E", ["new"])


def test_metrics_say_whether_the_engine_answers() -> None:
    host = HostFactsReader(FakeClock())
    host.note_engine(ENGINE)
    pulse = EnginePulse(SimulatedEngine(), FakeClock())
    assert not host.metrics(0, pulse).engine_reachable, "it was not asked yet"
    pulse.listed()
    metrics = host.metrics(2, pulse)
    assert (metrics.engine_reachable, metrics.images, metrics.running) == (True, 3, 2)
    pulse.list_failed(EngineUnreachable("refused"))
    assert host.metrics(0, pulse).engine_message == "refused"


def test_the_address_is_the_one_that_routes_to_the_manager() -> None:
    assert address_towards("http://127.0.0.1:8080") == "127.0.0.1"
    assert address_towards("http://no-such-name.invalid") == ""
    host = HostFactsReader(FakeClock(), address="10.0.0.1")
    host.route_to("http://127.0.0.1:8080")
    assert host.facts().address == "10.0.0.1"
