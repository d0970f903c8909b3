"""SQLAlchemy engines from a database URL: SQLite by file, PostgreSQL by psycopg."""

import contextlib
import os
import socket
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit

#: What a PostgreSQL session gets, so that no wait for the server is without an end, an
#: acknowledged transaction is on disk, and the server soon ends the session of a machine that
#: vanished, which frees the manager's lock.
_SESSION_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "synchronous_commit": "on",
        "statement_timeout": "20s",
        "lock_timeout": "5s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }.items()
)

_CONNECTION_LIMITS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

#: Longest wait of SQLite for a reader from outside, a backup for example.
_SQLITE_BUSY_MS = 5_000


def parse_url(text: str) -> URL:
    """Read a database URL; raises ``StartupError``, whose message does not repeat the URL."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StartupError(
            "The database URL cannot be read; it looks like sqlite:////var/lib/berth/berth.db or "
            "postgresql://user:password@host/database.",
            exit_code=Exit.DATABASE,
        ) from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() in ("sqlite", "postgresql"):
        return url
    raise StartupError(
        f"Berth keeps its data in SQLite or PostgreSQL, not in {url.get_backend_name()}.",
        exit_code=Exit.DATABASE,
    )


def describe_url(url: URL) -> str:
    """Name the database for people; never with a password, not even one in the query."""
    if url.get_backend_name() == "sqlite":
        return f"SQLite {url.database or 'in memory'}"
    where = url.host or url.query.get("host") or "the local socket"
    port = f":{url.port}" if url.port else ""
    return f"PostgreSQL {url.database or ''} at {where}{port}"


def describe_error(error: SQLAlchemyError) -> str:
    """Return the database's own words in one line, without SQL, parameters and data."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(origin).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(origin).__name__


def is_disk_full(error: SQLAlchemyError) -> bool:
    """Return whether the database says that its disk is full."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    # 53100 is PostgreSQL's "disk_full".
    if getattr(origin, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):
        return True
    return getattr(origin, "sqlstate", "") == "53100" or "no space left" in str(origin).lower()


def make_engine(url: URL) -> Engine:
    """Make an engine; nothing is connected yet. Raises ``StartupError`` without a database file."""
    if url.get_backend_name() == "sqlite":
        _create_private_file(url)
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    given = url.query.get("options", "")
    options = f"{_SESSION_OPTIONS} {given if isinstance(given, str) else ' '.join(given)}"
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=0,
        pool_timeout=5,
        connect_args={**_CONNECTION_LIMITS, "options": options.strip()},
    )


def _create_private_file(url: URL) -> None:
    """Make the file readable by its owner alone; SQLite makes its side files with the same mode."""
    path = url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StartupError(
            f"The database file {path} cannot be opened: {error.strerror}.",
            exit_code=Exit.DATABASE,
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it would leave DDL outside of them.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_SQLITE_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Sockets:
    """Knows the socket of every open connection to PostgreSQL.

    Each is a duplicate of our own: its number cannot have become another file's when another
    thread ends a connection that was closed at that moment.
    """

    def __init__(self, engine: Engine) -> None:
        self._by_record: dict[object, socket.socket] = {}
        event.listen(engine, "connect", self._keep)
        event.listen(engine, "close", self._let_go)

    def shut_down(self) -> None:
        """End every connection, whoever uses it; safe from any thread."""
        for duplicate in list(self._by_record.values()):
            with contextlib.suppress(OSError):  # it is closed or was cut off already
                duplicate.shutdown(socket.SHUT_RDWR)

    def _keep(self, connection: Any, record: object) -> None:
        self._let_go(connection, record)
        self._by_record[record] = socket.socket(fileno=os.dup(connection.pgconn.socket))

    def _let_go(self, _connection: Any, record: object) -> None:
        duplicate = self._by_record.pop(record, None)
        if duplicate is not None:
            duplicate.close()
