"""A proxy before a PostgreSQL server that can cut a connection off at the worst moment."""

import contextlib
import select
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path


class CuttingProxy:
    """Forwards bytes between Berth and the server, until told to cut at the next COMMIT."""

    def __init__(self, server_directory: Path) -> None:
        self._server = str(server_directory / ".s.PGSQL.5432")
        self._directory = tempfile.TemporaryDirectory(prefix="berth-proxy-", dir="/tmp")
        self.directory = Path(self._directory.name)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.directory / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept)]
        #: Cut at the next COMMIT: "before" it reaches the server, "under way" before the server
        #: has answered, or "after" it was written.
        self.cut = ""
        #: Called once, before the next COMMIT reaches the server.
        self.at_commit: Callable[[], None] = _nothing
        #: While true, new connections are ended at once.
        self.away = False
        self._closing = threading.Event()
        self._threads[0].start()

    def close(self) -> None:
        """End everything."""
        self._closing.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()
        self._directory.cleanup()

    def _accept(self) -> None:
        while not self._closing.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._server)
            while not self._closing.is_set() and not self.away:
                for ready in select.select([client, server], [], [], 0.05)[0]:
                    data = ready.recv(65_536)
                    if not data or (ready is client and self._cuts(data, server)):
                        return
                    (server if ready is client else client).sendall(data)

    def _cuts(self, data: bytes, server: socket.socket) -> bool:
        if b"COMMIT" not in data:
            return False
        at_commit, self.at_commit = self.at_commit, _nothing
        at_commit()
        if self.cut in ("under way", "after"):
            server.sendall(data)
        if self.cut == "after":
            server.recv(65_536)
        cuts, self.cut = bool(self.cut), ""
        return cuts


def _nothing() -> None:
    """Do nothing."""
