"""The working set: every durable record in memory, beside what is observed."""

from collections.abc import Mapping
from typing import Any

from berth.domain.discovery_records import CatalogEntry, Key, ProxyPort
from berth.domain.fleet import (
    Fleet,
    Observed,
    Planned,
    assignment_table,
    deployment_table,
    host_table,
    key_table,
    volume_home_table,
)
from berth.domain.lineage import Lineage
from berth.domain.records import (
    Assignment,
    Definition,
    Deployment,
    Event,
    Generation,
    Host,
    Instance,
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
from berth.domain.settings import Settings
from berth.domain.table import Table
from berth.domain.webhooks import Webhook


class Memory:
    """Tables of durable records, written by the store's writer alone, after each commit."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.settings = Settings()
        self.lineage = Lineage("")
        self.users: Table[User] = Table(lambda u: str(u.id), {"username": lambda u: u.username})
        self.tokens: Table[Token] = Table(
            lambda t: t.id, {"user": lambda t: (t.user_id, t.kind.value)}
        )
        self.pools: Table[Pool] = Table(lambda p: p.id)
        self.hosts: Table[Host] = host_table()
        self.definitions: Table[Definition] = Table(
            lambda d: d.id, {"subtype": lambda d: d.subtype.value}
        )
        self.deployments: Table[Deployment] = deployment_table()
        self.assignments: Table[Assignment] = assignment_table()
        self.tasks: Table[Task] = Table(
            lambda t: t.id, {"open": lambda t: not t.status.closed, "subject": lambda t: t.subject}
        )
        self.events: Table[Event] = Table(lambda e: str(e.id))
        self.statuses: Table[Status] = Table(
            lambda s: s.id, {"subject": lambda s: (s.event.actor.type, s.event.actor.id)}
        )
        self.tags: Table[Tag] = Table(lambda t: t.id)
        self.keys: Table[Key] = key_table()
        self.catalog: Table[CatalogEntry] = Table(lambda e: e.id, {"service": lambda e: e.service})
        self.registries: Table[Registry] = Table(lambda r: r.id, {"url": lambda r: r.url})
        self.webhooks: Table[Webhook] = Table(lambda w: w.id)
        self.replays: Table[Replay] = Table(lambda r: r.id)
        self.generations: Table[Generation] = Table(
            lambda g: g.id, {"deployment": lambda g: g.deployment_id}
        )
        self.volume_homes: Table[VolumeHome] = volume_home_table()
        self.proxy_ports: Table[ProxyPort] = Table(lambda p: p.id, {"host": lambda p: p.host_id})
        self.observed = Observed()
        self.planned = Planned()
        #: Newest revision given to a change, durable or observed.
        self.revision = instance.revision_reserved
        self.last_event_id = 0
        self.status_generation = 0

    @property
    def fleet(self) -> Fleet:
        """Everything that planning reads; live, so read it without awaiting in between."""
        return Fleet(self)

    @property
    def tables(self) -> Mapping[str, Table[Any]]:
        """The tables of durable records by the name of their SQL table."""
        return {name: getattr(self, name) for name in TABLE_NAMES}


TABLE_NAMES = (
    "users",
    "tokens",
    "pools",
    "hosts",
    "definitions",
    "deployments",
    "assignments",
    "tasks",
    "events",
    "statuses",
    "tags",
    "keys",
    "catalog",
    "registries",
    "webhooks",
    "replays",
    "generations",
    "volume_homes",
    "proxy_ports",
)
