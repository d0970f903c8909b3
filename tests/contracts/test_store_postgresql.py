"""What can only go wrong with a database over a connection."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.domain.errors import StartupError, StoreFailed
from berth.runtime.exit_codes import Exit
from postgres_server import PostgresServer
from store_fixtures import Outside, SkippingClock, all_tables, put_pool, start_store
from store_proxy import CuttingProxy

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgres_server: PostgresServer) -> Iterator[str]:
    """Yield the URL of an empty database."""
    made = postgres_server.create_database()
    yield made
    postgres_server.drop_database(made)


@pytest.fixture
def proxy(postgres_server: PostgresServer) -> Iterator[CuttingProxy]:
    """Put a proxy before the server."""
    with contextlib.closing(CuttingProxy(postgres_server.directory)) as running:
        yield running


def through(proxy: CuttingProxy, url: str) -> str:
    """Return the URL that goes by way of the proxy."""
    return f"{url.partition('?')[0]}?host={proxy.directory}"


async def test_the_advisory_lock_keeps_a_manager_on_another_machine_out(url: str) -> None:
    first = await start_store(url, None)
    with pytest.raises(StartupError, match="Another manager holds PostgreSQL") as refusal:
        await start_store(url, None)
    assert refusal.value.exit_code == Exit.HELD
    await first.close()
    await (await start_store(url, None)).close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_the_manager_lives_on_when_the_server_comes_back(
    postgres_server: PostgresServer, url: str, how: signal.Signals
) -> None:
    store = await start_store(url, None)
    await store.run(put_pool("before"))
    postgres_server.stop(how)
    with pytest.raises(StoreFailed):
        await store.run(put_pool("away"))
    postgres_server.start()
    await store.run(put_pool("after"))
    assert set(all_tables(store)["pools"]) == {"before", "after"}
    assert not store.lost_lease.is_set()
    await store.close()


async def test_the_lock_is_taken_again_after_the_server_was_away(
    postgres_server: PostgresServer, url: str
) -> None:
    clock = SkippingClock()
    store = await start_store(url, None, clock=clock)
    postgres_server.stop()
    postgres_server.start()
    await store.run(put_pool("soon"))
    clock.skipped_s = 11.0
    await store.run(put_pool("later"))
    with pytest.raises(StartupError, match="Another manager"):
        await start_store(url, None)
    await store.close()


@pytest.mark.parametrize(("moment", "written"), [("before", False), ("after", True)])
async def test_a_commit_that_is_cut_off_is_answered_with_the_truth(
    url: str, proxy: CuttingProxy, moment: str, written: bool
) -> None:
    store = await start_store(through(proxy, url), None)
    await store.run(put_pool("first"))
    proxy.cut = moment
    answer = (await asyncio.gather(store.run(put_pool("cut")), return_exceptions=True))[0]
    assert (answer == "cut") if written else isinstance(answer, StoreFailed)
    assert ("cut" in store.memory.pools) == written
    await store.run(put_pool("next"))
    before = all_tables(store)
    await store.close()
    again = await start_store(url, None)
    assert all_tables(again) == before
    await again.close()


async def test_an_unknown_outcome_is_asked_for_until_the_database_answers(
    url: str, proxy: CuttingProxy, caplog: pytest.LogCaptureFixture
) -> None:
    store = await start_store(through(proxy, url), None)
    proxy.cut = "after"
    cut = asyncio.create_task(store.run(put_pool("cut")))
    async with asyncio.timeout(10):
        while proxy.cut:  # noqa: ASYNC110 - the proxy's thread sets no event
            await asyncio.sleep(0)
    proxy.away = True
    with pytest.raises(StoreFailed, match="may be saved or not"):
        await store.run(put_pool("meanwhile"), deadline_s=0.7)
    proxy.away = False
    assert await cut == "cut"
    await store.run(put_pool("next"))
    assert set(all_tables(store)["pools"]) == {"cut", "next"}
    await store.close()


async def test_the_password_is_never_logged(
    postgres_server: PostgresServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for secret in (url.replace("postgres@", "postgres:s3cret@"), f"{url}&password=s3cret"):
        store = await start_store(secret, None)
        with contextlib.closing(Outside(url)) as outside:
            outside.execute("ALTER TABLE pools RENAME TO pools_away")
            with pytest.raises(StoreFailed) as failure:
                await store.run(put_pool("p"))
            outside.execute("ALTER TABLE pools_away RENAME TO pools")
        await store.close()
        assert "s3cret" not in str(failure.value)
    assert "s3cret" not in caplog.text


async def test_a_database_that_is_not_unicode_is_refused(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    postgres_server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StartupError, match="UTF8"):
        await start_store(postgres_server.url_of("latin"), None)
    postgres_server.execute("DROP DATABASE latin WITH (FORCE)")
