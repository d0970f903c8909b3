"""What holds for every test: settings of hypothesis, markers, no skips in CI, no task left over.

Fixtures of one subject stand in modules of their own beside this one (``tests`` is importable);
a folder's ``conftest.py`` imports those it uses.
"""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Generator
from pathlib import PurePath

import hypothesis
import pytest

IN_CI = os.environ.get("CI") == "true"
ALL = os.environ.get("BERTH_TEST_ALL") == "1"

hypothesis.settings.register_profile(
    "ci", derandomize=True, max_examples=100, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile(
    "all", parent=hypothesis.settings.get_profile("ci"), max_examples=1000
)
hypothesis.settings.load_profile("all" if ALL else "ci" if IN_CI else "dev")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and leave the slow ones out unless all are asked for."""
    for item in items:
        if "e2e" in PurePath(item.path).parts:
            item.add_marker("e2e")
    if ALL:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def fail_instead_of_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure stays what it is."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail skipped tests in CI."""
    report = yield
    if IN_CI:
        fail_instead_of_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail modules that skip themselves in CI."""
    report = yield
    if IN_CI:
        fail_instead_of_skip(report)
    return report


@pytest.fixture(autouse=True)
def no_task_is_left_over(request: pytest.FixtureRequest) -> None:
    """Look for leftover tasks after all other fixtures of an asynchronous test are gone."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("_leftover_tasks")


@pytest.fixture
async def _leftover_tasks() -> AsyncIterator[None]:
    yield
    for _ in range(3):  # a task that was just cancelled ends within a turn or two
        await asyncio.sleep(0)
    leftover = asyncio.all_tasks() - {asyncio.current_task()}
    names = sorted(f"{task.get_name()} ({task.get_coro()})" for task in leftover)
    if names:
        pytest.fail("tasks were left over: " + ", ".join(names), pytrace=False)
