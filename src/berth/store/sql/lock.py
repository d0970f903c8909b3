"""The locks that keep a second manager away from the data."""

import fcntl
import os
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit

#: Advisory lock of a manager; PostgreSQL keeps the numbers of each database apart.
_LOCK_NUMBER = 0x4245_5254_48

#: A manager that was killed holds its lock until the server has noticed.
_LOCK_WAIT_MS = 3_000

#: PostgreSQL's code for a lock that was not free in time.
_LOCK_NOT_AVAILABLE = "55P03"


class FileLock:
    """An exclusive lock on a file; the kernel frees it when the process ends in any way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def take(self) -> None:
        """Take the lock; raises ``StartupError`` when another process has it."""
        try:
            self._fd = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StartupError(
                f"The lock file {self._path} cannot be opened: {error.strerror}.",
                exit_code=Exit.DATABASE,
            ) from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._fd, 32, 0).decode("ascii", "replace").strip()
            self.free()
            raise StartupError(
                f"Another manager (process {holder or 'unknown'}) holds {self._path}; "
                "stop it before starting this one.",
                exit_code=Exit.HELD,
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def free(self) -> None:
        """Let go of the lock; safe to repeat."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class AdvisoryLock:
    """PostgreSQL's advisory lock, held by a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self, where: str) -> None:
        """Take the lock; raises ``StartupError`` when another manager has it and keeps it."""
        connection = self._connect()
        try:
            connection.execute(text(f"SET lock_timeout = {_LOCK_WAIT_MS}"))
            connection.execute(text(f"SELECT pg_advisory_lock({_LOCK_NUMBER})"))
        except DBAPIError as error:
            connection.close()
            if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                raise
            raise StartupError(
                f"Another manager holds {where}; stop it before starting this one.",
                exit_code=Exit.HELD,
            ) from None
        self._connection = connection

    def keep(self) -> bool:
        """Take the lock again if its connection was lost; false when that did not succeed.

        A failure is no proof of another manager: the server may not have noticed yet that our old
        connection is gone. The epoch shows it for sure.
        """
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
                return True
            except SQLAlchemyError:
                self._drop()
        try:
            connection = self._connect()
        except SQLAlchemyError:
            return False
        try:
            held = connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK_NUMBER})")).scalar()
        except SQLAlchemyError:
            held = False
        if held:
            self._connection = connection
        else:
            connection.close()
        return bool(held)

    def free(self) -> None:
        """Let go of the lock; safe to repeat."""
        if self._connection is not None:
            self._drop()

    def _connect(self) -> Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _drop(self) -> None:
        # Ending the session frees the lock; returning it to the pool would not.
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
