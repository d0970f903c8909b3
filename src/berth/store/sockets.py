"""The sockets under an engine's connections, through which a call that hangs can be ended."""

import contextlib
import os
import socket
from typing import Any

from sqlalchemy import Engine, event


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
