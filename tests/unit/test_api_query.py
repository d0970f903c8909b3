"""The query language of statuses and events."""

import pytest

from berth.api.listing.query import parse_query
from berth.api.schemas.events import StatusAnswer, render_status
from berth.domain.errors import Unreadable
from berth.domain.records import Actor, Event, Status
from berth.domain.states import Severity

EVENT = Event(
    id=512, at=1.0, key="image_pull", severity=Severity.ERROR, summary="Pull failed: no space",
    message="the engine says no", actor=Actor("host", "h1", "box-1"),
    sub_actor=Actor("container", "c1", "0.web.shop"),
    details={"caller": "agent", "phase_id": "10", "empty": ""},
)  # fmt: skip
STATUS = render_status(
    Status(id="host|h1", first_seen=1.0, last_seen=2.0, count=7, generation=26423, event=EVENT)
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "+generation:>26422",
        "generation:26423",
        "+generation:>=26423 +generation:<=26423 +count:<8",
        "pull",
        "SPACE",
        '"failed: no"',
        "box-1",
        "0.web",
        '+summary:"pull failed"',
        "+actor_type:host -actor_type:task",
        "nothing engine",
        "+details.caller:AGENT",
        "+details.phase_id:>9",
        "+details.phase_id:1",
        '+details.caller:""',
        '+details.empty:""',
        "-details.missing:x",
        "-nothing",
    ],
)
def test_a_query_finds_what_it_describes(query: str) -> None:
    assert parse_query(query, StatusAnswer).matches(STATUS)


@pytest.mark.parametrize(
    "query",
    [
        "+generation:>26423",
        "+generation:<26423",
        "count:6",
        "nothing",
        "nothing neither",
        "-pull",
        "+pull +nothing",
        "pull -engine",
        "+details.caller:user",
        "+details.phase_id:>10",
        "+details.caller:>1",
        '+details.missing:""',
        "+event_key:container",
    ],
)
def test_a_query_leaves_out_what_it_does_not_describe(query: str) -> None:
    assert not parse_query(query, StatusAnswer).matches(STATUS)


@pytest.mark.parametrize(
    "query",
    ["+", "-", '"open', "+generation:", "generation:many", "nosuch:1", "details:x", 'a"b"',
     "a:b:c", "+ pull", "count:>", "http://x", "x " * 51, "x" * 2001, "generation:=5"],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_query(query, StatusAnswer)
    assert caught.value.field == "q"
