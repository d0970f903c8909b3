"""The kinds of a backup: what one is called, how all are collected, how one is brought in."""

from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from berth.control.backup import collectors, item_commands
from berth.control.backup.file import (
    CatalogItem,
    DefinitionItem,
    DeploymentItem,
    KeyItem,
    PoolItem,
    RegistryItem,
    TagObjectItem,
    UserItem,
    WebhookItem,
)
from berth.control.backup.restoration import Restoration
from berth.domain.states import Subtype
from berth.store.memory import Memory

ItemT = TypeVar("ItemT")


class ItemKind(msgspec.Struct, Generic[ItemT], frozen=True, eq=False):
    """One kind of a backup."""

    #: Member of ``BackupData``.
    name: str
    #: What one of them is called.
    word: str
    #: Returns those of an instance, in an order that lasts.
    collect: Callable[[Memory], Iterable[ItemT]]
    #: Brings one in; returns why it was left out, "" if it was not.
    put: Callable[[Restoration, ItemT], str]
    id_of: Callable[[ItemT], str] = attrgetter("id")


#: In the order in which one needs the other.
KINDS: tuple[ItemKind[Any], ...] = (
    ItemKind[str](
        "tags", "tag", collect=collectors.collect_tags, put=item_commands.put_tag, id_of=str
    ),
    ItemKind[PoolItem](
        "pools", "pool", collect=collectors.collect_pools, put=item_commands.put_pool
    ),
    ItemKind[TagObjectItem](
        "tag_objects",
        "tag_object",
        collect=collectors.collect_tag_objects,
        put=item_commands.put_tag_object,
    ),
    ItemKind[RegistryItem](
        "registries",
        "registry",
        collect=collectors.collect_registries,
        put=item_commands.put_registry,
    ),
    ItemKind[DefinitionItem](
        "services",
        "service",
        collect=partial(collectors.collect_definitions, subtype=Subtype.SERVICE),
        put=partial(item_commands.put_definition, subtype=Subtype.SERVICE),
    ),
    ItemKind[DefinitionItem](
        "stacks",
        "stack",
        collect=partial(collectors.collect_definitions, subtype=Subtype.STACK),
        put=partial(item_commands.put_definition, subtype=Subtype.STACK),
    ),
    ItemKind[DeploymentItem](
        "deployments",
        "deployment",
        collect=collectors.collect_deployments,
        put=item_commands.put_deployment,
    ),
    ItemKind[WebhookItem](
        "webhooks",
        "webhook",
        collect=collectors.collect_webhooks,
        put=item_commands.put_webhook,
        id_of=attrgetter("deployment_id"),
    ),
    ItemKind[KeyItem](
        "keys",
        "key",
        collect=lambda memory: collectors.collect_keys(memory.keys.values()),
        put=item_commands.put_key_item,
        id_of=attrgetter("key"),
    ),
    ItemKind[CatalogItem](
        "catalog", "catalog", collect=collectors.collect_catalog, put=item_commands.put_entry
    ),
    ItemKind[UserItem](
        "users",
        "user",
        collect=collectors.collect_users,
        put=item_commands.put_user,
        id_of=lambda user: str(user.id),
    ),
)
