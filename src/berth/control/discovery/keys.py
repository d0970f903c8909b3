"""Keys that users write; the platform's own are written by the reconcilers."""

from berth.discovery.key_answers import UnsortedKeys, check_name
from berth.domain.errors import TooLarge, Unreadable
from berth.store.draft import Draft

#: Largest value.
MAX_VALUE_BYTES = 512 * 1024

#: Names and values of all keys together; the manager and every agent hold them in memory.
MAX_STORE_BYTES = 64 * 1024 * 1024


def put_key(
    draft: Draft, name: str, *, value: bytes, flags: int = 0, cas: int | None = None
) -> bool:
    """Write a key; false when ``cas`` is not the index of its last write (0: there is none)."""
    known = draft.keys.get(check_name(name))
    if cas is not None and cas != (known.modify_index if known else 0):
        return False
    size = draft.keys.size
    draft.write_key(name, value, flags=flags)
    if size < draft.keys.size > MAX_STORE_BYTES:
        raise TooLarge(
            f"the key/value store holds {MAX_STORE_BYTES // 2**20} MiB at most: remove keys first",
            code="store_full",
        )
    return True


def delete_key(draft: Draft, name: str) -> None:
    """Drop exactly that key, if there is one."""
    draft.keys.drop(check_name(name))


def delete_keys_below(draft: Draft, prefix: str) -> None:
    """Drop every key that begins with the prefix."""
    if not prefix:
        raise Unreadable(
            "an empty prefix would remove every key: name one", code="empty_key", field="key"
        )
    for key in UnsortedKeys(draft.keys).below(check_name(prefix)):
        draft.keys.drop(key.id)
