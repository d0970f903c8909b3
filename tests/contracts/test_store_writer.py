"""One writer: groups, refusals, failures, the feed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from berth.domain.errors import Conflict, Invalid, StoreFailed
from berth.domain.ids import PoolId
from berth.domain.records import Pool
from berth.runtime.aio import Steps
from berth.store.draft import Draft
from berth.store.feed import Change
from berth.store.store import Store
from berth.store.writer import GROUP_COMMANDS, GROUP_RECORDS, QUEUE_LIMIT
from store_fixtures import (
    Outside,
    SkippingClock,
    a_host,
    a_pool,
    all_tables,
    an_event,
    put_pool,
    start_store,
)


def refuse(draft: Draft) -> None:
    """Write something, then be refused."""
    draft.pools.put(a_pool("refused"))
    draft.record_event(an_event())
    raise Conflict("The pool is in use.")


def put_many(draft: Draft) -> Steps[str]:
    """Write more than is published at once."""
    for number in range(GROUP_RECORDS + 2):
        draft.pools.put(a_pool(f"pool-{number}"))
        yield
    return "done"


async def run_as_group(
    store: Store, outside: Outside, *commands: Callable[[Draft], Any]
) -> list[Any]:
    """Run commands so that they share a transaction: they gather while another one waits."""
    outside.block_writers()
    first = asyncio.create_task(store.run(put_pool("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(store.run(command)) for command in commands]
    await asyncio.sleep(0)
    outside.let_writers_go()
    answers = await asyncio.gather(first, *rest, return_exceptions=True)
    return list(answers[1:])


async def outcome_of(awaitable: Awaitable[Any]) -> Any:
    """Return the answer, or the exception."""
    try:
        return await awaitable
    except Exception as error:
        return error


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - conditions of the store set no event
            await asyncio.sleep(0.01)


async def test_commands_that_wait_share_one_transaction(store: Store, outside: Outside) -> None:
    commands = [put_pool(f"p{number}") for number in range(100)]
    answers = await run_as_group(store, outside, *commands)
    assert answers == [f"p{number}" for number in range(100)]
    assert store.transactions == 2


async def test_others_get_their_turn_between_groups_that_write_nothing(store: Store) -> None:
    async def tell(number: int) -> None:
        await asyncio.shield(store.run(lambda draft: None))
        order.append(number)

    order: list[int] = []
    running = [asyncio.create_task(tell(number)) for number in range(4 * GROUP_COMMANDS)]
    async with asyncio.timeout(5):
        while len(order) < GROUP_COMMANDS:  # noqa: ASYNC110 - the turns themselves are counted
            await asyncio.sleep(0)
        assert len(order) < 4 * GROUP_COMMANDS
        await asyncio.gather(*running)


@pytest.mark.parametrize(("commands", "records", "groups"), [(600, 1, 3), (4, 3_000, 2)])
async def test_a_group_is_bounded(
    database_url: str, commands: int, records: int, groups: int
) -> None:
    def write(draft: Draft, command: int) -> None:
        for number in range(records):
            draft.pools.put(a_pool(f"{command}-{number}"))

    store = await start_store(database_url, None, clock=SkippingClock(stands_still=True))
    writes = [store.run(lambda draft, c=command: write(draft, c)) for command in range(commands)]
    await asyncio.gather(*writes)
    assert store.transactions == groups
    assert len(store.memory.pools) == commands * records
    await store.close()


async def test_a_group_ends_when_its_commands_took_long(database_url: str) -> None:
    clock = SkippingClock()

    def slow(draft: Draft, number: int) -> None:
        draft.pools.put(a_pool(f"p{number}"))
        clock.skipped_s += 1.0

    store = await start_store(database_url, None, clock=clock)
    await asyncio.gather(
        *[store.run(lambda draft, n=number: slow(draft, n)) for number in range(5)]
    )
    assert store.transactions == 5
    await store.close()


async def test_a_refused_command_drops_out_alone(store: Store, outside: Outside) -> None:
    answers = await run_as_group(store, outside, put_pool("a"), refuse, put_pool("b"))
    assert answers[0] == "a"
    assert isinstance(answers[1], Conflict)
    assert answers[2] == "b"
    assert set(all_tables(store)["pools"]) == {"first", "a", "b"}
    assert store.memory.last_event_id == 0


@pytest.mark.parametrize("error", [KeyError("x"), StopIteration(1), TimeoutError()])
async def test_whatever_a_command_raises_reaches_its_caller_alone(
    store: Store, outside: Outside, error: Exception
) -> None:
    def fail(draft: Draft) -> None:
        raise error

    answers = await run_as_group(store, outside, put_pool("a"), fail)
    assert answers[0] == "a"
    assert type(answers[1]) is (RuntimeError if isinstance(error, StopIteration) else type(error))


@pytest.mark.parametrize("pool_id", ["nul\0", "half \ud83d character"])
async def test_a_record_that_no_database_takes_drops_out_alone(
    store: Store, outside: Outside, pool_id: str
) -> None:
    answers = await run_as_group(store, outside, put_pool("a"), put_pool(pool_id))
    assert answers[0] == "a"
    assert isinstance(answers[1], Invalid)
    assert set(all_tables(store)["pools"]) == {"first", "a"}


async def test_later_commands_of_a_group_see_the_earlier_ones(
    store: Store, outside: Outside
) -> None:
    def count(draft: Draft) -> int:
        return len(draft.pools)

    assert await run_as_group(store, outside, put_pool("a"), count, put_pool("b"), count) == [
        "a", 2, "b", 3,
    ]  # fmt: skip


async def test_a_failed_commit_leaves_memory_as_it_was_and_answers_all(
    store: Store, outside: Outside
) -> None:
    await store.run(put_pool("kept"))
    before, revision = all_tables(store), store.memory.revision
    heard: list[Change] = []
    store.feed.listen(heard.extend)
    outside.execute("ALTER TABLE hosts RENAME TO hosts_away")
    commands = [put_pool("a"), lambda draft: draft.hosts.put(a_host("h", "h")), refuse]
    answers = await asyncio.gather(*[outcome_of(store.run(command)) for command in commands])
    assert [type(answer) for answer in answers] == [StoreFailed] * 3
    assert (all_tables(store), store.memory.revision, heard) == (before, revision, [])
    outside.execute("ALTER TABLE hosts_away RENAME TO hosts")
    assert await store.run(put_pool("next")) == "next"


async def test_a_name_that_is_taken_after_all_fails_in_the_database(store: Store) -> None:
    await store.run(lambda draft: draft.hosts.put(a_host("h1", "same")))
    with pytest.raises(StoreFailed, match=r"(?i)unique"):
        await store.run(lambda draft: draft.hosts.put(a_host("h2", "same")))
    assert await store.run(put_pool("next")) == "next"


async def test_the_feed_tells_changes_in_commit_order(store: Store) -> None:
    heard: list[Change] = []
    store.feed.listen(heard.extend)
    await store.run(put_pool("p", "old"))
    await store.run(put_pool("p", "new"))
    await store.run(lambda draft: draft.pools.drop("p"))
    first = heard[0].revision
    assert heard == [
        Change(first, "pools", "p", None, a_pool("p", "old")),
        Change(first + 1, "pools", "p", a_pool("p", "old"), a_pool("p", "new")),
        Change(first + 2, "pools", "p", a_pool("p", "new"), None),
    ]
    assert store.memory.revision == first + 2


async def test_the_feed_comes_after_memory_and_before_the_answer(store: Store) -> None:
    order: list[str] = []
    store.feed.listen(lambda changes: order.append(f"feed, {len(store.memory.pools)} in memory"))
    await store.run(put_pool("p"))
    order.append("answer")
    assert order == ["feed, 1 in memory", "answer"]


async def test_while_a_transaction_runs_readers_see_the_old_memory(
    store: Store, outside: Outside
) -> None:
    outside.block_writers()
    write = asyncio.create_task(store.run(put_pool("p")))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not write.done()
    assert len(store.memory.pools) == 0
    outside.let_writers_go()
    await write
    assert len(store.memory.pools) == 1


async def test_reading_costs_no_transaction(store: Store) -> None:
    assert await store.run(lambda draft: len(draft.pools)) == 0
    assert store.transactions == 0


async def test_writing_what_is_there_already_costs_no_transaction(store: Store) -> None:
    await store.run(put_pool("p"))
    await store.run(put_pool("p"))
    await store.run(lambda draft: (draft.pools.put(a_pool("q")), draft.pools.drop("q")))
    assert store.transactions == 1


async def test_a_write_that_waits_too_long_is_answered(store: Store, outside: Outside) -> None:
    outside.block_writers()
    first = asyncio.create_task(store.run(put_pool("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(StoreFailed, match="did not answer within"):
        await store.run(put_pool("late"), deadline_s=0.05)
    outside.let_writers_go()
    await first
    await store.run(lambda draft: None)
    assert set(all_tables(store)["pools"]) == {"first"}


async def test_too_many_waiting_writes_are_refused_at_once(store: Store, outside: Outside) -> None:
    outside.block_writers()
    tasks = [asyncio.create_task(store.run(lambda draft: None)) for _ in range(QUEUE_LIMIT + 300)]
    await asyncio.sleep(0)
    refused = [task for task in tasks if task.done()]
    outside.let_writers_go()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(refused) == 300
    assert sum(isinstance(answer, StoreFailed) for answer in answers) == 300


async def test_nothing_is_written_after_closing(store: Store) -> None:
    await store.close()
    with pytest.raises(StoreFailed, match="stopping"):
        await store.run(put_pool("p"))


async def test_a_manager_whose_data_was_taken_over_writes_nothing_more(
    store: Store, outside: Outside
) -> None:
    await store.run(put_pool("mine"))
    outside.execute("UPDATE instance SET epoch = epoch + 1")
    waiting = [outcome_of(store.run(put_pool(f"p{number}"))) for number in range(3)]
    answers = await asyncio.gather(*waiting)
    assert [type(answer) for answer in answers] == [StoreFailed] * 3
    assert store.lost_lease.is_set()
    with pytest.raises(StoreFailed, match="taken this data over"):
        await store.run(put_pool("p"))
    assert [row[0] for row in outside.execute("SELECT id FROM pools")] == ["mine"]


async def test_writes_that_wait_when_the_data_is_taken_over_are_answered_at_once(
    store: Store, outside: Outside
) -> None:
    outside.block_writers()
    outside.execute("UPDATE instance SET epoch = epoch + 1")
    writes = [asyncio.create_task(store.run(put_pool("first")))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writes += [asyncio.create_task(store.run(put_pool(f"p{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    outside.execute("COMMIT")
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreFailed] * 4


async def test_a_saved_change_that_memory_cannot_take_ends_the_manager(store: Store) -> None:
    def unhashable(draft: Draft) -> None:
        draft.hosts.put(msgspec.structs.replace(a_host("h", "h"), pool_id=["no", "pool"]))

    with pytest.raises(StoreFailed, match="must restart"):
        await store.run(unhashable)
    assert store.lost_lease.is_set()


async def test_records_keep_what_their_body_says(store: Store, outside: Outside) -> None:
    pool = Pool(id=PoolId("p"), name="ä\n\0", tags=("a", "b"))
    await store.run(lambda draft: draft.pools.put(pool))
    assert store.memory.pools.get("p") == pool
    assert "ä" in outside.execute("SELECT body FROM pools")[0][0]


async def observed(store: Store, count: int, *, start: int = 0) -> None:
    """Observe changes one by one, without giving the writer a chance in between."""
    for number in range(start, start + count):
        store.observe([("reports", str(number), None, number)])


async def test_observed_changes_get_revisions_and_reach_the_feed(store: Store) -> None:
    heard: list[Change] = []
    store.feed.listen(heard.extend)
    first = store.observe([("reports", "a", None, 1), ("reports", "b", None, 2)])
    assert [change.revision for change in heard] == [first - 1, first]
    await store.run(put_pool("p"))
    assert heard[-1].revision == first + 1


async def test_revisions_are_reserved_before_they_run_out(store: Store, outside: Outside) -> None:
    await observed(store, 6_000)
    await until(lambda: store.transactions == 1)
    reserved = outside.execute("SELECT revision_reserved FROM instance")[0][0]
    assert reserved >= store.memory.revision + 10_000


async def test_no_revision_is_given_out_that_is_not_reserved(
    store: Store, outside: Outside
) -> None:
    heard: list[Change] = []
    store.feed.listen(heard.extend)
    reserved = outside.execute("SELECT revision_reserved FROM instance")[0][0]
    outside.block_writers()
    await observed(store, 25_000)
    assert store.memory.revision == heard[-1].revision == reserved - 1
    outside.let_writers_go()
    await until(lambda: len(heard) == 25_000)
    assert [change.after for change in heard] == list(range(25_000))
    assert [change.revision for change in heard] == sorted({c.revision for c in heard})


async def test_observed_changes_that_wait_for_revisions_keep_their_order(store: Store) -> None:
    heard: list[Change] = []
    store.feed.listen(heard.extend)
    store.observe([("reports", str(number), None, number) for number in range(12_000)])
    store.observe([("reports", "7", 7, "changed"), ("reports", "last", None, 1)])
    await until(lambda: bool(heard))
    assert [change.key for change in heard] == [*map(str, range(12_000)), "last"]
    assert (heard[7].before, heard[7].after) == (None, "changed")
    store.observe([("reports", "next", None, 1)])
    assert heard[-1].revision == store.memory.revision == heard[-2].revision + 1


async def test_a_large_transaction_reserves_its_own_revisions(
    store: Store, outside: Outside
) -> None:
    def write(draft: Draft) -> None:
        for number in range(12_000):
            draft.pools.put(a_pool(f"p{number}"))

    await store.run(write)
    reserved = outside.execute("SELECT revision_reserved FROM instance")[0][0]
    assert reserved > store.memory.revision >= 12_000


async def test_a_command_in_steps_is_one_transaction_told_in_parts(store: Store) -> None:
    parts: list[list[Change]] = []
    store.feed.listen(parts.append)
    before, first = store.transactions, store.memory.revision + 1
    assert await store.run_steps(put_many) == "done"
    assert store.transactions == before + 1
    assert [len(part) for part in parts] == [GROUP_RECORDS, 2]
    told = [change.revision for part in parts for change in part]
    assert told == list(range(first, first + GROUP_RECORDS + 2))
    assert "pool-0" in store.memory.pools


async def test_a_command_in_steps_that_nobody_waits_for_is_not_begun(store: Store) -> None:
    def put_late(draft: Draft) -> Steps[str]:
        yield
        return put_pool("late")(draft)

    first = asyncio.create_task(store.run_steps(put_many))
    late = asyncio.create_task(store.run_steps(put_late))
    await asyncio.sleep(0)
    late.cancel()
    assert await first == "done"
    await store.run(put_pool("after"))
    assert "late" not in store.memory.pools


async def test_a_refused_command_in_steps_leaves_no_trace(store: Store) -> None:
    def refuse_late(draft: Draft) -> Steps[None]:
        yield from put_many(draft)
        raise Conflict("The pool is in use.")

    before = all_tables(store)
    later = asyncio.gather(store.run_steps(refuse_late), store.run(put_pool("after")),
                           return_exceptions=True)  # fmt: skip
    refused, _ = await later
    assert isinstance(refused, Conflict)
    assert set(all_tables(store)["pools"]) - set(before["pools"]) == {"after"}
