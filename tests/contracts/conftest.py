"""Fixtures that the contract suites share."""

from postgres_server import postgres_server
from store_fixtures import database_url, open_store, outside, store

__all__ = ["database_url", "open_store", "outside", "postgres_server", "store"]
