"""Whatever commands ran, a fresh start reads what memory said."""

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from berth.domain.errors import Conflict
from berth.domain.states import Severity
from berth.store.draft import Draft
from store_fixtures import a_host, a_pool, a_user, all_tables, an_assignment, an_event, start_store

numbers = st.integers(0, 12)
words = st.text(max_size=5)
steps = st.one_of(
    st.tuples(st.just("pools"), numbers, words),
    st.tuples(st.just("users"), numbers, st.none()),
    st.tuples(st.just("hosts"), numbers, st.none()),
    st.tuples(st.just("assignments"), numbers, st.sampled_from(["a:1", "b:2"])),
    st.tuples(st.just("events"), numbers, st.sampled_from(Severity)),
    st.tuples(
        st.just("drop"), numbers, st.sampled_from(["pools", "users", "hosts", "assignments"])
    ),
)
#: Steps, and whether the command is refused in the end.
commands = st.tuples(st.lists(steps, max_size=5), st.booleans())


def take(draft: Draft, kind: str, *, number: int, extra: Any) -> None:
    """Do one step."""
    if kind == "pools":
        draft.pools.put(a_pool(f"p{number}", extra))
    elif kind == "users":
        draft.users.put(a_user(number, f"user {number}"))
    elif kind == "hosts":
        draft.hosts.put(a_host(f"h{number}", f"host {number}"))
    elif kind == "assignments":
        draft.assignments.put(an_assignment(f"a{number}", host=f"h{number % 3}", image=extra))
    elif kind == "events":
        draft.record_event(an_event(f"h{number}", extra))
    else:
        key = str(number) if extra == "users" else f"{extra[0]}{number}"
        getattr(draft, extra).drop(key)


async def run_and_reopen(url: str, groups: list[list[Any]]) -> tuple[Any, Any]:
    """Run groups of commands at once, and read the tables before and after a restart."""
    store = await start_store(url, None)
    for group in groups:
        ran = [
            store.run(lambda draft, s=steps, r=refused: run_one(draft, s, refused=r))
            for steps, refused in group
        ]
        for answer in await asyncio.gather(*ran, return_exceptions=True):
            assert answer is None or isinstance(answer, Conflict)
    before = summary(store)
    await store.close()
    store = await start_store(url, None)
    after = summary(store)
    await store.close()
    return before, after


def summary(store: Any) -> Any:
    """Return what must be the same after a restart."""
    memory = store.memory
    on = {f"h{n}": sorted(a.id for a in store.fleet.assignments_on(f"h{n}")) for n in range(3)}
    return all_tables(store), memory.last_event_id, memory.status_generation, on


def run_one(draft: Draft, steps: list[Any], *, refused: bool) -> None:
    """Run a command of steps."""
    for kind, number, extra in steps:
        take(draft, kind, number=number, extra=extra)
    if refused:
        raise Conflict("no")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(groups=st.lists(st.lists(commands, max_size=6), max_size=4))
def test_a_fresh_start_reads_what_memory_said(
    groups: list[Any], database_url: str, tmp_path: Path
) -> None:
    # Examples share the database: what an earlier one left is part of the next one's start.
    before, after = asyncio.run(run_and_reopen(database_url, groups))
    assert after == before
