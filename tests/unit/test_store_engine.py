"""Database URLs: what is accepted, and what is said about them."""

import pytest

from berth.store.sql.engine import describe_url, parse_url


@pytest.mark.parametrize(
    ("text", "driver", "description"),
    [
        ("sqlite:////var/lib/berth/berth.db", "sqlite", "SQLite /var/lib/berth/berth.db"),
        ("sqlite://", "sqlite", "SQLite in memory"),
        ("postgresql://u:s3cret@db:99/berth", "postgresql+psycopg", "PostgreSQL berth at db:99"),
        ("postgres://u:s3cret@db/berth", "postgresql+psycopg", "PostgreSQL berth at db"),
        ("postgresql+psycopg://db/berth", "postgresql+psycopg", "PostgreSQL berth at db"),
        ("postgresql:///b?host=/run/pg&password=s3cret", "postgresql+psycopg",
         "PostgreSQL b at /run/pg"),
        ("postgresql:///b", "postgresql+psycopg", "PostgreSQL b at the local socket"),
    ],
)  # fmt: skip
def test_a_url_chooses_the_driver_and_is_named_without_its_password(
    text: str, driver: str, description: str
) -> None:
    url = parse_url(text)
    assert url.drivername == driver
    assert describe_url(url) == description
