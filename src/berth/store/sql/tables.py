"""The SQL tables: one per noun, of what the database must enforce and one JSON body."""

from collections.abc import Callable, Mapping
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

from berth.domain.discovery_records import CatalogEntry, Key, ProxyPort
from berth.domain.records import (
    Assignment,
    Definition,
    Deployment,
    Event,
    Generation,
    Host,
    Pool,
    Registry,
    Replay,
    Status,
    Tag,
    Task,
    Token,
    User,
    VolumeHome,
)
from berth.domain.webhooks import Webhook

#: Newest migration in ``migrations/versions``; a constant, so that a start need not load Alembic.
SCHEMA_HEAD = "0004"

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
    # Transactions so far: tells whether one that was cut off in COMMIT was written.
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


def _noun_table(name: str, *enforced: Column[Any] | UniqueConstraint | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        *enforced,
        Column("body", Text, nullable=False),
    )


#: A row to write: column names to values.
Row = dict[str, str | int]


class Noun(msgspec.Struct, frozen=True, kw_only=True):
    """How the records of one noun are kept in SQL."""

    table: Table
    record: type[Any]
    #: The columns beside ``id`` and ``body``.
    columns_of: Callable[[Any], Row] = lambda record: {}
    #: True when those columns are unique together: no two records may share them.
    unique: bool = False
    #: True when ids are numbers, so that "10" comes after "9".
    numeric_ids: bool = False


def _columns_of_user(user: User) -> Row:
    return {"username": user.username}


def _columns_of_host(host: Host) -> Row:
    return {"name": host.name}


def _columns_of_definition(definition: Definition) -> Row:
    return {"subtype": definition.subtype.value, "definition_id": definition.definition_id}


def _columns_of_registry(registry: Registry) -> Row:
    return {"url": registry.url}


def _columns_of_assignment(assignment: Assignment) -> Row:
    return {
        "deployment_id": assignment.deployment_id,
        "host_id": assignment.host_id,
        "service": assignment.service,
        "slot": assignment.slot,
    }


NOUNS: Mapping[str, Noun] = {
    "users": Noun(
        table=_noun_table(
            "users",
            Column("username", Text, nullable=False),
            UniqueConstraint("username", name="uq_users_username"),
        ),
        record=User,
        columns_of=_columns_of_user,
        unique=True,
        numeric_ids=True,
    ),
    "tokens": Noun(table=_noun_table("tokens"), record=Token),
    "pools": Noun(table=_noun_table("pools"), record=Pool),
    "hosts": Noun(
        table=_noun_table(
            "hosts",
            Column("name", Text, nullable=False),
            UniqueConstraint("name", name="uq_hosts_name"),
        ),
        record=Host,
        columns_of=_columns_of_host,
        unique=True,
    ),
    "definitions": Noun(
        table=_noun_table(
            "definitions",
            Column("subtype", Text, nullable=False),
            Column("definition_id", Text, nullable=False),
            UniqueConstraint("subtype", "definition_id", name="uq_definitions_subtype_id"),
        ),
        record=Definition,
        columns_of=_columns_of_definition,
        unique=True,
    ),
    "deployments": Noun(table=_noun_table("deployments"), record=Deployment),
    "assignments": Noun(
        table=_noun_table(
            "assignments",
            Column("deployment_id", Text, nullable=False),
            Column("host_id", Text, nullable=False),
            Column("service", Text, nullable=False),
            Column("slot", Integer, nullable=False),
            Index("ix_assignments_slot", "deployment_id", "service", "slot"),
            Index("ix_assignments_host", "host_id"),
        ),
        record=Assignment,
        columns_of=_columns_of_assignment,
    ),
    "tasks": Noun(table=_noun_table("tasks"), record=Task),
    "events": Noun(table=_noun_table("events"), record=Event, numeric_ids=True),
    "statuses": Noun(table=_noun_table("statuses"), record=Status),
    "tags": Noun(table=_noun_table("tags"), record=Tag),
    "keys": Noun(table=_noun_table("keys"), record=Key),
    "catalog": Noun(table=_noun_table("catalog"), record=CatalogEntry),
    "registries": Noun(
        table=_noun_table(
            "registries",
            Column("url", Text, nullable=False),
            UniqueConstraint("url", name="uq_registries_url"),
        ),
        record=Registry,
        columns_of=_columns_of_registry,
        unique=True,
    ),
    "webhooks": Noun(table=_noun_table("webhooks"), record=Webhook),
    "replays": Noun(table=_noun_table("replays"), record=Replay),
    "generations": Noun(table=_noun_table("generations"), record=Generation),
    "volume_homes": Noun(table=_noun_table("volume_homes"), record=VolumeHome),
    "proxy_ports": Noun(table=_noun_table("proxy_ports"), record=ProxyPort),
}

settings_table = _noun_table(SETTINGS)

#: Every table that rows are written to, by name.
ROW_TABLES: Mapping[str, Table] = {
    **{name: noun.table for name, noun in NOUNS.items()},
    SETTINGS: settings_table,
}
