"""Fixtures that the contract suites share."""

from contracts.engine_beds import bed, docker_bed
from postgres_server import postgres_server
from store_fixtures import database_url, open_store, outside, store

__all__ = ["bed", "database_url", "docker_bed", "open_store", "outside", "postgres_server", "store"]
