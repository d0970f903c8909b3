"""Collects the items of each kind of a backup, in an order that lasts."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from berth.control.backup.file import (
    CatalogItem,
    DefinitionItem,
    DeploymentItem,
    Item,
    KeyItem,
    PoolItem,
    RegistryItem,
    TagObjectItem,
    UserItem,
    WebhookItem,
)
from berth.control.tags import tag_objects
from berth.domain.discovery_records import Key
from berth.domain.ids import HostId
from berth.domain.states import Subtype
from berth.domain.table import TableView
from berth.store.memory import Memory

#: Keys below it follow from what runs.
SYSTEM_PREFIX = "apps/"

ItemT = TypeVar("ItemT", bound=Item)
V = TypeVar("V")


def collect_tags(memory: Memory) -> Iterable[str]:
    """Return the names of all tags."""
    return sorted(tag.id for tag in memory.tags.values())


def collect_pools(memory: Memory) -> Iterator[PoolItem]:
    """Go through the pools."""
    return (_make(PoolItem, pool) for pool in _by_id(memory.pools))


def collect_tag_objects(memory: Memory) -> Iterator[TagObjectItem]:
    """Go through the hosts and pools with tags; a host with its name, by which it may be found."""
    for each in tag_objects(memory.fleet):
        host = memory.hosts.get(HostId(each.id)) if each.kind == "host" else None
        name = host.name if host is not None else ""
        yield TagObjectItem(kind=each.kind, id=each.id, name=name, tags=each.tags)


def collect_registries(memory: Memory) -> Iterator[RegistryItem]:
    """Go through the registries, without their passwords."""
    for each in _by_id(memory.registries):
        item = _make(RegistryItem, each)
        yield msgspec.structs.replace(item, has_password=bool(each.password))


def collect_definitions(memory: Memory, *, subtype: Subtype) -> Iterator[DefinitionItem]:
    """Go through the stored services or stacks."""
    found = memory.definitions.find("subtype", subtype.value)
    for each in sorted(found, key=attrgetter("definition_id")):
        yield DefinitionItem(id=each.definition_id, name=each.name, content=each.content)


def collect_deployments(memory: Memory) -> Iterator[DeploymentItem]:
    """Go through the deployments."""
    for each in _by_id(memory.deployments):
        item = _make(DeploymentItem, each)
        yield msgspec.structs.replace(item, named_quantities=tuple(each.named))


def collect_webhooks(memory: Memory) -> Iterator[WebhookItem]:
    """Go through the webhooks, without their tokens."""
    for hook in _by_id(memory.webhooks):
        yield WebhookItem(deployment_id=hook.id, enabled=hook.enabled)


def collect_keys(keys: Iterable[Key]) -> tuple[KeyItem, ...]:
    """Return the keys of users by name; for many of them use a thread."""
    return tuple(
        KeyItem(key=key.id, value=key.value, flags=key.flags)
        for key in sorted(keys, key=attrgetter("id"))
        if not key.system and not key.id.startswith(SYSTEM_PREFIX)
    )


def collect_catalog(memory: Memory) -> Iterator[CatalogItem]:
    """Go through the manual entries of the catalog."""
    return (_make(CatalogItem, entry) for entry in _by_id(memory.catalog) if not entry.system)


def collect_users(memory: Memory) -> Iterator[UserItem]:
    """Go through the accounts."""
    return (_make(UserItem, user) for user in _by_id(memory.users))


def _make(kind: type[ItemT], record: Any) -> ItemT:
    """Make an item of the members that it has in common with a record."""
    return msgspec.convert(record, kind, from_attributes=True)


def _by_id(table: TableView[V]) -> list[V]:
    return sorted(table.values(), key=attrgetter("id"))
