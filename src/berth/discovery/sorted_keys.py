"""A key/value store in memory that answers questions about prefixes at once."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from berth.domain.discovery_records import Key


class SortedKeys:
    """Keys with their names in order; as cheap to change as to read."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = {key.id: key for key in keys}
        self._names = sorted(self._keys)

    def get(self, name: str) -> Key | None:
        """Return the key of that name, or none."""
        return self._keys.get(name)

    def below(self, prefix: str) -> list[Key]:
        """Return the keys whose names begin with the prefix, sorted by name."""
        found: list[Key] = []
        for place in range(bisect_left(self._names, prefix), len(self._names)):
            name = self._names[place]
            if not name.startswith(prefix):
                break
            found.append(self._keys[name])
        return found

    def values(self) -> Iterator[Key]:
        """Go through all keys."""
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, key: Key) -> None:
        """Add a key, or put it in the place of the one of its name."""
        if key.id not in self._keys:
            insort(self._names, key.id)
        self._keys[key.id] = key

    def drop(self, name: str) -> None:
        """Take a key out, if there is one."""
        if self._keys.pop(name, None) is not None:
            del self._names[bisect_left(self._names, name)]
