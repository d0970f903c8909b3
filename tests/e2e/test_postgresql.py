"""A manager on PostgreSQL does the main job."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from berthbed import BerthBed
from berthbed.berthbed import BERTH
from e2e.looking import on_engines, set_settings, settle_state, wait_replaced
from postgres_server import PostgresServer


@pytest.fixture
def postgres_berth(
    engines_available: None, postgres_server: PostgresServer
) -> Iterator[tuple[BerthBed, PostgresServer]]:
    """A manager on an empty database, and two hosts."""
    url = postgres_server.create_database()
    with BerthBed.up(hosts=2, manager_options=["--database", url]) as berth:
        yield berth, postgres_server
    postgres_server.drop_database(url)


def test_a_manager_on_postgresql_does_the_main_job(
    postgres_berth: tuple[BerthBed, PostgresServer],
) -> None:
    berth, _ = postgres_berth
    set_settings(berth, {"stop_grace_s": 1})
    token = berth.join_token()
    berth.deploy("main", replicas=4)
    settle_state(berth, "main", replicas=4)
    row = berth.containers("main")[0]
    berth.bed.hosts[int(row["hostname"][1:]) - 1].docker("kill", row["container_id"])
    wait_replaced(berth, "main", old=row)
    before = on_engines(berth, "main")
    berth.manager.kill9()
    berth.start_manager()
    settle_state(berth, "main", replicas=4)
    assert on_engines(berth, "main", running=False) == before
    assert berth.join_token() == token
    assert not (berth.data / "berth.db").exists()
    berth.remove("main")


def test_containers_outlive_a_crash_of_the_database(
    postgres_berth: tuple[BerthBed, PostgresServer],
) -> None:
    berth, server = postgres_berth
    berth.deploy("outlive", replicas=2)
    settle_state(berth, "outlive", replicas=2)
    before = on_engines(berth, "outlive")
    server.stop()
    answer = berth.api.ask("POST", "/api/v2/deployments/outlive/stop")
    assert answer.status == 503
    server.start()
    berth.wait_until(
        lambda: berth.api.ask("POST", "/api/v2/deployments/outlive/start").status == 200,
        30,
        what="the store to answer again",
    )
    settle_state(berth, "outlive", replicas=2)
    assert on_engines(berth, "outlive", running=False) == before


def test_a_second_manager_on_the_same_database_is_refused(
    postgres_berth: tuple[BerthBed, PostgresServer], tmp_path: Path
) -> None:
    berth, _ = postgres_berth
    url = (berth.data / "database-url").read_text().strip()
    options = ["--data", str(tmp_path / "m"), "--listen", "127.0.0.1:0", "--database", url]
    done = subprocess.run(
        [*BERTH, "manager", *options], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert berth.api.answers()
