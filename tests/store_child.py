"""A program that tests start and kill: writes pools for ever and prints each that is safe."""

import asyncio
import itertools
import sys
from pathlib import Path

from berth.domain.ids import PoolId
from berth.domain.records import Pool
from berth.runtime.clock import SystemClock
from berth.runtime.ids import new_uuid
from berth.store.draft import Draft
from berth.store.store import Store


async def write(store: Store, numbers: "itertools.count[int]") -> None:
    """Write one pool after another; a line is the pool's id and the newest revision."""
    while True:
        pool = Pool(id=PoolId(f"{store.memory.instance.epoch}-{next(numbers)}"), name="x")

        def command(draft: Draft, pool: Pool = pool) -> None:
            draft.pools.put(pool)

        await store.run(command)
        print(pool.id, store.memory.revision, flush=True)


async def main(url: str, lock: str, *rest: str) -> None:
    """Open the store; write, or, with a further word, print what was imported."""
    store = await Store.open(
        url, clock=SystemClock(), new_instance_id=new_uuid, lock_path=Path(lock)
    )
    if rest:
        print(*sys.modules)
        await store.close()
        return
    numbers = itertools.count()
    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(write(store, numbers))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
