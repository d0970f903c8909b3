"""Brings single objects of a backup in; each returns why it left one out, "" if it did not."""

import re

import msgspec

from berth.control.accounts.users import ADMIN_ID, UserChange, update_admin
from berth.control.backup.file import (
    BackupData,
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
from berth.control.backup.restoration import Restoration, given_text
from berth.control.definitions.lifecycle import (
    DefinitionValues,
    create_definition,
    update_definition,
)
from berth.control.definitions.texts import Text
from berth.control.deployments.change import DeploymentChange, change_deployment
from berth.control.deployments.lifecycle import NewDeployment, create_deployment
from berth.control.discovery.catalog import make_entry, register_entry
from berth.control.discovery.keys import MAX_VALUE_BYTES, put_key
from berth.control.images.registries import (
    RegistryChange,
    check_url,
    create_registry,
    update_registry,
)
from berth.control.pools import PoolChange, create_pool, update_pool
from berth.control.tags import apply_tags, create_tag
from berth.domain.deployment_view import STOPPED, current_state
from berth.domain.errors import Invalid
from berth.domain.ids import DeploymentId
from berth.domain.records import definition_key
from berth.domain.states import Subtype
from berth.domain.webhooks import Webhook
from berth.runtime.aio import Steps
from berth.store.draft import Draft

_REGISTRY_ID = re.compile(r"[0-9a-f]{16}")


def put_tag(restoration: Restoration, name: str) -> str:
    """Make a tag."""
    create_tag(restoration.draft, name)
    return ""


def put_pool(restoration: Restoration, item: PoolItem) -> str:
    """Make or change a pool."""
    draft = restoration.draft
    values = PoolChange(name=item.name, description=item.description)
    if item.id in draft.pools:
        update_pool(draft, item.id, values=values)
    else:
        create_pool(draft, item.id, values=values)
    return ""


def put_tag_object(restoration: Restoration, item: TagObjectItem) -> str:
    """Let a host or pool have exactly these tags; a host that is not here is left out."""
    draft, object_id = restoration.draft, item.id
    if item.kind == "host" and item.id not in draft.hosts:
        if not item.name or not draft.hosts.find("name", item.name):
            return "there is no such host here"
        object_id = item.name
    apply_tags(draft, item.kind, object_id=object_id, tags=item.tags)
    return ""


def put_registry(restoration: Restoration, item: RegistryItem) -> str:
    """Make or change a registry, found by its id or else by its URL; without one it keeps its password."""
    draft = restoration.draft
    if not _REGISTRY_ID.fullmatch(item.id):
        raise Invalid("a registry's id is 16 hexadecimal digits", code="invalid_id", field="id")
    values = RegistryChange(
        url=item.url,
        email=item.email,
        username=item.username,
        password=restoration.prepared.passwords.get(item.id),
        description=item.description,
    )
    with_url = draft.registries.find("url", check_url(item.url))
    if item.id in draft.registries:
        update_registry(draft, item.id, values=values)
    elif with_url:
        update_registry(draft, with_url[0].id, values=values)
    else:
        create_registry(draft, item.id, values=values)
    return ""


def put_definition(restoration: Restoration, item: DefinitionItem, *, subtype: Subtype) -> str:
    """Make or change a stored service or stack."""
    draft, text = restoration.draft, restoration.prepared.contents[subtype, item.content]
    known = draft.definitions.get(definition_key(subtype, item.id))
    values = DefinitionValues(definition_id=item.id, name=item.name, text=text)
    if known is None:
        create_definition(draft, subtype, values=values)
    elif (known.name, known.content) != (item.name or known.name, item.content):
        update_definition(draft, subtype, definition_id=item.id, values=values)
    return ""


def put_deployment(restoration: Restoration, item: DeploymentItem) -> str:
    """Make a deployment, or change one that is stopped; start it if it ran and that is asked for."""
    draft, origin = restoration.draft, restoration.next_origin()
    text = restoration.prepared.texts[given_text(item)]
    desired_state = item.desired_state if restoration.wish.start else 0
    known = draft.deployments.get(item.id)
    quantities = _numbers_of(item, text)
    if known is None:
        new = NewDeployment(
            text=text,
            deployment_id=item.id,
            name=item.name,
            pool_id=item.pool_id,
            desired_state=desired_state,
            quantities=quantities,
        )
        made = create_deployment(draft, new, origin=origin)
        draft.deployments.put(
            msgspec.structs.replace(
                made,
                created_by=item.created_by or made.created_by,
                created_at=item.created_at or made.created_at,
            )
        )
        return ""
    if known.desired_state or current_state(draft.fleet, known) != STOPPED:
        return "it exists and is not stopped"
    change = DeploymentChange(
        name=item.name,
        desired_state=desired_state,
        pool_id=item.pool_id,
        quantities=quantities,
        text=text,
    )
    change_deployment(draft, item.id, change=change, origin=origin)
    return ""


def put_webhook(restoration: Restoration, item: WebhookItem) -> str:
    """Configure the webhook of a deployment; without a token it gets a new one when it is read.

    It shares the fate of its deployment.
    """
    draft, deployment_id = restoration.draft, DeploymentId(item.deployment_id)
    token = restoration.prepared.tokens.get(deployment_id)
    if ("deployment", deployment_id) in restoration.skipped:
        return "its deployment was left out"
    if deployment_id not in draft.deployments:
        return "its deployment does not exist"
    known = draft.webhooks.get(deployment_id) or Webhook(id=deployment_id, token="")
    kept = known.token if token is None else token
    draft.webhooks.put(msgspec.structs.replace(known, enabled=item.enabled, token=kept))
    return ""


def put_key_item(restoration: Restoration, item: KeyItem) -> str:
    """Write a key of a user."""
    if len(item.value) > MAX_VALUE_BYTES:
        raise Invalid("the value is too large", code="too_long", field="value")
    if item.flags < 0 or item.flags >= 2**64:
        raise Invalid("flags are 0 to 2^64 - 1", code="out_of_range", field="flags")
    draft = restoration.draft
    known = draft.keys.get(item.key)
    if known is not None and known.system:
        return "the key belongs to a running container"
    if known is None or (known.value, known.flags) != (item.value, item.flags):
        put_key(draft, item.key, value=item.value, flags=item.flags)
    return ""


def put_entry(restoration: Restoration, item: CatalogItem) -> str:
    """Register a manual entry of the catalog."""
    entry = make_entry(
        entry_id=item.id,
        service=item.service,
        address=item.address,
        port=item.port,
        tags=item.tags,
    )
    register_entry(restoration.draft, entry)
    return ""


def put_user(restoration: Restoration, item: UserItem) -> str:
    """Set the administrator's names; accounts are not made, since passwords are not there."""
    if item.id != ADMIN_ID:
        return "accounts are not made by an import"
    names = UserChange(first_name=item.first_name, last_name=item.last_name)
    update_admin(restoration.draft, names)
    return ""


def drop_missing(draft: Draft, data: BackupData) -> Steps[None]:
    """Drop the definitions, registries, manual entries and users' keys that a backup lacks."""
    definitions = {definition_key(Subtype.SERVICE, item.id) for item in data.services}
    definitions |= {definition_key(Subtype.STACK, item.id) for item in data.stacks}
    for definition in [d for d in draft.definitions.values() if d.id not in definitions]:
        draft.definitions.drop(definition.id)
    registries = {item.id for item in data.registries}
    urls = {check_url(item.url) for item in data.registries}
    for registry in list(draft.registries.values()):
        if registry.id not in registries and registry.url not in urls:
            draft.registries.drop(registry.id)
    entries = {item.id for item in data.catalog}
    for entry in list(draft.catalog.values()):
        if not entry.system and entry.id not in entries:
            draft.catalog.drop(entry.id)
    keys = {item.key for item in data.keys}
    for key in list(draft.keys.values()):
        if not key.system and key.id not in keys:
            draft.keys.drop(key.id)
        yield


def drop_unused_pools(draft: Draft, data: BackupData) -> None:
    """Drop the pools that a backup lacks and that hold nothing; one always stays."""
    kept = {item.id for item in data.pools}
    for pool in sorted(draft.pools.values(), key=lambda pool: pool.id):
        in_use = draft.hosts.find("pool", pool.id) or draft.deployments.find("pool", pool.id)
        if pool.id not in kept and not in_use and len(draft.pools) > 1:
            draft.pools.drop(pool.id)


def _numbers_of(item: DeploymentItem, text: Text) -> dict[str, int | None]:
    """Return the numbers that were named; the others follow the text.

    In a file of an older version those count as named that are not the text's.
    """
    if item.named_quantities is not None:
        named = set(item.named_quantities)
    else:
        asked = {str(service.key): service.quantity for service in text.services}
        named = {key for key, number in item.quantities.items() if asked.get(key) != number}
    return {key: number if key in named else None for key, number in item.quantities.items()}
