"""How the key/value store is read: one key, names below a prefix, pairs below a prefix."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from berth.domain.discovery_records import Key
from berth.domain.errors import Unreadable

#: Longest key, in bytes.
MAX_KEY_BYTES = 512

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


class Keys(Protocol):
    """A key/value store as far as it is read."""

    def get(self, name: str) -> Key | None:
        """Return the key of that name, or none."""
        ...

    def below(self, prefix: str) -> list[Key]:
        """Return the keys whose names begin with the prefix, sorted by name."""
        ...


class Names(Protocol):
    """Keys by name, in no order."""

    def get(self, key: str) -> Key | None:
        """Return the key of that name, or none."""
        ...

    def values(self) -> Iterable[Key]:
        """Go through all keys."""
        ...


class ReadOptions(msgspec.Struct, frozen=True):
    """The flags of a reading request; the first that is on decides."""

    keys: bool = False
    recurse: bool = False
    raw: bool = False


class KeyAnswer(msgspec.Struct, frozen=True):
    """What is answered to a reading request."""

    body: bytes
    media_type: str = JSON
    #: False for a missing key: 404, with an empty body.
    found: bool = True


class KeyPair(msgspec.Struct, frozen=True):
    """A key as Consul writes it; JSON turns the value's bytes into base64."""

    key: str = msgspec.field(name="Key")
    create_index: int = msgspec.field(name="CreateIndex")
    modify_index: int = msgspec.field(name="ModifyIndex")
    lock_index: int = msgspec.field(name="LockIndex")
    flags: int = msgspec.field(name="Flags")
    value: bytes = msgspec.field(name="Value")


_encoder = msgspec.json.Encoder()


class UnsortedKeys:
    """A table of keys as ``Keys``; each question about a prefix goes through all of them."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def get(self, name: str) -> Key | None:
        """Return the key of that name, or none."""
        return self._names.get(name)

    def below(self, prefix: str) -> list[Key]:
        """Return the keys whose names begin with the prefix, sorted by name."""
        found = [key for key in self._names.values() if key.id.startswith(prefix)]
        found.sort(key=lambda key: key.id)
        return found


def answer_read(keys: Keys, name: str, *, options: ReadOptions, consul: bool) -> KeyAnswer:
    """Answer a reading request; raises Unreadable for a name that no key can have.

    The pairs of a missing key are 404 on the paths of Consul (``/v1``), and an empty list on those
    of ``/api``, whose clients take every error for a failed connection.
    """
    if options.keys:
        return KeyAnswer(_encoder.encode([key.id for key in keys.below(check_prefix(name))]))
    if options.recurse:
        return KeyAnswer(_encoder.encode([_pair(key) for key in keys.below(check_prefix(name))]))
    key = keys.get(check_name(name))
    if key is None and not consul and not options.raw:
        return KeyAnswer(b"[]")
    if key is None:
        return KeyAnswer(b"", TEXT, found=False)
    if options.raw:
        return KeyAnswer(key.value, TEXT)
    return KeyAnswer(_encoder.encode([_pair(key)]))


def check_name(name: str) -> str:
    """Return the name; raises Unreadable when no key can have it."""
    if not name:
        raise Unreadable("the key is empty: name one", code="empty_key", field="key")
    return check_prefix(name)


def check_prefix(prefix: str) -> str:
    """Return the prefix, which may be empty; raises Unreadable when no key can begin so."""
    if prefix.startswith("/"):
        raise Unreadable("a key has no leading slash", code="invalid_key", field="key")
    if "\0" in prefix:
        raise Unreadable("a key cannot hold a NUL byte", code="invalid_key", field="key")
    if len(prefix.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
        message = f"a key has at most {MAX_KEY_BYTES} bytes"
        raise Unreadable(message, code="key_too_long", field="key")
    return prefix


def _pair(key: Key) -> KeyPair:
    return KeyPair(
        key=key.id,
        create_index=key.create_index,
        modify_index=key.modify_index,
        lock_index=0,
        flags=key.flags,
        value=key.value,
    )
