"""The one writer: groups commands, commits each group, then memory, the feed, the answers."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from berth.domain.errors import DiskFull, StoreFailed
from berth.runtime.aio import run_through, take_turns
from berth.runtime.clock import Clock
from berth.store.draft import Draft
from berth.store.group import CommandGroup, Waiting
from berth.store.memory import Memory
from berth.store.revisions import Changed, Revisions
from berth.store.sql.database import Batch, Database, LeaseLost, OutcomeUnknown

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Commands waiting beyond this many are refused at once.
QUEUE_LIMIT = 10_000

#: A group is closed at this many commands, changed records, or seconds of running commands.
GROUP_COMMANDS = 256
GROUP_RECORDS = 5_000
GROUP_S = 0.01

#: The writer sees this often that its lock on PostgreSQL still holds.
_CARE_S = 10.0

#: What SQLite wrote beside its file is folded into it this often at least, and when nothing is written.
_FOLD_S = 60.0

#: A call of the database that takes longer is ended: a server that hangs while its kernel
#: acknowledges is noticed by no time limit of the connection.
_CALL_S = 25.0

#: Wait between two checks of whether a call takes too long.
_LOOK_S = 0.5

#: Wait before a failed reservation of revisions, or a question for an outcome, is tried again.
_RETRY_S = 0.5

_TAKEN_OVER = "Another manager has taken this data over; this one writes nothing more and ends."


class Writer:
    """Takes commands from any task of the loop, and runs them one after another."""

    def __init__(
        self,
        memory: Memory,
        revisions: Revisions,
        *,
        database: Database,
        thread: Executor,
        clock: Clock,
    ) -> None:
        self._memory = memory
        self._revisions = revisions
        self._database = database
        self._thread = thread
        self._clock = clock
        self._queue: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._care_at = clock.monotonic() + _CARE_S
        self._fold_at = clock.monotonic() + _FOLD_S
        #: Set when another manager owns the data; nothing is written any more.
        self.lost_lease = asyncio.Event()
        #: Transactions committed so far.
        self.transactions = 0
        #: Why the last transaction failed, if that was for want of space; "" otherwise.
        self.disk_trouble = ""

    async def run(
        self, command: Callable[[Draft], Any], *, deadline_s: float, in_steps: bool = False
    ) -> Any:
        """Run a command and return its answer once it is durable."""
        if self.lost_lease.is_set():
            raise StoreFailed(_TAKEN_OVER)
        if self._closing:
            raise StoreFailed("The manager is stopping; try again when it is back.")
        if len(self._queue) >= QUEUE_LIMIT:
            raise StoreFailed(f"{QUEUE_LIMIT} changes are waiting already; try again later.")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(command, answer, in_steps))
        self._wake.set()
        try:
            done, _ = await asyncio.wait({answer}, timeout=deadline_s)
            if done:
                return answer.result()
        finally:
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # retrieved, so that asyncio reports no forgotten exception
        raise StoreFailed(
            f"The database did not answer within {deadline_s:g} s; the change may be saved or not, "
            "so look before you try again."
        )

    def observe(self, changes: list[Changed]) -> int:
        """Publish observed changes, and see that revisions do not run out."""
        enough_before = not self._revisions.low
        self._revisions.publish_observed(changes)
        if enough_before and self._revisions.low:
            self._wake.set()
        return self._memory.revision

    async def work(self) -> None:
        """Write until ``stop``, or until another manager owns the data."""
        while not self.lost_lease.is_set():
            await self._wait()
            if self._closing and not self._queue:
                return
            group = await self._take_group()
            try:
                await self._care(quiet=group.size == 0)
                await self._write(group)
            except LeaseLost:
                log.critical(_TAKEN_OVER)
                self._die(group, _TAKEN_OVER)
            except StoreFailed as error:
                log.error("a transaction failed: %s", error)
                self.disk_trouble = str(error) if isinstance(error, DiskFull) else ""
                group.refuse(str(error))
            except asyncio.CancelledError:
                group.refuse("The manager stopped; the change may be saved or not.")
                raise
            except Exception:
                # Nothing was written, else _apply would have ended the writer; it must live on.
                log.exception("a transaction failed")
                group.refuse("The change could not be saved; the manager's log says why.")

    def stop(self) -> None:
        """Take no further commands; ``work`` ends after those that wait."""
        self._closing = True
        self._wake.set()

    def abandon(self) -> None:
        """Refuse what still waits, when there was no time to write it."""
        while self._queue:
            answer = self._queue.popleft().answer
            if not answer.done():
                answer.set_exception(StoreFailed("The manager stopped before it saved the change."))

    async def _wait(self) -> None:
        """Wait until there may be something to do."""
        if self._queue or self._closing:
            return
        try:
            async with asyncio.timeout(_RETRY_S if self._revisions.low else _CARE_S):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _care(self, *, quiet: bool) -> None:
        """See from time to time that the lock holds, also while nothing is written.

        The file of SQLite is made whole as well, so that a copy of it alone lacks a minute at most.
        """
        now = self._clock.monotonic()
        if self._database.wants_fold and (quiet or now >= self._fold_at):
            self._fold_at = now + _FOLD_S
            await self._in_thread(self._database.fold)
        if self._database.wants_care and now >= self._care_at:
            self._care_at = now + _CARE_S
            await self._in_thread(self._database.keep)

    async def _take_group(self) -> CommandGroup:
        group = CommandGroup(self._memory, now=self._clock.now())
        if self._queue and self._queue[0].in_steps:
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                await group.run_steps(waiting, clock=self._clock)
            return group
        ends_at = self._clock.monotonic() + GROUP_S
        for _ in range(GROUP_COMMANDS):
            if not self._queue or self._queue[0].in_steps or group.size >= GROUP_RECORDS:
                break
            waiting = self._queue.popleft()
            if waiting.answer.done():  # nobody waits for it any more
                continue
            group.run(waiting, now=self._clock.now())
            if self._clock.monotonic() >= ends_at:
                break
        run_through(group.close())
        return group

    async def _write(self, group: CommandGroup) -> None:
        if not group.changes and not self._revisions.low:
            group.answer()
            await asyncio.sleep(0)  # nothing else here waits, and others want their turn
            return
        reserved = self._revisions.plan_reserve(len(group.changes))
        batch = await take_turns(group.to_batch(revision_reserved=reserved), clock=self._clock)
        try:
            await self._in_thread(self._database.commit, batch)
        except OutcomeUnknown as error:
            log.error("a transaction was cut off in COMMIT (%s); asking what came of it", error)
            if not await self._find_outcome():
                if error.disk_full:
                    raise self._database.disk_full() from None
                raise StoreFailed(
                    "The database was cut off; nothing was changed, so try again."
                ) from None
        self.disk_trouble = ""
        self.transactions += 1
        await self._apply(group, batch)

    async def _apply(self, group: CommandGroup, batch: Batch) -> None:
        try:
            group.merge(batch.mark)
            await self._publish(group.changes, batch.revision_reserved)
        except Exception:
            # Memory is no longer what the database says; only a restart fixes that.
            log.exception("a saved change could not be brought into memory")
            self._die(group, "The change was saved, but the manager must restart.")
            return
        group.answer()

    async def _publish(self, changes: list[Changed], reserved: int) -> None:
        """Publish all changes, many of them not at once; each part may use the revisions it needs."""
        for start in range(0, max(1, len(changes)), GROUP_RECORDS):
            end = start + GROUP_RECORDS
            left = max(0, len(changes) - end)
            self._revisions.publish_commit(changes[start:end], reserved - left)
            if left:
                await asyncio.sleep(0)

    async def _find_outcome(self) -> bool:
        """Ask until the database answers; meanwhile no other group is written."""
        while True:
            try:
                return await self._in_thread(self._database.find_outcome)
            except StoreFailed:
                await self._clock.sleep(_RETRY_S)

    def _die(self, group: CommandGroup, message: str) -> None:
        self.lost_lease.set()
        group.refuse(message)
        self.abandon()

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        """Do a call in the thread; one that takes too long loses its connection, and so fails."""
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._thread, function, *arguments)
        ends_at = self._clock.monotonic() + _CALL_S
        try:
            while not (await asyncio.wait({call}, timeout=_LOOK_S))[0]:
                if self._clock.monotonic() >= ends_at:
                    self._end_call()
                    ends_at += _CALL_S
        except asyncio.CancelledError:
            call.cancel()
            raise
        return call.result()

    def _end_call(self) -> None:
        if self._database.abort():
            log.error(
                "%s did not answer within %g s; its connections are ended and made again",
                self._database.name,
                _CALL_S,
            )
            self._wake.set()  # to take the lock again, which was lost with its connection
