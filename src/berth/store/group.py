"""Commands that share one transaction: run one after another, each in a draft of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from berth.domain.errors import StoreFailed
from berth.domain.lineage import ChangeMark
from berth.runtime.aio import Steps, run_through, take_turns
from berth.runtime.clock import Clock
from berth.store.draft import Draft
from berth.store.memory import Memory
from berth.store.nouns import NOUNS
from berth.store.revisions import Changed
from berth.store.sql.codec import row_of
from berth.store.sql.database import Batch
from berth.store.sql.tables import ASSIGNMENTS, SETTINGS, Row


class Waiting(msgspec.Struct, frozen=True, eq=False):
    """A command and who waits for its answer."""

    command: Callable[[Draft], Any]
    answer: asyncio.Future[Any]
    #: Whether the command yields steps to go through.
    in_steps: bool = False


class CommandGroup:
    """The draft of a group of commands, and their answers until these may be sent."""

    def __init__(self, memory: Memory, *, now: float) -> None:
        self._memory = memory
        self._draft = Draft(memory, now=now)
        #: Rows to write by table and key; none deletes.
        self._rows: dict[tuple[str, str], Row | None] = {}
        self._answers: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
        #: What the group changes in memory; known after ``close`` or ``run_steps``.
        self.changes: list[Changed] = []

    @property
    def size(self) -> int:
        """How many records the group touches so far."""
        return len(self._rows)

    def run(self, waiting: Waiting, *, now: float) -> None:
        """Run a command; one that raises leaves no trace, and its answer is what it raised.

        ``except Exception`` is for that: whatever a command raises belongs to its caller.
        """
        draft = Draft(self._draft, now=now)
        try:
            value = waiting.command(draft)
            rows = run_through(self._encode(draft))
        except StopIteration:  # no future takes it
            error = RuntimeError("a command raised StopIteration")
            self._answers.append((waiting.answer, None, error))
        except Exception as error:
            self._answers.append((waiting.answer, None, error))
        else:
            draft.merge_down()
            self._rows.update(rows)
            self._answers.append((waiting.answer, value, None))

    async def run_steps(self, waiting: Waiting, *, clock: Clock) -> None:
        """Run a command of many steps, which has the group for itself, and close the group."""
        try:
            value = await take_turns(waiting.command(self._draft), clock=clock)
            self._rows = await take_turns(self._encode(self._draft), clock=clock)
            await take_turns(self.close(), clock=clock)
        except asyncio.CancelledError:
            self._answers.append((waiting.answer, None, None))
            self.refuse("The manager stopped before it saved the change.")
            raise
        except Exception as error:
            self._draft = Draft(self._memory, now=self._draft.now)
            self._answers.append((waiting.answer, None, error))
        else:
            self._answers.append((waiting.answer, value, None))

    def close(self) -> Steps[None]:
        """Find what differs from memory; rows that end as they were are not written."""
        drafts, tables = self._draft.tables(), self._memory.tables
        unchanged = []
        for table, key in self._rows:
            before: Any = tables[table].get(key) if table != SETTINGS else self._memory.settings
            after: Any = drafts[table].get(key) if table != SETTINGS else self._draft.settings
            if before is after or before == after:
                unchanged.append((table, key))
            else:
                self.changes.append((table, key, before, after))
            yield
        for place in unchanged:
            del self._rows[place]

    def to_batch(self, *, revision_reserved: int) -> Steps[Batch]:
        """Return what the transaction writes."""
        upserts: dict[str, list[Row]] = {}
        deletes: dict[str, list[str]] = {}
        decides = False
        for table, key, before, after in self.changes:
            row = self._rows[table, key]
            if row is not None:
                upserts.setdefault(table, []).append(row)
            if row is None or _gives_up_a_unique_value(table, before, after=after):
                deletes.setdefault(table, []).append(key)
            decides = decides or table == ASSIGNMENTS
            yield
        return Batch(
            upserts=upserts,
            deletes=deletes,
            revision_reserved=revision_reserved,
            last_event_id=self._draft.last_event_id,
            status_generation=self._draft.status_generation,
            mark=self._memory.lineage.next_mark() if decides else ChangeMark(),
        )

    def merge(self, mark: ChangeMark) -> None:
        """Bring the changes into memory, after they and the batch's mark are durable."""
        self._draft.merge_down()
        if mark:
            self._memory.lineage.take(mark)

    def answer(self) -> None:
        """Answer every command; who no longer waits is passed over."""
        for future, value, error in self._answers:
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(value)

    def refuse(self, message: str) -> None:
        """Answer every command that nothing was written, also those that were refused: what they
        were refused for may have been another's change that did not come to be."""
        for future, _, _ in self._answers:
            if not future.done():
                future.set_exception(StoreFailed(message))

    def _encode(self, draft: Draft) -> Steps[dict[tuple[str, str], Row | None]]:
        rows: dict[tuple[str, str], Row | None] = {}
        for table, overlay in draft.tables().items():
            for key, record in overlay.changed.items():
                rows[table, key] = None if record is None else row_of(table, key, record=record)
                yield
        if draft.settings is not self._memory.settings:
            rows[SETTINGS, SETTINGS] = row_of(SETTINGS, SETTINGS, record=draft.settings)
        return rows


def _gives_up_a_unique_value(table: str, before: Any, *, after: Any) -> bool:
    """Return whether the row must go first, so that another may take its name in this group."""
    noun = NOUNS.get(table)
    if noun is None or not noun.columns.unique or before is None:
        return False
    return noun.columns.values_of(before) != noun.columns.values_of(after)
