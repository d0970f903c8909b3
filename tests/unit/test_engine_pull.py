"""The progress of a pull is summed over its layers."""

import base64
import json

import pytest

from berth.agent.engine.docker.pull import PullMeter, PushMeter, parse_line, render_auth
from berth.agent.engine.protocol import PullProgress
from berth.domain.images import Credentials


def feed(*lines: dict[str, object]) -> list[PullProgress]:
    """Feed lines and give what they were worth telling."""
    meter = PullMeter("app:1")
    told = [meter.feed(parse_line(json.dumps(line).encode())) for line in lines]
    return [step for step in told if step is not None]


def a_line(layer: str, status: str, *, of: tuple[int, int] = (0, 0)) -> dict[str, object]:
    """Make a line of a layer; ``of`` is what is done, and of how much."""
    detail = {"current": of[0], "total": of[1]} if of[1] else {}
    return {"id": layer, "status": status, "progressDetail": detail}


def test_percent_is_summed_over_layers_and_counts_unpacking() -> None:
    steps = feed(
        a_line("a", "Downloading", of=(50, 100)),
        a_line("b", "Downloading", of=(150, 300)),
        a_line("a", "Download complete"),
        a_line("b", "Download complete"),
        a_line("a", "Extracting", of=(100, 100)),
        a_line("a", "Pull complete"),
        a_line("b", "Pull complete"),
    )
    assert [step.percent for step in steps] == [25, 25, 31, 50, 62, 62, 100]


def test_percent_is_unknown_without_sizes() -> None:
    steps = feed({"status": "Pulling from app", "id": "1"}, a_line("a", "Pulling fs layer"))
    assert [step.percent for step in steps] == [None, None]
    assert steps[0].message == "Pulling from app"


def test_waiting_layers_count_as_average_ones() -> None:
    steps = feed(a_line("a", "Waiting"), a_line("b", "Downloading", of=(100, 100)))
    assert steps[-1].percent == 25


def test_layers_that_are_there_cost_nothing() -> None:
    steps = feed(a_line("a", "Already exists"), a_line("b", "Downloading", of=(100, 100)))
    assert steps[-1] == PullProgress("pulling app:1: 1 of 2 layers", 50)


def test_percent_never_falls() -> None:
    steps = feed(
        a_line("a", "Downloading", of=(100, 100)),
        a_line("b", "Downloading", of=(1, 1000)),
        a_line("b", "Downloading", of=(0, 1000)),
    )
    assert [step.percent for step in steps] == [50, 50][: len(steps)]


def test_what_changes_nothing_is_not_told() -> None:
    line = a_line("a", "Downloading", of=(10, 1000))
    assert len(feed(line, line, a_line("a", "Downloading", of=(11, 1000)))) == 1


@pytest.mark.parametrize(
    "line", [{"error": "denied"}, {"error": "x", "errorDetail": {"message": "denied"}}]
)
def test_a_failure_inside_the_stream_is_seen(line: dict[str, object]) -> None:
    assert parse_line(json.dumps(line).encode()).failure == "denied"


def test_a_login_is_sent_as_docker_wants_it() -> None:
    header = render_auth(Credentials("me", "p?>~", "r.example.org"))
    assert json.loads(base64.urlsafe_b64decode(header)) == {
        "username": "me",
        "password": "p?>~",
        "serveraddress": "r.example.org",
    }


def test_a_login_shows_no_password_when_printed() -> None:
    credentials = Credentials("me", "s3cret", "r.example.org")
    assert "s3cret" not in repr(credentials)
    assert "s3cret" not in f"{credentials}"


def test_a_push_counts_each_byte_once() -> None:
    meter = PushMeter("app:1")
    lines = (
        a_line("a", "Preparing"),
        a_line("b", "Layer already exists"),
        a_line("a", "Pushing", of=(50, 200)),
        a_line("a", "Pushed"),
    )
    told = [meter.feed(parse_line(json.dumps(line).encode())) for line in lines]
    assert [step and step.percent for step in told] == [None, None, 25, 100]
    assert told[-1] == PullProgress("pushing app:1: 2 of 2 layers", 100)
