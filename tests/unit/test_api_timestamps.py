"""Times as the API writes and reads them."""

import pytest

from berth.api.http.timestamps import (
    Stamp,
    parse_time,
    render_exact_time,
    render_stamp,
    render_time,
)
from berth.api.schemas.hosts import render_uptime
from berth.domain.errors import Unreadable


def test_times_are_written_in_three_forms() -> None:
    at = 1_477_519_143.212571
    assert render_time(at) == "2016-10-26T21:59:03Z"
    assert render_exact_time(at) == "2016-10-26T21:59:03.212571Z"
    assert render_stamp(at) == Stamp(1_477_519_143, 212_571_000)


def test_a_time_that_has_not_come_is_never() -> None:
    assert render_time(None) == render_exact_time(None) == "0001-01-01T00:00:00Z"
    assert render_stamp(None) == Stamp(0, 0)


@pytest.mark.parametrize("at", [-1.0, 1e300, 0.9999999])
def test_odd_clocks_do_no_harm(at: float) -> None:
    assert render_time(at).endswith("Z")
    assert 0 <= render_stamp(at).nanos <= 999_999_999


@pytest.mark.parametrize(
    "text",
    [
        "2016-10-26T21:59:03Z",
        "2016-10-26T21:59:03.000000001Z",
        "2016-10-26T23:59:03+02:00",
        "2016-10-26T23:59:03 02:00",
        "2016-10-26T21:59:03",
        "1477519143",
        "1477519143.0",
    ],
)
def test_both_forms_are_read(text: str) -> None:
    assert parse_time(text, field="since") == 1_477_519_143.0


@pytest.mark.parametrize(
    "text", ["", "x", "nan", "inf", "-1", "1e400", "9" * 400, "2016-13-01T00:00:00Z", "é"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse_time(text, field="since")
    assert refused.value.field == "since"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 min"),
        (59 * 60, "59 min"),
        (3600, "1:00"),
        (86_400 + 300, "1 day, 5 min"),
        (1_224_600, "14 days, 4:10"),
    ],
)
def test_a_time_of_running_reads_as_on_unix(seconds: float, text: str) -> None:
    assert render_uptime(seconds) == text
