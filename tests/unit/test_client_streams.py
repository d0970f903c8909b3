"""Streams of the client: read however they are cut, and opened again where they are lost."""

import itertools

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from berth.client import ClientError, ConflictError, NotFoundError, UnreachableError
from berth.client.requests.events import EventReader, ServerEvent
from unit.client_fakes import FakeManager, events, refusal

BEGIN = 'event: begin\nid: 7\ndata: {"revision":7}'


def put(revision: int, name: str) -> str:
    data = f'{{"revision":{revision},"kind":"pool","id":"{name}","type":"put","object":{{}}}}'
    return f"id: {revision}\ndata: {data}"


STREAM = b": hello\n\nid: 4\nevent: x\ndata: 1\ndata: 2\n\r\nid: 9\n\ndata:3\n\n"


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_messages_are_the_same_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    reader, places = EventReader(), sorted({0, *cuts, len(STREAM)})
    pieces = [STREAM[start:end] for start, end in itertools.pairwise(places)]
    found = [event for piece in pieces for event in reader.feed(piece)]
    assert found == [ServerEvent("x", b"1\n2"), ServerEvent("message", b"3")]
    assert reader.last_id == "9"


def test_a_watch_begins_and_goes_on_where_it_was_lost() -> None:
    manager = FakeManager(
        events(BEGIN, put(8, "a")), httpx.ConnectError("down"), events(BEGIN, put(9, "b"))
    )
    lost: list[ClientError] = []
    with manager.client() as berth:
        watch = berth.watch(kinds=["pool"], on_lost=lost.append)
        found = [(change.type, change.id) for change in itertools.islice(watch, 3)]
    assert found == [("begin", ""), ("put", "a"), ("put", "b")]
    assert [type(each).__name__ for each in lost] == ["AnswerLostError", "UnreachableError"]
    assert manager.requests[2].headers["Last-Event-ID"] == "8"


@pytest.mark.parametrize("too_old", [refusal(410, "resync"), events("event: resync\ndata: {}")])
def test_a_watch_that_missed_too_much_begins_again(too_old: httpx.Response) -> None:
    manager = FakeManager(events(BEGIN, put(8, "a")), too_old, events(BEGIN, put(20, "c")))
    with manager.client() as berth:
        watch = berth.watch()
        found = [change.type for change in itertools.islice(watch, 4)]
    assert found == ["begin", "put", "begin", "put"]
    assert "Last-Event-ID" not in manager.requests[2].headers


def test_a_watch_from_a_known_revision_does_not_begin() -> None:
    manager = FakeManager(events(BEGIN, put(8, "a")))
    with manager.client() as berth:
        assert next(berth.watch(since=7)).id == "a"
    assert manager.requests[0].url.params["since"] == "7"


def test_a_watch_that_stays_lost_is_given_up() -> None:
    manager = FakeManager(events(BEGIN), *[httpx.ConnectError("down") for _ in range(200)])
    with manager.client() as berth, pytest.raises(UnreachableError):
        list(berth.watch())
    assert 300 <= manager.clock.now_s < 310


def test_a_watch_that_never_opens_is_given_up_like_any_request() -> None:
    manager = FakeManager(*[httpx.ConnectError("down") for _ in range(9)])
    with manager.client() as berth, pytest.raises(UnreachableError):
        next(berth.watch())
    assert len(manager.requests) == 5


def line(time: int, text: str) -> str:
    return f'id: {time}\ndata: {{"time":"{time}","stream":"stdout","text":"{text}"}}'


def test_followed_output_ends_with_the_container() -> None:
    manager = FakeManager(events(line(1, "a")), events(line(2, "b"), "event: end\ndata: {}"))
    with manager.client() as berth:
        assert [each.text for each in berth.containers.follow_logs("abc")] == ["a", "b"]
    assert manager.requests[1].headers["Last-Event-ID"] == "1"


def test_followed_output_ends_when_the_container_is_gone() -> None:
    manager = FakeManager(events(line(1, "a")), refusal(404, "unknown_container"))
    with manager.client() as berth:
        assert [each.text for each in berth.containers.follow_logs("abc")] == ["a"]


def test_output_of_a_container_that_never_was_is_an_error() -> None:
    with (
        FakeManager(refusal(404, "unknown_container")).client() as berth,
        pytest.raises(NotFoundError),
    ):
        next(berth.containers.follow_logs("abc"))


def test_a_host_that_goes_away_is_waited_for_but_one_that_is_away_is_said() -> None:
    away = 'event: error\ndata: {"message":"host is away","code":"host_inactive"}'
    manager = FakeManager(events(line(1, "a"), away), events(line(2, "b")))
    with manager.client() as berth:
        lines = berth.containers.follow_logs("abc")
        assert [next(lines).text, next(lines).text] == ["a", "b"]
        manager.said = [refusal(409, "host_inactive")]
        with pytest.raises(ConflictError):
            next(berth.containers.follow_logs("abc"))


async def test_the_awaited_client_follows_in_the_same_way() -> None:
    manager = FakeManager(events(BEGIN, put(8, "a")), events(BEGIN, put(9, "b")))
    found = []
    async with manager.async_client() as berth:
        async for change in berth.watch():
            found.append(change.id)
            if len(found) == 3:
                break
    assert found == ["", "a", "b"]
