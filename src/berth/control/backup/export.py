"""What a backup takes along: configuration, no hosts, containers, tasks, events or logins."""

from collections.abc import Callable, Iterable

import msgspec

from berth.control.backup.file import (
    BackupData,
    BackupSecrets,
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
from berth.control.tags import tag_objects
from berth.domain.discovery_records import Key
from berth.domain.ids import HostId
from berth.domain.records import Definition, Deployment
from berth.domain.states import Subtype
from berth.store.memory import Memory

#: Keys below it follow from what runs.
SYSTEM_PREFIX = "apps/"


def collect_data(memory: Memory) -> BackupData:
    """Return everything but the keys, which may be many, and the secrets; each kind by id."""
    return BackupData(
        pools=tuple(
            PoolItem(id=pool.id, name=pool.name, description=pool.description)
            for pool in sorted(memory.pools.values(), key=lambda pool: pool.id)
        ),
        tags=tuple(sorted(tag.id for tag in memory.tags.values())),
        tag_objects=tuple(_tag_objects(memory)),
        registries=tuple(_registries(memory)),
        services=_definitions(memory, Subtype.SERVICE),
        stacks=_definitions(memory, Subtype.STACK),
        deployments=tuple(
            _to_item(each) for each in sorted(memory.deployments.values(), key=lambda d: d.id)
        ),
        webhooks=tuple(
            WebhookItem(deployment_id=hook.id, enabled=hook.enabled)
            for hook in sorted(memory.webhooks.values(), key=lambda hook: hook.id)
        ),
        catalog=tuple(_catalog(memory)),
        users=tuple(
            UserItem(
                id=user.id,
                username=user.username,
                first_name=user.first_name,
                last_name=user.last_name,
            )
            for user in sorted(memory.users.values(), key=lambda user: user.id)
        ),
        settings=msgspec.structs.asdict(memory.settings),
    )


def collect_keys(keys: Iterable[Key]) -> tuple[KeyItem, ...]:
    """Return the keys of users by name; for many of them use a thread."""
    return tuple(
        KeyItem(key=key.id, value=key.value, flags=key.flags)
        for key in sorted(keys, key=lambda key: key.id)
        if not key.system and not key.id.startswith(SYSTEM_PREFIX)
    )


def collect_secrets(memory: Memory, *, decrypt: Callable[[str], str]) -> BackupSecrets:
    """Return the secrets in clear; ``decrypt`` gives "" for one that cannot be read any more."""
    passwords = {each.id: decrypt(each.password) for each in memory.registries.values()}
    tokens = {str(hook.id): decrypt(hook.token) for hook in memory.webhooks.values()}
    return BackupSecrets(
        registries={key: text for key, text in passwords.items() if text},
        webhooks={key: text for key, text in tokens.items() if text},
    )


def _tag_objects(memory: Memory) -> list[TagObjectItem]:
    items = []
    for each in tag_objects(memory.fleet):
        host = memory.hosts.get(HostId(each.id)) if each.kind == "host" else None
        name = host.name if host is not None else ""
        items.append(TagObjectItem(kind=each.kind, id=each.id, name=name, tags=each.tags))
    return items


def _registries(memory: Memory) -> list[RegistryItem]:
    return [
        RegistryItem(
            id=each.id,
            url=each.url,
            email=each.email,
            username=each.username,
            description=each.description,
            has_password=bool(each.password),
        )
        for each in sorted(memory.registries.values(), key=lambda each: each.id)
    ]


def _definitions(memory: Memory, subtype: Subtype) -> tuple[DefinitionItem, ...]:
    found: list[Definition] = memory.definitions.find("subtype", subtype.value)
    return tuple(
        DefinitionItem(id=each.definition_id, name=each.name, content=each.content)
        for each in sorted(found, key=lambda each: each.definition_id)
    )


def _to_item(deployment: Deployment) -> DeploymentItem:
    return DeploymentItem(
        id=deployment.id,
        name=deployment.name,
        pool_id=deployment.pool_id,
        subtype=deployment.subtype,
        service_id=deployment.service_id,
        service_name=deployment.service_name,
        content=deployment.content,
        quantities={str(key): number for key, number in deployment.quantities.items()},
        named_quantities=tuple(deployment.named),
        desired_state=deployment.desired_state,
        created_by=deployment.created_by,
        created_at=deployment.created_at,
    )


def _catalog(memory: Memory) -> list[CatalogItem]:
    return [
        CatalogItem(
            id=entry.id,
            service=entry.service,
            address=entry.address,
            port=entry.port,
            tags=entry.tags,
        )
        for entry in sorted(memory.catalog.values(), key=lambda entry: entry.id)
        if not entry.system
    ]
