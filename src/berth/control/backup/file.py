"""The file of a backup: one gzipped JSON document with a format and a version."""

from typing import Any, Literal

import msgspec

from berth.control.discovery.keys import MAX_STORE_BYTES
from berth.domain.states import Subtype
from berth.runtime.passphrase import Sealed

FORMAT = "berth-backup"
VERSION = 1

#: Largest file. Random values of a full key/value store take a third more in base64, which gzip
#: wins back; the rest is for all else, and for a file that is not gzipped.
MAX_FILE_BYTES = 2 * MAX_STORE_BYTES

#: A file that unpacks to more is refused, so that a small one cannot fill the memory.
MAX_UNPACKED_BYTES = 4 * MAX_STORE_BYTES


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything in a backup; unknown members are ignored."""


class PoolItem(Item, frozen=True, kw_only=True):
    """A pool; its tags are among the tag objects."""

    id: str
    name: str = ""
    description: str = ""


class TagObjectItem(Item, frozen=True, kw_only=True):
    """The tags of a host or pool; a host is found by its id or else by its name."""

    kind: Literal["host", "pool"]
    id: str
    name: str = ""
    tags: tuple[str, ...]


class RegistryItem(Item, frozen=True, kw_only=True):
    """A registry; its password is among the secrets."""

    id: str
    url: str
    email: str = ""
    username: str = ""
    description: str = ""
    has_password: bool = False


class DefinitionItem(Item, frozen=True, kw_only=True):
    """A stored service or stack."""

    id: str
    name: str = ""
    content: str


class DeploymentItem(Item, frozen=True, kw_only=True):
    """A deployment with its own text."""

    id: str
    name: str
    pool_id: str
    subtype: Subtype
    service_id: str
    service_name: str
    content: str
    quantities: dict[str, int]
    #: Services whose number a user named; a file without it is of an older version.
    named_quantities: tuple[str, ...] | None = None
    desired_state: Literal[0, 1] = 0
    created_by: str = ""
    #: Unix seconds; 0 is the time of the import.
    created_at: float = 0.0


class WebhookItem(Item, frozen=True, kw_only=True):
    """A webhook; its token is among the secrets."""

    deployment_id: str
    enabled: bool = False


class KeyItem(Item, frozen=True, kw_only=True):
    """A key of a user."""

    key: str
    value: bytes
    flags: int = 0


class CatalogItem(Item, frozen=True, kw_only=True):
    """A manual entry of the catalog."""

    id: str
    service: str
    address: str
    port: int
    tags: tuple[str, ...] = ()


class UserItem(Item, frozen=True, kw_only=True):
    """An account without its password."""

    id: int
    username: str
    first_name: str = ""
    last_name: str = ""


class BackupData(Item, frozen=True, kw_only=True):
    """Everything that a backup holds but the secrets."""

    pools: tuple[PoolItem, ...] = ()
    tags: tuple[str, ...] = ()
    tag_objects: tuple[TagObjectItem, ...] = ()
    registries: tuple[RegistryItem, ...] = ()
    services: tuple[DefinitionItem, ...] = ()
    stacks: tuple[DefinitionItem, ...] = ()
    deployments: tuple[DeploymentItem, ...] = ()
    webhooks: tuple[WebhookItem, ...] = ()
    keys: tuple[KeyItem, ...] = ()
    catalog: tuple[CatalogItem, ...] = ()
    users: tuple[UserItem, ...] = ()
    settings: dict[str, Any] = {}


class BackupSecrets(Item, frozen=True, kw_only=True):
    """What is only in a backup that was made with a passphrase."""

    #: Passwords by the id of the registry.
    registries: dict[str, str] = {}
    #: Tokens by the id of the deployment.
    webhooks: dict[str, str] = {}


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document."""

    format: str = FORMAT
    version: int = VERSION
    created_on: str
    manager_version: str
    data: BackupData
    #: ``BackupSecrets`` in JSON, encrypted.
    secrets: Sealed | None = None
