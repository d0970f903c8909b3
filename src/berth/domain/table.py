"""An in-memory table of records with indexes, and an overlay of uncommitted changes over one."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Generic, Protocol, TypeAlias, TypeVar

V = TypeVar("V")

#: From a record to the value it is found by.
KeyOf = Callable[[V], Hashable]
#: From a record to what it adds to the size of its table.
SizeOf = Callable[[V], int]


class TableView(Protocol[V]):
    """What can be read of a table; an overlay reads the same way."""

    def get(self, key: str) -> V | None:
        """Return the record, or none."""
        ...

    def find(self, index: str, value: Hashable) -> list[V]:
        """Return the records with that value in that index, in order of insertion."""
        ...

    def values(self) -> Iterator[V]:
        """Go through all records."""
        ...

    def __contains__(self, key: object) -> bool: ...

    def __len__(self) -> int: ...


class Table(Generic[V]):
    """Records by key, with indexes kept up to date by ``put`` and ``drop``."""

    def __init__(
        self,
        key_of: Callable[[V], str],
        indexes: Mapping[str, KeyOf[V]] | None = None,
        *,
        size_of: SizeOf[V] | None = None,
    ):
        self.key_of = key_of
        self.size_of = size_of
        #: Sum over all records; 0 without ``size_of``.
        self.size = 0
        self.index_of = dict(indexes or {})
        self._rows: dict[str, V] = {}
        self._found: dict[str, dict[Hashable, dict[str, V]]] = {name: {} for name in self.index_of}

    def get(self, key: str) -> V | None:
        return self._rows.get(key)

    def find(self, index: str, value: Hashable) -> list[V]:
        found = self._found[index].get(value)
        return list(found.values()) if found else []

    def values(self) -> Iterator[V]:
        return iter(self._rows.values())

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, record: V) -> None:
        """Add the record, or put it in the place of the one with its key."""
        key = self.key_of(record)
        old = self._rows.get(key)
        self._rows[key] = record
        self.size += grown_by(self.size_of, old, new=record)
        for name, index_of in self.index_of.items():
            value = index_of(record)
            if old is not None and index_of(old) != value:
                self._unindex(name, index_of(old), key=key)
            self._found[name].setdefault(value, {})[key] = record

    def drop(self, key: str) -> V | None:
        """Take the record out and return it; none when there was none."""
        old = self._rows.pop(key, None)
        if old is not None:
            self.size += grown_by(self.size_of, old, new=None)
            for name, index_of in self.index_of.items():
                self._unindex(name, index_of(old), key=key)
        return old

    def _unindex(self, name: str, value: Hashable, *, key: str) -> None:
        found = self._found[name].get(value)
        if found is not None:
            found.pop(key, None)
            if not found:
                del self._found[name][value]


class Overlay(Generic[V]):
    """A table as it will be: changes laid over a base that stays as it is."""

    def __init__(self, base: "Table[V] | Overlay[V]"):
        self.base = base
        self.key_of: Callable[[V], str] = base.key_of
        self.index_of: dict[str, KeyOf[V]] = base.index_of
        self.size_of: SizeOf[V] | None = base.size_of
        self._grown_by = 0
        #: None marks a dropped record.
        self.changed: dict[str, V | None] = {}
        #: The changed records by the indexes asked for so far; made at the first question.
        self._found: dict[str, dict[Hashable, dict[str, V]]] = {}

    def get(self, key: str) -> V | None:
        if key in self.changed:
            return self.changed[key]
        return self.base.get(key)

    def find(self, index: str, value: Hashable) -> list[V]:
        records = self.base.find(index, value)
        if not self.changed:
            return records
        kept = [record for record in records if self.key_of(record) not in self.changed]
        kept.extend(self._index(index).get(value, {}).values())
        return kept

    def values(self) -> Iterator[V]:
        for record in self.base.values():
            if self.key_of(record) not in self.changed:
                yield record
        yield from (record for record in self.changed.values() if record is not None)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __len__(self) -> int:
        return sum(1 for _ in self.values())

    def put(self, record: V) -> None:
        """Add or replace the record in the overlay."""
        key = self.key_of(record)
        old = self.changed.get(key)
        if self.size_of is not None:
            self._grown_by += grown_by(self.size_of, self.get(key), new=record)
        self.changed[key] = record
        for name, found in self._found.items():
            index_of = self.index_of[name]
            if old is not None and index_of(old) != index_of(record):
                self._unindex(name, old, key=key)
            found.setdefault(index_of(record), {})[key] = record

    def drop(self, key: str) -> V | None:
        """Mark the record as dropped and return it; none when there was none."""
        old = self.get(key)
        if old is not None:
            self._grown_by += grown_by(self.size_of, old, new=None)
            if self.changed.get(key) is not None:
                for name in self._found:
                    self._unindex(name, old, key=key)
            self.changed[key] = None
        return old

    def merge_down(self) -> None:
        """Write the changes into the base, and start over."""
        for key, record in self.changed.items():
            if record is None:
                self.base.drop(key)
            else:
                self.base.put(record)
        self.changed = {}
        self._found = {}
        self._grown_by = 0

    @property
    def size(self) -> int:
        """Sum over all records as they will be; 0 without ``size_of``."""
        return self.base.size + self._grown_by

    def _index(self, name: str) -> dict[Hashable, dict[str, V]]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = {}
            index_of = self.index_of[name]
            for key, record in self.changed.items():
                if record is not None:
                    found.setdefault(index_of(record), {})[key] = record
        return found

    def _unindex(self, name: str, record: V, *, key: str) -> None:
        found = self._found[name].get(self.index_of[name](record))
        if found is not None:
            found.pop(key, None)


#: A table that changes can be laid over.
Layer: TypeAlias = Table[V] | Overlay[V]


def grown_by(size_of: SizeOf[V] | None, old: V | None, *, new: V | None) -> int:
    """Return by how much a table grows when one record takes the place of another."""
    if size_of is None:
        return 0
    return (size_of(new) if new is not None else 0) - (size_of(old) if old is not None else 0)
