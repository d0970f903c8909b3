"""What was acknowledged is there again; what was refused never is."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from berth.domain.errors import StoreFailed
from berth.domain.states import Severity
from berth.store.draft import Draft
from berth.store.revisions import BLOCK
from berth.store.sql.database import STARTS_KEPT
from berth.store.store import Store
from store_fixtures import (
    OpenStore,
    Outside,
    SkippingClock,
    a_host,
    a_user,
    all_tables,
    an_assignment,
    an_event,
    put_pool,
    start_store,
)

CHILD = Path(__file__).parents[1] / "store_child.py"


def fill(draft: Draft) -> None:
    """Write to many tables."""
    put_pool("p", "Straße ☃")(draft)
    draft.users.put(a_user(1, "ada"))
    for number in range(12):
        draft.hosts.put(a_host(f"h{number}", f"host-{number}"))
        draft.assignments.put(an_assignment(f"a{number}", host=f"h{number}"))
        draft.record_event(an_event(f"h{number}", Severity.WARNING))
    draft.clear_status(an_event("h3", Severity.CLEARED))


async def test_reopening_gives_the_tables_that_were_in_memory(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(fill)
    before = all_tables(first)
    await first.close()
    second = await open_store()
    assert all_tables(second) == before
    assert second.memory.last_event_id == 13
    assert second.memory.status_generation == 13
    assert len(second.fleet.assignments_on(a_host("h3", "").id)) == 1


async def test_events_are_loaded_in_the_order_of_their_numbers(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(fill)
    await first.close()
    second = await open_store()
    assert [event.id for event in second.memory.events.values()] == list(range(1, 14))


async def test_event_numbers_grow_although_all_events_were_dropped(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(lambda draft: draft.record_event(an_event()))
    await first.run(
        lambda draft: (draft.events.drop("1"), draft.statuses.drop("host|h1|||host_silent"))
    )
    await first.close()
    second = await open_store()
    assert len(second.memory.events) == 0
    event = await second.run(lambda draft: draft.record_event(an_event()))
    assert event.id == 2
    assert second.memory.status_generation == 2


async def test_equal_specs_are_one_object_after_loading(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(fill)
    await first.close()
    second = await open_store()
    specs = [assignment.spec for assignment in second.memory.assignments.values()]
    assert specs[0] == an_assignment("x").spec
    assert all(spec is specs[0] for spec in specs)


async def test_changed_settings_are_kept(open_store: OpenStore) -> None:
    first = await open_store()

    def change(draft: Draft) -> None:
        draft.settings = msgspec.structs.replace(draft.settings, host_ttl_s=9.0)

    await first.run(change)
    assert first.memory.settings.host_ttl_s == 9.0
    await first.close()
    assert (await open_store()).memory.settings.host_ttl_s == 9.0


async def test_dropped_records_stay_dropped(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(put_pool("p1"))
    await first.run(put_pool("p2"))
    await first.run(lambda draft: draft.pools.drop("p1"))
    await first.close()
    assert set(all_tables(await open_store())["pools"]) == {"p2"}


async def test_names_may_change_hands_within_one_group(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(
        lambda draft: [draft.hosts.put(a_host("h1", "a")), draft.hosts.put(a_host("h2", "b"))]
    )

    def swap(draft: Draft) -> None:
        draft.hosts.put(a_host("h1", "b"))
        draft.hosts.put(a_host("h2", "a"))

    await first.run(swap)
    await first.close()
    hosts = (await open_store()).memory.hosts
    assert [host.id for host in hosts.find("name", "a")] == ["h2"]


async def test_each_start_is_an_epoch_of_the_same_instance(open_store: OpenStore) -> None:
    first = await open_store()
    await first.close()
    second = await open_store()
    assert first.memory.instance.epoch == 1
    assert second.memory.instance.epoch == 2
    assert second.memory.instance.id == first.memory.instance.id


async def test_changes_of_assignments_are_marked_and_known_to_later_starts(
    open_store: OpenStore,
) -> None:
    first = await open_store()
    await first.run(lambda draft: draft.assignments.put(an_assignment("a1")))
    await first.run(lambda draft: draft.assignments.put(an_assignment("a2")))
    mark = first.memory.lineage.mark
    await first.close()
    second = await open_store()
    assert (mark.number, second.memory.lineage.mark) == (2, mark)
    await second.run(lambda draft: draft.assignments.drop("a1"))
    assert second.memory.lineage.find(mark.start) == mark
    assert second.memory.lineage.mark.number == 3
    assert second.memory.lineage.mark.start not in ("", mark.start)


async def test_what_changes_no_assignment_or_fails_is_not_marked(
    store: Store, outside: Outside
) -> None:
    await store.run(put_pool("p"))
    outside.execute("DROP TABLE assignments")
    with pytest.raises(StoreFailed):
        await store.run(lambda draft: draft.assignments.put(an_assignment("a1")))
    assert store.memory.lineage.mark.number == 0
    assert outside.execute("SELECT count(*) FROM starts") == [(0,)]


async def test_starts_that_changed_assignments_are_bounded(
    open_store: OpenStore, outside: Outside
) -> None:
    await (await open_store()).close()
    rows = ", ".join(f"('s{number}', {number})" for number in range(1, STARTS_KEPT + 3))
    outside.execute(f"INSERT INTO starts VALUES {rows}")
    lineage = (await open_store()).memory.lineage
    assert not lineage.find("s2")
    assert lineage.find("s3").number == 3
    assert lineage.mark.number == STARTS_KEPT + 2


async def test_revisions_grow_over_a_restart(open_store: OpenStore) -> None:
    first = await open_store()
    await first.run(put_pool("p"))
    newest = first.observe([("reports", str(number), None, number) for number in range(BLOCK - 10)])
    await first.close()
    assert (await open_store()).memory.revision >= newest


async def run_child(url: str, lock: Path) -> tuple[list[str], int]:
    """Let a child write until it has said 200 times that a write is safe, then kill it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), url, str(lock), stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    async with asyncio.timeout(60):
        lines = [await child.stdout.readline() for _ in range(200)]
        os.kill(child.pid, signal.SIGKILL)
        lines += (await child.stdout.read()).splitlines(keepends=True)
        await child.wait()
    whole = [line.split() for line in lines if line.endswith(b"\n")]
    return [words[0].decode() for words in whole], max(int(words[1]) for words in whole)


