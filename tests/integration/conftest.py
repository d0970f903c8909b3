"""Fixtures of the tests over HTTP: the API on both databases."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from database_copies import DatabaseCopies, database_copies, database_url
from integration.api_bed import Bed, open_bed
from integration.town import PASSWORD as TOWN_PASSWORD
from integration.town import Town, open_town
from postgres_server import postgres_server

__all__ = ["bed", "database_copies", "database_url", "each_bed", "fresh_bed", "postgres_server"]


@pytest.fixture
async def fresh_bed(database_url: str, tmp_path: Path) -> AsyncIterator[Bed]:
    """Yield the API with nobody logged in, on each kind of database."""
    async with open_bed(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def each_bed(fresh_bed: Bed) -> Bed:
    """Return the API with the administrator logged in, on each kind of database."""
    await fresh_bed.admit()
    return fresh_bed


@pytest.fixture(scope="module")
def whole_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Run a manager with two hosts on simulated engines for the tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERTH_ADMIN_PASSWORD", TOWN_PASSWORD)
        with open_town(tmp_path_factory.mktemp("town")) as opened:
            yield opened


@pytest.fixture
def town(whole_town: Town) -> Iterator[Town]:
    """Lend the town, and take what runs there away again."""
    yield whole_town
    whole_town.clear()


@pytest.fixture
async def bed(tmp_path: Path, database_copies: DatabaseCopies) -> AsyncIterator[Bed]:
    """Yield the API with the administrator logged in."""
    async with open_bed(database_copies.copy_file(tmp_path), tmp_path) as opened:
        await opened.admit()
        yield opened
