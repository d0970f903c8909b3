"""Databases that hold all tables and no row, for tests of what stands on the store.

Making the tables takes longer than most tests, so it is done once and the result is copied. Tests
of the store itself start with databases that are empty.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.store.sql.engine import make_engine, parse_url
from berth.store.sql.schema import bring_up_to_date
from postgres_server import PostgresServer


class DatabaseCopies:
    """Makes databases with tables: as files of a directory, or on a server."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "tables.db"
        make_tables(f"sqlite:///{self._file}")
        #: The database on the server that others are copied from.
        self._template: str | None = None

    def copy_file(self, directory: Path) -> str:
        """Make a file of SQLite in a directory, and return its URL."""
        shutil.copyfile(self._file, directory / "berth.db")
        return f"sqlite:///{directory}/berth.db"

    def copy_on(self, server: PostgresServer) -> str:
        """Make a database on a server, and return its URL."""
        if self._template is None:
            self._template = server.create_database()
            make_tables(self._template)
        return server.create_database(template=self._template)


def make_tables(url: str) -> None:
    """Make the tables in an empty database."""
    engine = make_engine(parse_url(url))
    with engine.begin() as connection:
        bring_up_to_date(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def database_copies(tmp_path_factory: pytest.TempPathFactory) -> DatabaseCopies:
    """Return what copies databases, for the whole session."""
    return DatabaseCopies(tmp_path_factory.mktemp("tables"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, database_copies: DatabaseCopies
) -> Iterator[str]:
    """Yield the URL of a database of each kind, with tables and no row."""
    if request.param == "sqlite":
        yield database_copies.copy_file(tmp_path)
        return
    server = request.getfixturevalue("postgres_server")
    url = database_copies.copy_on(server)
    yield url
    server.drop_database(url)
