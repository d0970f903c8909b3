"""A PostgreSQL that hangs: its kernel acknowledges what is sent, and nothing answers."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from berth.domain.errors import StoreFailed
from postgres_server import PostgresServer
from store_fixtures import Outside, SkippingClock, put_pool, start_store
from store_proxy import CuttingProxy

pytestmark = pytest.mark.postgresql

IN_TRANSACTION = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
LOCKED = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class HangingCommit:
    """The server's process for the manager's transaction; it hangs at the next COMMIT."""

    def __init__(self, server: PostgresServer) -> None:
        self.url = server.create_database()
        self.proxy = CuttingProxy(server.directory)
        self.proxied = f"{self.url.partition('?')[0]}?host={self.proxy.directory}"
        self.hangs = threading.Event()
        self._outside = Outside(self.url)
        self._process: psutil.Process | None = None

    def begin(self) -> None:
        """Hang at the next COMMIT."""
        self.proxy.at_commit = self._hang

    def go_on(self) -> None:
        """Hang no longer; safe to repeat."""
        if self._process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):  # it went on and ended
                self._process.resume()

    def is_waited_for(self) -> bool:
        """Return whether another transaction waits for what the hanging one has locked."""
        return bool(self._outside.execute(WAITING))

    def lock_is_held(self) -> bool:
        """Return whether a manager holds the database's lock."""
        return bool(self._outside.execute(LOCKED))

    def close(self) -> None:
        """End everything but the server."""
        self.go_on()
        self._outside.close()
        self.proxy.close()

    def _hang(self) -> None:
        [(pid,)] = self._outside.execute(IN_TRANSACTION)
        self._process = psutil.Process(pid)
        self._process.suspend()
        self.hangs.set()


@pytest.fixture
def commit(postgres_server: PostgresServer) -> Iterator[HangingCommit]:
    """Yield an empty database behind a proxy, where COMMIT can hang."""
    with contextlib.closing(HangingCommit(postgres_server)) as made:
        yield made
    postgres_server.drop_database(made.url)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.02)


async def test_a_call_that_hangs_is_ended_and_the_manager_writes_on(
    commit: HangingCommit, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SkippingClock()
    store = await start_store(commit.proxied, None, clock=clock)
    commit.begin()
    write = asyncio.create_task(store.run(put_pool("p")))
    await until(commit.hangs.is_set)
    clock.skipped_s = 26.0
    await until(lambda: write.done() or commit.is_waited_for())
    assert "did not answer within 25 s" in caplog.text
    commit.go_on()
    assert await write == "p"
    await until(commit.lock_is_held)
    assert await store.run(put_pool("next")) == "next"
    await store.close()


async def test_a_commit_that_the_server_has_not_decided_is_waited_for(
    commit: HangingCommit,
) -> None:
    store = await start_store(commit.proxied, None)
    commit.begin()
    commit.proxy.cut = "under way"
    write = asyncio.create_task(store.run(put_pool("p")))
    await until(lambda: write.done() or commit.is_waited_for())
    assert not write.done()
    commit.go_on()
    assert await write == "p"
    assert await store.run(put_pool("next")) == "next"
    assert not store.lost_lease.is_set()
    await store.close()


async def test_a_manager_that_starts_waits_for_the_commit_that_the_last_one_left(
    commit: HangingCommit, caplog: pytest.LogCaptureFixture
) -> None:
    first = await start_store(commit.proxied, None)
    commit.begin()
    write = asyncio.create_task(first.run(put_pool("p")))
    await until(commit.hangs.is_set)
    await first.close()
    assert "hangs" not in caplog.text
    with pytest.raises(StoreFailed, match="may be saved or not"):
        await write
    start = asyncio.create_task(start_store(commit.url, None))
    await until(lambda: start.done() or commit.is_waited_for())
    commit.go_on()
    second = await start
    assert "p" in second.memory.pools
    assert await second.run(put_pool("next")) == "next"
    await second.close()


async def test_closing_ends_within_five_seconds_while_the_server_hangs(
    postgres_server: PostgresServer, commit: HangingCommit
) -> None:
    store = await start_store(commit.url, None)
    with postgres_server.frozen():
        writes = [asyncio.create_task(store.run(put_pool(name))) for name in ("a", "b")]
        await asyncio.sleep(0)
        begun = time.monotonic()
        await store.close()
        assert time.monotonic() - begun < 5
        answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreFailed] * 2
