"""The store: what the rest of the manager reads and writes durable state through."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from berth.domain.fleet import Fleet
from berth.runtime.aio import Steps
from berth.runtime.clock import Clock
from berth.runtime.ids import new_uuid
from berth.store.draft import Draft
from berth.store.feed import Feed
from berth.store.loader import load_memory
from berth.store.memory import Memory
from berth.store.revisions import Changed, Revisions
from berth.store.sql.database import Database
from berth.store.sql.engine import parse_url
from berth.store.sql.lock import FileLock
from berth.store.sql.thread import DatabaseThread
from berth.store.writer import Writer

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Longest time for a command of many steps to be written.
_STEPS_S = 300.0

#: Longest wait, when the manager stops, for changes to be written; the program has promised
#: to end within 10 s, of which requests under way take a part.
_CLOSE_S = 3.0

#: After that, the longest wait for the database to let the manager go.
_LET_GO_S = 1.5


class Store:
    """All durable state of one instance, held by one manager."""

    def __init__(
        self,
        database: Database,
        memory: Memory,
        *,
        lock: FileLock | None,
        thread: DatabaseThread,
        clock: Clock,
    ) -> None:
        """Start the writer; use ``Store.open``."""
        self.memory = memory
        self.feed = Feed(newest=memory.revision)
        self._database = database
        self._lock = lock
        self._thread = thread
        self._writer = Writer(
            memory,
            Revisions(memory, self.feed),
            database=database,
            thread=thread,
            clock=clock,
        )
        #: Set when another manager owns the data, or memory can no longer be trusted; then every
        #: write is refused, and the manager has to end itself.
        self.lost_lease = self._writer.lost_lease
        self._closed = False
        self._work = asyncio.create_task(self._writer.work(), name="store writer")

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        clock: Clock,
        new_instance_id: Callable[[], str],
        lock_path: Path | None,
    ) -> "Store":
        """Lock the data, bring its tables up to date, begin an epoch, and load everything.

        Raises ``StartupError`` with one sentence and an exit code of ``Exit``.
        """
        parsed = parse_url(url)
        lock = FileLock(lock_path) if lock_path is not None else None
        if lock is not None:
            lock.take()
        thread = DatabaseThread()

        def load() -> tuple[Database, Memory]:
            database = Database(parsed)
            try:
                instance, counters = database.start(
                    now=clock.now(), new_instance_id=new_instance_id
                )
                memory = Memory(instance)
                load_memory(database.engine, memory, counters=counters, start_id=new_uuid())
            except BaseException:
                database.close()
                raise
            return database, memory

        try:
            database, memory = await asyncio.get_running_loop().run_in_executor(thread, load)
        except BaseException:
            thread.shutdown(wait=False)
            if lock is not None:
                lock.free()
            raise
        return cls(database, memory, lock=lock, thread=thread, clock=clock)

    @property
    def fleet(self) -> Fleet:
        """Everything that planning reads; live, so read it without awaiting in between."""
        return self.memory.fleet

    @property
    def transactions(self) -> int:
        """How many transactions were committed since the start."""
        return self._writer.transactions

    @property
    def disk_trouble(self) -> str:
        """Why nothing can be saved for want of space, "" when the last transaction was saved."""
        return self._writer.disk_trouble

    async def run(self, command: Callable[[Draft], T], *, deadline_s: float = 30.0) -> T:
        """Run a command and return its answer once what it wrote is durable and in memory.

        What the command raises comes out of here, and then nothing of it was written. Raises
        ``StoreFailed`` when the database failed, is overloaded, or did not answer in time; after a
        deadline, or a cancellation, the change may still be written.
        """
        answer: T = await self._writer.run(command, deadline_s=deadline_s)
        return answer

    async def run_steps(self, command: Callable[[Draft], Steps[T]]) -> T:
        """Run a command of many steps as ``run``; reads go on in between, other writes wait."""
        answer: T = await self._writer.run(command, deadline_s=_STEPS_S, in_steps=True)
        return answer

    def observe(self, changes: list[Changed]) -> int:
        """Number and publish changes of observed state that the caller has made in memory.

        Returns the newest revision. When the reserved revisions are used up, which takes a database
        that is away, the changes are published as soon as more are reserved; nothing blocks.
        """
        return self._writer.observe(changes)

    async def close(self) -> None:
        """Write what waits, then let go of the data, within 5 s in any case; safe to repeat."""
        if self._closed:
            return
        self._closed = True
        self._writer.stop()
        _, late = await asyncio.wait({self._work}, timeout=_CLOSE_S)
        if late:
            log.error(
                "%s did not answer within %g s at the end; the manager ends without it, and the "
                "changes that waited may be saved or not",
                self._database.name,
                _CLOSE_S,
            )
            self._work.cancel()
            await asyncio.wait({self._work})
            self._database.abort()
        self._writer.abandon()
        await self._let_go()

    async def _let_go(self) -> None:
        """Disconnect and free the locks; a call that hangs leaves that to when it ends."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, self._disconnect)
        _, hangs = await asyncio.wait({done}, timeout=_LET_GO_S)
        if hangs:
            log.warning("a call of %s hangs; the end of the program ends it", self._database.name)
            done.cancel()
            self._thread.submit(self._disconnect)  # nobody waits: the loop may be closed by then
        else:
            done.result()
        self._thread.shutdown(wait=False)

    def _disconnect(self) -> None:
        self._database.close()
        if self._lock is not None:
            self._lock.free()
