"""The one list of nouns: every kind of record that is kept, and how tables keep it."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

import msgspec

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
    Tombstone,
    User,
    VolumeHome,
)
from berth.domain.table import KeyOf, Layer, SizeOf, Table
from berth.domain.webhooks import Webhook

R = TypeVar("R")


class Columns(msgspec.Struct, frozen=True):
    """Members of a record that are SQL columns, beside the id and the body."""

    names: tuple[str, ...] = ()
    #: Name of the constraint by which no two records have the same of all these; "" for none.
    unique: str = ""
    #: Columns of SQL indexes by their names.
    indexes: Mapping[str, tuple[str, ...]] = {}

    def values_of(self, record: Any) -> dict[str, str | int]:
        """Return what the columns hold for a record."""
        values = {name: getattr(record, name) for name in self.names}
        return {name: v if isinstance(v, int) else str(v) for name, v in values.items()}


class Noun(msgspec.Struct, Generic[R], kw_only=True, eq=False):
    """How the records of one noun are kept, and the attribute that reads the table of them."""

    record: type[R]
    key: Callable[[R], str] = attrgetter("id")
    #: What records are found by, beside the key, in memory.
    indexes: Mapping[str, KeyOf[R]] = {}
    size_of: SizeOf[R] | None = None
    columns: Columns = Columns()
    #: True when keys are numbers, so that "10" comes after "9".
    numeric_keys: bool = False
    #: What a restore calls one of them; "" when users see no objects of theirs in it.
    restored_as: str = ""
    #: Name of the attribute and of the SQL table.
    name: str = ""

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, _: type) -> "Noun[R]": ...

    @overload
    def __get__(self, holder: "NounTables", _: type) -> Layer[R]: ...

    def __get__(self, holder: "NounTables | None", _: type) -> "Noun[R] | Layer[R]":
        """Make the table at the first question; the holder's own attribute answers the next."""
        if holder is None:
            return self
        table = holder.make_table(self)
        setattr(holder, self.name, table)
        return table

    def make_table(self) -> Table[R]:
        """Make an empty table of such records."""
        return Table(self.key, self.indexes, size_of=self.size_of)


class NounTables:
    """A table for each noun. A new kind of record is one more entry here, and a migration."""

    users = Noun(
        record=User,
        key=lambda u: str(u.id),
        indexes={"username": lambda u: u.username},
        columns=Columns(("username",), unique="uq_users_username"),
        numeric_keys=True,
        restored_as="user",
    )
    tokens = Noun(record=Token, indexes={"user": lambda t: (t.user_id, t.kind.value)})
    pools = Noun(record=Pool, restored_as="pool")
    hosts = Noun(
        record=Host,
        indexes={
            "pool": lambda h: h.pool_id,
            "name": lambda h: h.name,
            "engine": lambda h: h.engine_id,
        },
        columns=Columns(("name",), unique="uq_hosts_name"),
        restored_as="host",
    )
    definitions = Noun(
        record=Definition,
        indexes={"subtype": lambda d: d.subtype.value},
        columns=Columns(("subtype", "definition_id"), unique="uq_definitions_subtype_id"),
        restored_as="definition",
    )
    deployments = Noun(
        record=Deployment, indexes={"pool": lambda d: d.pool_id}, restored_as="deployment"
    )
    assignments = Noun(
        record=Assignment,
        indexes={
            "deployment": lambda a: a.deployment_id,
            "host": lambda a: a.host_id,
            "slot": lambda a: a.slot_id,
        },
        columns=Columns(
            ("deployment_id", "host_id", "service", "slot"),
            indexes={
                "ix_assignments_slot": ("deployment_id", "service", "slot"),
                "ix_assignments_host": ("host_id",),
            },
        ),
    )
    tasks = Noun(
        record=Task,
        indexes={"open": lambda t: not t.status.closed, "subject": lambda t: t.subject},
    )
    events = Noun(record=Event, key=lambda e: str(e.id), numeric_keys=True)
    statuses = Noun(
        record=Status, indexes={"subject": lambda s: (s.event.actor.type, s.event.actor.id)}
    )
    tags = Noun(record=Tag, restored_as="tag")
    keys = Noun(
        record=Key,
        indexes={"assignment": lambda k: k.assignment_id},
        size_of=lambda k: len(k.id) + len(k.value),
        restored_as="key",
    )
    catalog = Noun(
        record=CatalogEntry, indexes={"service": lambda e: e.service}, restored_as="catalog"
    )
    registries = Noun(
        record=Registry,
        indexes={"url": lambda r: r.url},
        columns=Columns(("url",), unique="uq_registries_url"),
        restored_as="registry",
    )
    webhooks = Noun(record=Webhook, restored_as="webhook")
    replays = Noun(record=Replay)
    generations = Noun(record=Generation, indexes={"deployment": lambda g: g.deployment_id})
    volume_homes = Noun(record=VolumeHome, indexes={"deployment": lambda v: v.deployment_id})
    tombstones = Noun(record=Tombstone, indexes={"engine": lambda t: t.engine_id})
    proxy_ports = Noun(record=ProxyPort, indexes={"host": lambda p: p.host_id})

    def make_table(self, noun: Noun[R]) -> Layer[R]:
        """Make the table of a noun when it is first asked for."""
        return noun.make_table()


#: Every noun by its name, in the order in which they are loaded: deployments before assignments.
NOUNS: Mapping[str, Noun[Any]] = {
    name: noun for name, noun in vars(NounTables).items() if isinstance(noun, Noun)
}
