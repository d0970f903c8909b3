"""The catalog: manual entries, and one for each key of a running container's port."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from berth.discovery.key_answers import Names
from berth.domain.discovery_records import CatalogEntry, Key

_AUTOMATIC = re.compile(r"apps/(?P<service>[^/]+)/containers/(?P<container>[^/]+)")
#: Form of the ids of automatic entries.
_AUTOMATIC_ID = re.compile(r"[0-9a-f]{64}:[0-9]{1,5}")


class Entries(Protocol):
    """Manual entries, indexed by service."""

    def find(self, index: str, value: str) -> list[CatalogEntry]:
        """Return the entries with that value in that index."""
        ...

    def values(self) -> Iterable[CatalogEntry]:
        """Go through all entries."""
        ...


def entry_of_key(key: Key) -> CatalogEntry | None:
    """Return the catalog's entry for a key of the platform; none for a key of a user."""
    match = _AUTOMATIC.fullmatch(key.id) if key.system else None
    if match is None:
        return None
    address, _, port = key.value.decode().rpartition(":")
    service = match["service"]
    return CatalogEntry(
        id=f"{match['container']}:{service.rpartition('-')[2]}",
        service=service,
        address=address.strip("[]"),
        port=int(port),
        system=True,
    )


def find_entries(keys: Names, manual: Entries, *, service: str) -> list[CatalogEntry]:
    """Return a service's entries by id, automatic and manual ones."""
    found = [entry for entry in _automatic(keys) if entry.service == service]
    found += manual.find("service", service)
    return sorted(found, key=lambda entry: entry.id)


def tags_by_service(keys: Names, manual: Entries) -> dict[str, list[str]]:
    """Return every service with the tags of its entries, both sorted."""
    tags: dict[str, set[str]] = {entry.service: set() for entry in _automatic(keys)}
    for entry in manual.values():
        tags.setdefault(entry.service, set()).update(entry.tags)
    return {service: sorted(tags[service]) for service in sorted(tags)}


def is_automatic(keys: Names, entry_id: str) -> bool:
    """Return whether an automatic entry has that id."""
    if not _AUTOMATIC_ID.fullmatch(entry_id):
        return False
    return any(entry.id == entry_id for entry in _automatic(keys))


def _automatic(keys: Names) -> Iterator[CatalogEntry]:
    for key in keys.values():
        entry = entry_of_key(key)
        if entry is not None:
            yield entry
