"""SIGTERM ends a manager also while its PostgreSQL hangs."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from berthbed import Api, Program
from berthbed.berthbed import BERTH
from postgres_server import PostgresServer
from testbed import wait_until
from testbed.command import program_environment

PASSWORD = "given by me"


def free_address() -> str:
    """Return an address of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def manager(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[tuple[Program, Api]]:
    """A manager on PostgreSQL, without hosts, and its administrator."""
    url, address = postgres_server.create_database(), free_address()
    options = ["--data", str(tmp_path / "m"), "--listen", address, "--plain-http"]
    environment = {**program_environment(), "BERTH_ADMIN_PASSWORD": PASSWORD}

    def launch(output: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [*BERTH, "manager", *options, "--database", url]
        return subprocess.Popen(command, stderr=output, env=environment)

    program = Program("manager", tmp_path / "log", launch=launch)
    program.start()
    with contextlib.closing(Api(f"http://{address}")) as api:
        wait_until(api.answers, 20, what="the manager to serve")
        api.log_in("admin", PASSWORD)
        yield program, api
    program.kill9()
    postgres_server.drop_database(url)


def make_pool(api: Api) -> None:
    """Ask for a pool, whatever comes of it."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.ask("POST", "/api/pools/", body={"id": "waits"})


def test_sigterm_ends_a_manager_whose_postgresql_hangs_within_ten_seconds(
    manager: tuple[Program, Api], postgres_server: PostgresServer
) -> None:
    program, api = manager
    with postgres_server.frozen(), ThreadPoolExecutor() as clients:
        asking = clients.submit(make_pool, api.another())
        time.sleep(1)
        assert not asking.done()
        begun = time.monotonic()
        assert program.terminate(timeout=20) == 0
        took = time.monotonic() - begun
    assert took < 10
    said = "did not answer within 3 s at the end; the manager ends without it"
    assert said in program.log_tail(4)
