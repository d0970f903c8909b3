"""How the key/value store is read: one key, names below a prefix, pairs below a prefix."""

from binascii import b2a_base64
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from berth.domain.discovery_records import Key
from berth.domain.errors import Unreadable

#: Longest key, in bytes.
MAX_KEY_BYTES = 512

#: An answer that is longer is made in pieces; a piece has at most twice as many bytes.
PIECE_BYTES = 32 * 1024

#: Bytes of a value that become base64 at once: without padding, and no longer than a piece.
_VALUE_BYTES = PIECE_BYTES // 4 * 3

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

    #: The body: lists are made while they are gone through, which can be done once.
    pieces: Iterable[bytes]
    media_type: str = JSON
    #: False for a missing key: 404, with an empty body.
    found: bool = True

    @property
    def body(self) -> bytes:
        """Return the body as a whole."""
        return b"".join(self.pieces)


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
        return KeyAnswer(_list_pieces((_encoder.encode(one.id),) for one in _below(keys, name)))
    if options.recurse:
        return KeyAnswer(_list_pieces(_pair_parts(one) for one in _below(keys, name)))
    key = keys.get(check_name(name))
    if key is None and not consul and not options.raw:
        return KeyAnswer((b"[]",))
    if key is None:
        return KeyAnswer((), TEXT, found=False)
    if options.raw:
        return KeyAnswer((key.value,), TEXT)
    return KeyAnswer(_list_pieces((_pair_parts(key),)))


def check_name(name: str) -> str:
    """Return the name; raises Unreadable when no key can have it."""
    if not name:
        raise Unreadable("the key is empty: name one", code="empty_key", field="key")
    return check_prefix(name)


def check_prefix(prefix: str) -> str:
    """Return the prefix, which may be empty; raises Unreadable when no key can begin like that."""
    if prefix.startswith("/"):
        raise Unreadable("a key must not begin with a slash", code="invalid_key", field="key")
    if "\0" in prefix:
        raise Unreadable("a key must not contain a NUL byte", code="invalid_key", field="key")
    if len(prefix.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
        message = f"a key may have at most {MAX_KEY_BYTES} bytes"
        raise Unreadable(message, code="key_too_long", field="key")
    return prefix


def _below(keys: Keys, prefix: str) -> list[Key]:
    return keys.below(check_prefix(prefix))


def _list_pieces(items: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Go through the JSON list of items, each of which comes in parts."""
    piece = bytearray(b"[")
    between = b""
    for parts in items:
        piece += between
        between = b","
        for part in parts:
            piece += part
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
    yield bytes(piece + b"]")


def _pair_parts(key: Key) -> Iterator[bytes]:
    """Go through the JSON of a pair; a long value is never there as a whole in base64."""
    if len(key.value) <= _VALUE_BYTES:
        yield _encoder.encode(_pair(key, key.value))
        return
    head, tail = _encoder.encode(_pair(key, b"")), b'"}'
    yield head.removesuffix(tail)
    for start in range(0, len(key.value), _VALUE_BYTES):
        yield b2a_base64(key.value[start : start + _VALUE_BYTES], newline=False)
    yield tail


def _pair(key: Key, value: bytes) -> KeyPair:
    return KeyPair(
        key=key.id,
        create_index=key.create_index,
        modify_index=key.modify_index,
        lock_index=0,
        flags=key.flags,
        value=value,
    )
