"""The SQL tables: one for each noun, of what the database must enforce and one JSON body."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

from berth.store.nouns import NOUNS, Noun

#: Newest migration in ``migrations/versions``; a constant, so that a start need not load Alembic.
SCHEMA_HEAD = "0006"

#: Table of the one row that holds the settings, and that row's id.
SETTINGS = "settings"

#: Table whose changes agents obey.
ASSIGNMENTS = "assignments"

metadata = MetaData()

#: The one row of the instance: identity, and the counters that outlive a manager.
instance_table = Table(
    "instance",
    metadata,
    Column("id", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("revision_reserved", BigInteger, nullable=False),
    Column("created_at", Float, nullable=False),
    # Transactions so far: by them one that was cut off in COMMIT is known as written or not.
    Column("commits", BigInteger, nullable=False),
    Column("last_event_id", BigInteger, nullable=False),
    Column("status_generation", BigInteger, nullable=False),
)

#: The starts of managers that changed assignments; see ``domain/lineage.py``.
starts_table = Table(
    "starts",
    metadata,
    Column("id", Text, primary_key=True),
    # Number of its last change.
    Column("through", BigInteger, nullable=False),
)


#: A row to write: column names to values.
Row = dict[str, str | int]


def _make_table(name: str, *enforced: SchemaItem) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        *enforced,
        Column("body", Text, nullable=False),
    )


def _list_enforced(noun: Noun[Any]) -> Iterator[SchemaItem]:
    """Go through what the database must enforce of the records of a noun."""
    columns = noun.columns
    type_of = {field.name: field.type for field in msgspec.structs.fields(noun.record)}
    for column in columns.names:
        kind = Integer if type_of[column] is int else Text
        yield Column(column, kind, nullable=False)
    if columns.unique:
        yield UniqueConstraint(*columns.names, name=columns.unique)
    for name, indexed in columns.indexes.items():
        yield Index(name, *indexed)


#: Every table that rows are written to, by name.
ROW_TABLES: Mapping[str, Table] = {
    **{name: _make_table(name, *_list_enforced(noun)) for name, noun in NOUNS.items()},
    SETTINGS: _make_table(SETTINGS),
}

settings_table = ROW_TABLES[SETTINGS]
