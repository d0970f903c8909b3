"""One bed of three hosts with Berth on it for all tests, put in order after each of them."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from berthbed import BerthBed
from e2e.order import Grounds, put_in_order, settle
from postgres_server import postgres_server
from testbed import Bed, why_unavailable

__all__ = ["postgres_server"]

_BED = pytest.StashKey[BerthBed]()


@pytest.fixture(scope="session")
def engines_available() -> None:
    """Skip where no engine can be started, and fail there in CI."""
    reason = why_unavailable()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_berth(engines_available: None) -> Iterator[tuple[BerthBed, Grounds]]:
    """A manager and three hosts, one of which has the tag `gold`."""
    with BerthBed.up(hosts=3, host_options={"h3": ["--tag", "gold"]}) as berth:
        yield berth, settle(berth)


@pytest.fixture
def berth(
    shared_berth: tuple[BerthBed, Grounds], request: pytest.FixtureRequest
) -> Iterator[BerthBed]:
    """The shared instance; what a test leaves behind or breaks is put in order after it."""
    berth, grounds = shared_berth
    request.node.stash[_BED] = berth
    grounds.begin(berth)
    yield berth
    put_in_order(berth, grounds)


@pytest.fixture
def own_berth(engines_available: None, request: pytest.FixtureRequest) -> Iterator[BerthBed]:
    """A manager and two hosts that a test may ruin."""
    with BerthBed.up(hosts=2) as berth:
        request.node.stash[_BED] = berth
        berth.api.put("/api/v2/settings", {"settings": {"stop_grace_s": 1}})
        yield berth


@pytest.fixture
def own_bed(engines_available: None) -> Iterator[Bed]:
    """A bed of one host without Berth."""
    with Bed.up(hosts=1) as bed:
        yield bed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the ends of the programs' logs with a failure."""
    report = yield
    berth = item.stash.get(_BED, None)
    if report.failed and berth is not None:
        report.sections.append(("logs of the programs", berth.log_tails()))
    return report
