"""A throw-away PostgreSQL server for tests, as a session fixture.

Import ``postgres_server`` in a conftest to use it; ``create_database`` gives a URL for Berth.
The server listens on a socket in its own temporary directory alone, so two never collide. It does
not wait for the disk: tests end processes, the server's too, but never the machine.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

#: Longest time to start, and to stop at the end.
DEADLINE_S = 30.0


class PostgresServer:
    """One server on a fresh data directory; not running before ``start``."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self.directory = Path(tempfile.mkdtemp(prefix="berth-pg-", dir="/tmp"))
        self._data = self.directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        #: PostgreSQL does not run as root.
        self._as_user = os.geteuid() == 0
        if self._as_user:
            owner = pwd.getpwnam("postgres")
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = ("listen_addresses=", f"unix_socket_directories={self.directory}", "fsync=off")
        options = [word for setting in settings for word in ("-c", setting)]
        command = self._command("postgres", "-D", str(self._data), *options)
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory
            )
        deadline = time.monotonic() + DEADLINE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.directory / "log").read_text())
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT cuts sessions off in order, SIGQUIT as a crash would; safe to repeat."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Let every process of the server hang for a while; the kernel still takes connections."""
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        processes = [main, *main.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def create_database(self, *, template: str = "") -> str:
        """Make an empty database, or a copy of the one with another URL, and return its URL."""
        self._databases += 1
        name = f"berth_{os.getpid()}_{self._databases}"
        source = _name_of(template) if template else "template1"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {_name_of(url)} WITH (FORCE)")

    def url_of(self, database: str, *, socket_directory: Path | None = None) -> str:
        """Return the URL of a database, also by way of a proxy's socket."""
        return f"postgresql://postgres@/{database}?host={socket_directory or self.directory}"

    def execute(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
            return True
        return False

    def _command(self, program: str, *arguments: str) -> list[str]:
        command = [str(self._binaries / program), *arguments]
        if self._as_user:
            # The server ends with its parent, also when that is killed.
            return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups",
                    "--pdeathsig=INT", "--", *command]  # fmt: skip
        return command

    def _run(self, program: str, *arguments: str) -> None:
        command = self._command(program, *arguments)
        done = subprocess.run(
            command, cwd=self.directory, timeout=DEADLINE_S, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode()}")


def _name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def find_binaries() -> Path | None:
    """Find the newest PostgreSQL on this machine, or none."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server for the session; without PostgreSQL skip, but fail where CI=true."""
    binaries = find_binaries()
    if binaries is None:
        reason = "PostgreSQL is not installed (Debian package postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server = PostgresServer(binaries)
    try:
        server.start()
        yield server
    finally:
        server.remove()
