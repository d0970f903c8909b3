"""Starting: the lock, the tables, and plain words when it does not work."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit
from berth.store.sql.engine import make_engine, parse_url
from berth.store.sql.tables import SCHEMA_HEAD, metadata
from berth.store.store import Store
from store_fixtures import OpenStore, Outside, put_pool, start_store


async def test_a_second_manager_is_refused(store: Store, open_store: OpenStore) -> None:
    with pytest.raises(StartupError, match="Another manager") as refusal:
        await open_store()
    assert refusal.value.exit_code == Exit.HELD
    assert await store.run(put_pool("p")) == "p"


async def test_the_lock_is_free_after_closing(open_store: OpenStore) -> None:
    for _ in range(3):
        await (await open_store()).close()
    assert (await open_store()).memory.instance.epoch == 4


async def test_a_refused_start_holds_nothing(open_store: OpenStore, outside: Outside) -> None:
    await (await open_store()).close()
    outside.execute("UPDATE alembic_version SET version_num = 'ffff'")
    for _ in range(2):
        with pytest.raises(StartupError, match="newer") as refusal:
            await open_store()
        assert refusal.value.exit_code == Exit.NEWER_SCHEMA
    outside.execute(f"UPDATE alembic_version SET version_num = '{SCHEMA_HEAD}'")
    assert await (await open_store()).run(put_pool("p")) == "p"


async def test_the_migrations_make_the_tables_that_the_code_expects(
    store: Store, database_url: str
) -> None:
    engine = make_engine(parse_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_a_record_that_cannot_be_read_is_named(
    open_store: OpenStore, outside: Outside
) -> None:
    store = await open_store()
    await store.run(put_pool("p"))
    await store.close()
    outside.execute("UPDATE pools SET body = '[]'")
    with pytest.raises(StartupError, match="'p' in table pools"):
        await open_store()


async def test_what_a_newer_version_wrote_into_a_body_is_passed_over(
    open_store: OpenStore, outside: Outside
) -> None:
    store = await open_store()
    await store.run(put_pool("p"))
    await store.close()
    outside.execute("""UPDATE pools SET body = '{"id":"p","name":"n","colour":"red"}'""")
    outside.execute("""INSERT INTO settings VALUES ('settings', '{"host_ttl_s":-1,"mood":"?"}')""")
    reopened = await open_store()
    assert [pool.name for pool in reopened.memory.pools.values()] == ["n"]
    assert reopened.memory.settings.host_ttl_s == 6.0


def no_database(tmp_path: Path) -> str:
    (tmp_path / "berth.db").write_text("this is not a database" * 100)
    return f"sqlite:///{tmp_path}/berth.db"


@pytest.mark.parametrize(
    ("url_of", "words"),
    [
        (no_database, "not a database"),
        (lambda path: f"sqlite:///{path}/none/berth.db", "No such file"),
        (lambda path: "postgresql://u:s3cret@127.0.0.1:1/d", "PostgreSQL d at 127.0.0.1:1"),
        (lambda path: "postgresql://u:s3cret@host:port/d", "cannot be read"),
        (lambda path: "mysql://u:s3cret@host/d", "not in mysql"),
        (lambda path: "s3cret", "cannot be read"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, url_of: Callable[[Path], str], words: str
) -> None:
    with pytest.raises(StartupError) as refusal:
        await start_store(url_of(tmp_path), tmp_path / "lock")
    assert words in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
    assert refusal.value.exit_code == Exit.DATABASE


async def test_a_lock_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="lock file"):
        await start_store("sqlite://", tmp_path / "none" / "lock")


async def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = await start_store(f"sqlite:///{tmp_path}/berth.db", None)
    await store.run(put_pool("p"))
    modes = {entry.name: oct(entry.stat().st_mode & 0o777) for entry in os.scandir(tmp_path)}
    assert modes == dict.fromkeys(("berth.db", "berth.db-wal", "berth.db-shm"), "0o600")
    await store.close()


async def test_a_store_in_memory_works_for_tests() -> None:
    store = await start_store("sqlite://", None)
    assert await store.run(put_pool("p")) == "p"
    await store.close()


async def test_the_database_is_told_to_write_through_to_the_disk(database_url: str) -> None:
    engine = make_engine(parse_url(database_url))
    asked = ["SHOW synchronous_commit"]  # not fsync, which the tests' server goes without
    if database_url.startswith("sqlite"):
        asked = ["PRAGMA journal_mode", "PRAGMA synchronous"]
    with engine.connect() as connection:
        answers = [connection.exec_driver_sql(statement).scalar() for statement in asked]
    engine.dispose()
    assert answers in (["on"], ["wal", 2])


async def test_an_instance_that_existed_goes_on_showing_the_token_of_its_user(
    open_store: OpenStore, outside: Outside
) -> None:
    store = await open_store()
    assert store.memory.settings.api_token_of == "deployment"
    await store.close()
    outside.execute("UPDATE alembic_version SET version_num = '0005'")
    outside.execute("""INSERT INTO settings VALUES ('settings', '{"host_ttl_s":9}')""")
    older = await open_store()
    assert (older.memory.settings.api_token_of, older.memory.settings.host_ttl_s) == ("user", 9.0)
