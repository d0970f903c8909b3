"""The database as the writer's thread sees it: one transaction per call, nothing asynchronous."""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, delete, select, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from berth.domain.errors import DiskFull, StartupError, StoreFailed
from berth.domain.ids import InstanceId
from berth.domain.lineage import ChangeMark
from berth.domain.records import Instance
from berth.runtime.exit_codes import Exit
from berth.store.sql.engine import Sockets, describe_error, describe_url, is_disk_full, make_engine
from berth.store.sql.lock import AdvisoryLock
from berth.store.sql.schema import bring_up_to_date
from berth.store.sql.tables import ROW_TABLES, Row, instance_table, starts_table

log = logging.getLogger(__name__)

#: How many revisions are reserved ahead of need.
BLOCK = 10_000

#: How many starts that changed assignments are remembered: a host that obeyed none of them waits
#: for an operator.
STARTS_KEPT = 10_000


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction writes."""

    upserts: Mapping[str, list[Row]] = {}
    #: Keys by table; deleted before anything is written.
    deletes: Mapping[str, list[str]] = {}
    revision_reserved: int
    last_event_id: int
    status_generation: int
    #: Mark of the change of assignments; none when the batch changes none.
    mark: ChangeMark = ChangeMark()


class LeaseLost(Exception):
    """The instance row is not as this manager left it: another one owns the data now."""


class OutcomeUnknown(Exception):
    """The connection broke in COMMIT: the transaction may be written or not."""

    def __init__(self, words: str, *, disk_full: bool = False) -> None:
        super().__init__(words)
        #: Whether the database said that it has no space left.
        self.disk_full = disk_full


class InstanceCounters(msgspec.Struct, frozen=True, kw_only=True):
    """What the instance row remembers beside the instance."""

    last_event_id: int = 0
    status_generation: int = 0


class Database:
    """One database under one manager.

    Every method but ``abort`` belongs into the writer's thread.
    """

    def __init__(self, url: URL) -> None:
        self.name = describe_url(url)
        self.engine = make_engine(url)
        postgres = url.get_backend_name() == "postgresql"
        self._lock = AdvisoryLock(self.engine) if postgres else None
        self._sockets = Sockets(self.engine) if postgres else None
        self._upserts = {name: _upsert(table, postgres) for name, table in ROW_TABLES.items()}
        self._upsert_start = _upsert(starts_table, postgres)
        self._epoch = 0
        self._commits = 0
        #: ``_commits`` at the last fold.
        self._folded = -1

    def start(
        self, *, now: float, new_instance_id: Callable[[], str]
    ) -> tuple[Instance, InstanceCounters]:
        """Lock, migrate, and begin a new epoch with a block of revisions.

        The instance has the ``revision_reserved`` from before, at which this epoch's revisions
        begin. Raises ``StartupError``.
        """
        try:
            if self._lock is not None:
                self._lock.take(self.name)
            with self.engine.begin() as connection:
                self._check_encoding(connection)
                bring_up_to_date(connection)
                return self._begin_epoch(connection, now, new_instance_id=new_instance_id)
        except SQLAlchemyError as error:
            raise StartupError(
                f"The database ({self.name}) cannot be used: {describe_error(error)}.",
                exit_code=Exit.DATABASE,
            ) from None

    def commit(self, batch: Batch) -> None:
        """Write the batch durably.

        Raises ``StoreFailed`` when nothing of it was written, ``OutcomeUnknown``, or ``LeaseLost``.
        """
        try:
            with self.engine.connect() as connection:
                transaction = connection.begin()
                self._claim(connection, batch)
                self._write_rows(connection, batch)
                try:
                    transaction.commit()
                except SQLAlchemyError as error:
                    raise OutcomeUnknown(
                        describe_error(error), disk_full=is_disk_full(error)
                    ) from None
        except SQLAlchemyError as error:
            raise self._not_saved(error) from None
        self._commits += 1

    def disk_full(self) -> DiskFull:
        """Return the error for a transaction that found no space."""
        return DiskFull(
            f"The disk of the database ({self.name}) is full; nothing was changed. Free some space "
            "there and try again."
        )

    def _not_saved(self, error: SQLAlchemyError) -> StoreFailed:
        return self.disk_full() if is_disk_full(error) else StoreFailed(_not_saved(error))

    def find_outcome(self) -> bool:
        """Return whether the transaction of unknown outcome was written.

        Raises ``StoreFailed`` while the database does not answer or has not decided, or
        ``LeaseLost``.
        """
        # The server may be at that COMMIT still, and then holds the row: only a lock on the row
        # waits for what comes of it, while a mere reader sees the row as it was before.
        epoch, commits = self._read_claim(locked=True)
        if epoch != self._epoch or commits not in (self._commits, self._commits + 1):
            raise LeaseLost
        written = commits > self._commits
        self._commits = commits
        return written

    @property
    def wants_care(self) -> bool:
        """Whether ``keep`` is of use: the lock hangs on a connection that may break unseen."""
        return self._lock is not None

    def keep(self) -> None:
        """See that the data is still ours, and renew a lock whose connection broke.

        Raises ``StoreFailed`` when the database does not answer, or ``LeaseLost``.
        """
        if self._read_claim() != (self._epoch, self._commits):
            raise LeaseLost
        if self._lock is not None and not self._lock.keep():
            log.warning("the lock on %s could not be taken again; it is tried later", self.name)

    @property
    def wants_fold(self) -> bool:
        """Whether ``fold`` is of use: something was committed beside the file since the last one."""
        return self._lock is None and self._commits != self._folded

    def fold(self) -> None:
        """Write what SQLite has committed beside its file into the file; waits for nobody.

        What a reader from outside still needs stays beside it until the next time.
        """
        folded = self._commits
        connection = self.engine.raw_connection()
        try:
            # Not inside of a transaction, which every statement of the engine begins.
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._folded = folded
        except sqlite3.Error as error:
            log.warning("the file of %s could not be made whole: %s", self.name, error)
        finally:
            connection.close()

    def abort(self) -> bool:
        """End all connections, so that the call in the writer's thread fails; from any thread.

        The lock goes with them and is renewed by ``keep``. False on SQLite, which has none.
        """
        if self._sockets is None:
            return False
        self._sockets.shut_down()
        return True

    def close(self) -> None:
        """Let go of the lock and of all connections; safe to repeat."""
        if self._lock is not None:
            self._lock.free()
        self.engine.dispose()

    def _check_encoding(self, connection: Connection) -> None:
        """Refuse a PostgreSQL database that would fail at the first name with an accent."""
        if self._lock is None:
            return
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            raise StartupError(
                f"The database ({self.name}) has the encoding {encoding}; "
                "make it with ENCODING 'UTF8'.",
                exit_code=Exit.DATABASE,
            )

    def _begin_epoch(
        self, connection: Connection, now: float, *, new_instance_id: Callable[[], str]
    ) -> tuple[Instance, InstanceCounters]:
        # Locked: the manager before this one may have left a COMMIT that is not decided yet.
        locked = select(instance_table).with_for_update()
        row = connection.execute(locked).mappings().first()
        if row is None:
            first = {
                "id": new_instance_id(),
                "epoch": 0,
                "revision_reserved": 0,
                "created_at": now,
                "commits": 0,
                "last_event_id": 0,
                "status_generation": 0,
            }
            connection.execute(instance_table.insert(), first)
            row = connection.execute(locked).mappings().one()
        self._epoch = row["epoch"] + 1
        self._commits = row["commits"]
        reserved = row["revision_reserved"]
        _forget_oldest_starts(connection)
        connection.execute(
            update(instance_table).values(epoch=self._epoch, revision_reserved=reserved + BLOCK)
        )
        instance = Instance(
            id=InstanceId(row["id"]),
            epoch=self._epoch,
            revision_reserved=reserved,
            created_at=row["created_at"],
        )
        return instance, InstanceCounters(
            last_event_id=row["last_event_id"], status_generation=row["status_generation"]
        )

    def _claim(self, connection: Connection, batch: Batch) -> None:
        """Count this transaction, provided that the row is as we left it."""
        claimed = connection.execute(
            update(instance_table)
            .where(
                instance_table.c.epoch == self._epoch,
                instance_table.c.commits == self._commits,
            )
            .values(
                commits=self._commits + 1,
                revision_reserved=batch.revision_reserved,
                last_event_id=batch.last_event_id,
                status_generation=batch.status_generation,
            )
        )
        if claimed.rowcount != 1:
            raise LeaseLost

    def _write_rows(self, connection: Connection, batch: Batch) -> None:
        for name, keys in batch.deletes.items():
            table = ROW_TABLES[name]
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                connection.execute(delete(table).where(table.c.id.in_(some)))
        for name, rows in batch.upserts.items():
            connection.execute(self._upserts[name], rows)
        if batch.mark:
            row = {"id": batch.mark.start, "through": batch.mark.number}
            connection.execute(self._upsert_start, row)

    def _read_claim(self, *, locked: bool = False) -> tuple[int, int]:
        claim = select(instance_table.c.epoch, instance_table.c.commits)
        try:
            with self.engine.connect() as connection:
                row = connection.execute(claim.with_for_update() if locked else claim).first()
        except SQLAlchemyError as error:
            raise StoreFailed(_not_saved(error)) from None
        if row is None:
            raise LeaseLost
        return row.epoch, row.commits


def _forget_oldest_starts(connection: Connection) -> None:
    newest = starts_table.c.through.desc()
    oldest = select(starts_table.c.through).order_by(newest).offset(STARTS_KEPT).limit(1)
    connection.execute(
        delete(starts_table).where(starts_table.c.through <= oldest.scalar_subquery())
    )


def _upsert(table: SqlTable, postgres: bool) -> Any:
    """Make the statement that writes rows over those with the same id."""
    statement = postgresql.insert(table) if postgres else sqlite.insert(table)
    return statement.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={c.name: statement.excluded[c.name] for c in table.columns if c.name != "id"},
    )


def _not_saved(error: SQLAlchemyError) -> str:
    return f"The database failed ({describe_error(error)}); nothing was changed, so try again."
