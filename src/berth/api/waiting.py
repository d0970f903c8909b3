"""Waits for the end of a task, as long as a caller likes."""

import asyncio
import re
from typing import Final

from starlette.types import Receive

from berth.api.http.sse import wait_for_hang_up
from berth.domain.errors import Unreadable
from berth.domain.records import Task
from berth.runtime.sides import run_until_first
from berth.store.feed import Change
from berth.store.store import Store

#: Longest wait that a caller may ask for.
MAX_WAIT_S: Final = 600.0

_WAIT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def parse_wait(text: str) -> float:
    """Read a wait such as ``30s``, ``500ms``, ``2m`` or ``30`` seconds; raises Unreadable."""
    found = _WAIT.fullmatch(text)
    wait_s = float(found[1]) * _UNITS[found[2] or "s"] if found else -1.0
    if not 0 <= wait_s <= MAX_WAIT_S:
        raise Unreadable(
            f"wait must be a time from 0s to {MAX_WAIT_S:.0f}s, for example 30s",
            code="invalid_query",
            field="wait",
        )
    return wait_s


async def wait_closed(store: Store, task: Task, *, wait_s: float, caller: Receive) -> Task:
    """Give a task when it is closed, or as it is when the time is over or the caller is gone."""
    ended = asyncio.Event()

    def note(changes: list[Change]) -> None:
        if any(change.table == "tasks" and change.key == task.id for change in changes):
            now = store.memory.tasks.get(task.id)
            if now is None or now.status.closed:
                ended.set()

    unlisten = store.feed.listen(note)
    try:
        if not task.status.closed:
            async with asyncio.timeout(wait_s):
                await run_until_first(ended.wait(), wait_for_hang_up(caller))
    except TimeoutError:
        pass
    finally:
        unlisten()
    return store.memory.tasks.get(task.id) or task
