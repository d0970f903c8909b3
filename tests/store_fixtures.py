"""Fixtures and builders for tests of the store: one suite, both databases."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from berth.domain.ids import AssignmentId, DeploymentId, HostId, PoolId, ServiceKey
from berth.domain.records import Actor, Assignment, Host, Pool, User
from berth.domain.spec import ContainerSpec, hash_spec
from berth.domain.states import Severity
from berth.runtime.clock import Clock, SystemClock
from berth.runtime.ids import new_uuid
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

#: Opens the store on the test's database; several calls are several managers in turn.
OpenStore = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/berth.db"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
async def open_store(database_url: str, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Yield a function that opens the store; what it opened is closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_it() -> Store:
            store = await start_store(database_url, tmp_path / "lock")
            stack.push_async_callback(store.close)
            return store

        yield open_it


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    """Return an open store on an empty database."""
    return await open_store()


class SkippingClock(SystemClock):
    """The machine's clock, which can be moved on, and may else stand still."""

    def __init__(self, *, stands_still: bool = False) -> None:
        self.skipped_s = 0.0
        self._stands_still = stands_still

    def monotonic(self) -> float:
        return (0.0 if self._stands_still else super().monotonic()) + self.skipped_s


async def start_store(url: str, lock_path: Path | None, *, clock: Clock | None = None) -> Store:
    """Open a store, with the machine's clock where no other is given."""
    return await Store.open(
        url, clock=clock or SystemClock(), new_instance_id=new_uuid, lock_path=lock_path
    )


class Outside:
    """Someone else's connection to the database, to look in and to make trouble."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        self._connection: Any = (
            sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            if self._sqlite
            else psycopg.connect(url, autocommit=True)
        )

    def execute(self, statement: str) -> list[Any]:
        """Run a statement and give the rows, if it has any."""
        cursor = self._connection.execute(statement)
        return cursor.fetchall() if cursor.description else []

    def block_writers(self) -> None:
        """Let every transaction of the manager wait until ``let_writers_go``."""
        self.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        if not self._sqlite:
            self.execute("LOCK TABLE instance IN EXCLUSIVE MODE")

    def let_writers_go(self) -> None:
        """End ``block_writers``."""
        self.execute("ROLLBACK")

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


@pytest.fixture
def outside(database_url: str) -> Iterator[Outside]:
    """Yield a second connection to the test's database."""
    with contextlib.closing(Outside(database_url)) as connection:
        yield connection


def all_tables(store: Store) -> dict[str, dict[str, Any]]:
    """Return every durable record by table and key, and the settings."""
    tables = {
        name: {table.key_of(record): record for record in table.values()}
        for name, table in store.memory.tables.items()
    }
    return {**tables, "settings": {"settings": store.memory.settings}}


def put_pool(pool_id: str, description: str = "") -> Callable[[Draft], str]:
    """Make a command that stores a pool and answers its id."""

    def command(draft: Draft) -> str:
        draft.pools.put(a_pool(pool_id, description))
        return pool_id

    return command


def a_pool(pool_id: str, description: str = "") -> Pool:
    """Build a pool."""
    return Pool(id=PoolId(pool_id), name=pool_id, description=description)


def a_user(user_id: int, username: str) -> User:
    """Build a user."""
    return User(id=user_id, username=username, password_hash="")


def a_host(host_id: str, name: str) -> Host:
    """Build a host."""
    return Host(
        id=HostId(host_id),
        name=name,
        pool_id=PoolId("p"),
        engine_id="",
        credential_hash="",
        created_at=1.0,
    )


def an_assignment(assignment_id: str, *, host: str = "h", image: str = "web:1") -> Assignment:
    """Build an assignment, with a spec object of its own."""
    spec = ContainerSpec(image=image, environment=(("A", "1"),))
    return Assignment(
        id=AssignmentId(assignment_id),
        deployment_id=DeploymentId("d"),
        service=ServiceKey("web"),
        slot=0,
        host_id=HostId(host),
        spec=spec,
        spec_hash=hash_spec(spec),
        created_at=1.0,
    )


def an_event(subject: str = "h1", severity: Severity = Severity.INFO) -> NewEvent:
    """Build an event that makes a status."""
    return NewEvent(
        key="host_silent",
        severity=severity,
        summary="The host is silent.",
        actor=Actor("host", subject),
        makes_status=True,
    )
