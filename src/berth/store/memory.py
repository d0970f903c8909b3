"""The working set: every durable record in memory, beside what is observed."""

from collections.abc import Mapping
from typing import Any

from berth.domain.fleet import Fleet, Observed, Planned
from berth.domain.lineage import Lineage
from berth.domain.records import Instance
from berth.domain.settings import Settings
from berth.domain.table import Table
from berth.store.nouns import NOUNS, NounTables


class Memory(NounTables):
    """Tables of durable records, written by the store's writer alone, after each commit."""

    # Every request reads some: a slot is read without asking the noun.
    __slots__ = tuple(NOUNS)

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.settings = Settings()
        self.lineage = Lineage("")
        #: The tables of durable records by the name of their SQL table.
        self.tables: Mapping[str, Table[Any]] = {
            name: noun.make_table() for name, noun in NOUNS.items()
        }
        for name, table in self.tables.items():
            setattr(self, name, table)
        self.observed = Observed()
        self.planned = Planned()
        #: Newest revision of a change, durable or observed.
        self.revision = instance.revision_reserved
        self.last_event_id = 0
        self.status_generation = 0

    @property
    def fleet(self) -> Fleet:
        """Everything that planning reads; live, so read it without awaiting in between."""
        return Fleet(self)
