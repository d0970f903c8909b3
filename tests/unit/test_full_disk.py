"""Disks without space: what the manager answers, and what the agent does all the same."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from berth.agent.data_directory import DataDirectory
from berth.agent.local.desired import Obeyed
from berth.agent.local.state_file import FILE, RETRY_S, SavedState, StateWriter
from berth.domain.disks import DiskSpace
from berth.domain.errors import StoreFailed
from berth.domain.ids import InstanceId
from berth.domain.settings import Settings
from berth.domain.states import Severity
from berth.reconcilers.disk_watch import DiskWatch
from berth.runtime.loop import Wakeup
from berth.store.store import Store
from berth.testing.clock import FakeClock
from store_fixtures import put_pool, start_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await start_store(f"sqlite:///{tmp_path}/berth.db", None)
    yield store
    await store.close()


def limit(store: Store, pages: int) -> None:
    """Let the database grow no further than this many pages: SQLite calls its disk full then."""
    with store._database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


async def test_a_full_disk_is_named_until_there_is_space_again(store: Store) -> None:
    limit(store, 1)
    with pytest.raises(StoreFailed, match=r"The disk of the database .* is full"):
        await store.run(put_pool("p", "x" * 100_000))
    assert "is full" in store.disk_trouble
    limit(store, 1_000_000)
    await store.run(put_pool("p", "x" * 100_000))
    assert store.disk_trouble == ""


@pytest.mark.parametrize(
    ("free", "severity"), [(99, Severity.WARNING), (19, Severity.CRITICAL), (500, None)]
)
async def test_little_space_raises_a_status_of_the_manager(
    store: Store, tmp_path: Path, free: int, severity: Severity | None
) -> None:
    space = DiskSpace(str(tmp_path), total_bytes=1000, free_bytes=free)
    await DiskWatch(store, tmp_path, read=lambda folder: space).check()
    severities = [s.event.severity for s in store.memory.statuses.values()]
    assert severities == ([severity] if severity else [])


async def test_the_status_is_cleared_when_there_is_space_again(
    store: Store, tmp_path: Path
) -> None:
    space = DiskSpace(str(tmp_path), total_bytes=1000, free_bytes=10)
    watch = DiskWatch(store, tmp_path, read=lambda folder: space)
    await watch.check()
    space = msgspec.structs.replace(space, free_bytes=900)
    await watch.check()
    (status,) = store.memory.statuses.values()
    assert status.clear_event_id


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Let every write to a disk fail for want of space, or no more."""
    full = False
    sync = os.fsync

    def refuse(descriptor: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    def fill(now: bool) -> None:
        nonlocal full
        full = now

    monkeypatch.setattr(os, "fsync", refuse)
    return fill


def test_an_agent_starts_on_a_full_disk(tmp_path: Path, fill: Callable[[bool], None]) -> None:
    directory = DataDirectory(tmp_path)
    first = directory.count_start(1_700_000_000.0)
    fill(True)
    assert directory.count_start(1_700_000_100.0) > first


async def test_what_cannot_be_saved_is_said_once_and_saved_later(
    tmp_path: Path, fill: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    saved = SavedState(obeyed=Obeyed(instance_id=InstanceId("i")), settings=Settings())
    writer = StateWriter(DataDirectory(tmp_path), clock, content=lambda: saved, changed=Wakeup())
    fill(True)
    running = asyncio.create_task(writer.run())
    await _until(clock, lambda: clock.monotonic() > 1_000 + 3 * RETRY_S)
    fill(False)
    await _until(clock, (tmp_path / FILE).exists)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (tmp_path / FILE).exists()
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert ["cannot be saved" in each.message for each in warnings] == [True]
    assert not warnings[0].exc_info


async def _until(clock: FakeClock, condition: Callable[[], bool]) -> None:
    """Let virtual time pass, and threads work, until something holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
            await clock.advance(1)
