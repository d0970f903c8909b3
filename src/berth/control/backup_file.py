"""The file of a backup: one gzipped JSON document with a format and a version."""

import gzip
import re
import zlib
from typing import Any, Literal, TypeVar

import msgspec

from berth.domain.errors import Invalid, TooLarge, Unreadable
from berth.domain.states import Subtype
from berth.runtime.sealing import Sealed

T = TypeVar("T")

FORMAT = "berth-backup"
VERSION = 1

#: A file that unpacks to more is refused, so that a small one cannot fill the memory.
MAX_UNPACKED_BYTES = 256 * 1024 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything in a backup; unknown members are ignored."""


class PoolItem(Item, frozen=True, kw_only=True):
    """A pool; its tags are among the tag objects."""

    id: str
    name: str = ""
    description: str = ""


class TagObjectItem(Item, frozen=True, kw_only=True):
    """What a host or pool bears; a host is found by its id or else by its name."""

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


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


def write_backup(backup: Backup) -> bytes:
    """Give the bytes of the file; a large one takes a while."""
    return gzip.compress(msgspec.json.encode(backup), compresslevel=6, mtime=0)


def read_backup(body: bytes, *, largest: int = MAX_UNPACKED_BYTES) -> Backup:
    """Read the bytes of a file, gzipped or not; a large one takes a while.

    Raises Unreadable for what is neither, TooLarge, and Invalid for another format, a newer version
    or a member that is missing or of a wrong kind.
    """
    text = _unpack(body, largest)
    try:
        head = _decode(text, _Head)
    except msgspec.ValidationError:
        raise _other_format() from None
    if head.format != FORMAT:
        raise _other_format()
    if head.version > VERSION or head.version < 1:
        raise Invalid(
            f"the backup has version {head.version}, this program reads up to {VERSION}: use the "
            "Berth that wrote it, or a newer one",
            code="unknown_version",
            field="version",
        )
    if _NUL.search(text):
        raise Invalid("a text of the backup has a NUL character", code="invalid_text")
    try:
        return _decode(text, Backup)
    except msgspec.ValidationError as error:
        raise _to_invalid(str(error)) from None


def _decode(text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unreadable("neither gzip nor JSON") from None
    except RecursionError:
        raise _unreadable("nested too deeply") from None


def _unpack(body: bytes, largest: int) -> bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(body, largest + 1)
    except zlib.error:
        raise _unreadable("damaged") from None
    if len(text) > largest:
        raise TooLarge(f"the backup unpacks to more than {largest} bytes")
    if not unpacker.eof:
        raise _unreadable("cut off")
    return text


def _unreadable(what: str) -> Unreadable:
    return Unreadable(f"the file is no backup: it is {what}", code="invalid_backup")


def _other_format() -> Invalid:
    return Invalid("the file is no backup of Berth", code="unknown_format", field="format")


def _to_invalid(message: str) -> Invalid:
    place = _PLACE.search(message)
    text = _PLACE.sub("", message).replace("`", "")
    return Invalid(
        f"the backup is not understood: {text[:1].lower()}{text[1:]}",
        code="invalid_value",
        field=place["field"] if place else "",
    )
