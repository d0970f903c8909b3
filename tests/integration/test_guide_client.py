"""The examples of the guide to the client run as they are printed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec

from berth.domain.states import TaskStatus
from berth.domain.streams import Piece
from integration.api_bed import PASSWORD, Bed
from integration.served import serve
from integration.test_api_containers import ID

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "client.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)

LINE = b"2026-01-01T00:00:00.000000001Z hello\n"


def run_all(names: dict[str, Any]) -> None:
    """Run the examples one after the other, as a reader would."""
    for block in BLOCKS:
        exec(compile(block, str(GUIDE), "exec"), names)
    names["hosts"] = asyncio.run(names["count"]())
    names["berth"].close()


async def test_every_example_of_the_guide_runs(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    output = [Piece("stdout", LINE), None, Piece("stdout", b"hello\n"), Piece("exit", b"0"), None]
    bed.agents.say(ID, *output)
    names: dict[str, Any] = {"token": bed.bearer, "password": PASSWORD, "container_id": ID}
    async with serve(bed) as address:
        names["url"] = f"http://{address}"
        ending = asyncio.create_task(end_tasks(bed))
        await asyncio.wait_for(asyncio.to_thread(run_all, names), 60)
        await ending
    assert names["hosts"] == 1
    assert names["finished"].stdout == b"hello\n"
    assert names["known"] == {"shop": {"web": 3}}


async def end_tasks(bed: Bed) -> None:
    """Let the drain fail, since no reconciler runs here."""
    begun = asyncio.Event()
    unlisten = bed.store.feed.listen(
        lambda changes: begun.set() if any(named_drain(each) for each in changes) else None
    )
    await asyncio.wait_for(begun.wait(), 30)
    unlisten()
    task = next(each for each in bed.store.memory.tasks.values() if "drain" in each.name)
    failed = msgspec.structs.replace(task, status=TaskStatus.FAILED, closed_at=bed.clock.now())
    await bed.store.run(lambda draft: draft.tasks.put(failed))


def named_drain(change: Any) -> bool:
    return change.table == "tasks" and "drain" in change.after.name