@pytest.mark.parametrize("round_number", range(3))
async def test_acknowledged_writes_survive_a_kill(
    round_number: int, open_store: OpenStore, database_url: str, tmp_path: Path
) -> None:
    acknowledged: list[str] = []
    newest = 0
    for _ in range(2):
        keys, seen = await run_child(database_url, tmp_path / "lock")
        assert seen > newest
        acknowledged, newest = acknowledged + keys, seen
    store = await open_store()
    assert [key for key in acknowledged if key not in store.memory.pools] == []
    assert store.memory.revision > newest


async def test_a_second_start_leaves_the_migration_tool_alone(
    open_store: OpenStore, database_url: str, tmp_path: Path
) -> None:
    await (await open_store()).close()
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), database_url, str(tmp_path / "lock"), "modules",
        stdout=subprocess.PIPE,
    )  # fmt: skip
    loaded = (await child.communicate())[0].decode().split()
    assert "sqlalchemy" in loaded
    assert "alembic" not in loaded
    assert ("psycopg" in loaded) == database_url.startswith("postgresql")


async def test_closing_writes_what_waits(open_store: OpenStore) -> None:
    first = await open_store()
    writes = [asyncio.create_task(first.run(put_pool(f"p{number}"))) for number in range(300)]
    await asyncio.sleep(0)
    await first.close()
    await asyncio.gather(*writes)
    await first.close()
    assert len((await open_store()).memory.pools) == 300


async def test_closing_does_not_wait_for_a_database_that_is_blocked(
    store: Store, outside: Outside
) -> None:
    outside.block_writers()
    write = asyncio.create_task(store.run(put_pool("p")))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await store.close()
    with pytest.raises(StoreFailed, match="may be saved or not"):
        await write
    outside.let_writers_go()


async def test_a_cancelled_caller_does_no_harm(store: Store) -> None:
    cancelled = asyncio.create_task(store.run(put_pool("p1")))
    await asyncio.sleep(0)
    cancelled.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await cancelled
    assert await store.run(put_pool("p2")) == "p2"


def copied_pools(database_url: str, copy: Path) -> list[tuple[str]]:
    """Copy the one file of a database that is in use, and read the pools of the copy."""
    copy.write_bytes(Path(database_url.removeprefix("sqlite:///")).read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT id FROM pools").fetchall()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_copy_of_the_file_alone_lacks_a_minute_at_most(
    database_url: str, tmp_path: Path
) -> None:
    clock = SkippingClock()
    store = await start_store(database_url, tmp_path / "lock", clock=clock)
    await store.run(put_pool("early"))
    clock.skipped_s = 61.0
    await store.run(put_pool("late"))
    # The late one is there too when the writer was quiet before the copy was made.
    assert ("early",) in copied_pools(database_url, tmp_path / "copy.db")
    await store.close()
