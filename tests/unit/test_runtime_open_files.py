"""The limit of open files of a process."""

import resource
from collections.abc import Iterator

import pytest

from berth.runtime.open_files import raise_open_files


@pytest.fixture(autouse=True)
def _limits_come_back() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def soften(soft: int) -> int:
    """Lower the limit to what a system starts programs with; return the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return hard


def test_the_limit_is_raised_as_far_as_wanted() -> None:
    soften(1024)
    assert raise_open_files(2048) == 2048
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 2048


def test_the_limit_is_raised_no_further_than_the_system_lets_it() -> None:
    hard = soften(1024)
    assert raise_open_files(1 << 40) == hard


def test_a_limit_that_is_higher_stays() -> None:
    soften(2048)
    assert raise_open_files(1024) == 2048
