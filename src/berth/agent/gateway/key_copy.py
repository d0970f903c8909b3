"""The agent's copy of the key/value store, in memory and on the disk."""

import msgspec

from berth.agent.data_directory import DataDirectory
from berth.agent.local.state_file import read_saved
from berth.discovery.sorted_keys import SortedKeys
from berth.domain.discovery_records import Key
from berth.domain.errors import ProtocolError
from berth.protocol.messages import KeyChange, KeySet
from berth.protocol.rules import MAX_PARTS
from berth.runtime.loop import Wakeup

FILE = "keys.msgpack"


class SavedKeys(msgspec.Struct, frozen=True):
    """Content of the file."""

    keys: tuple[Key, ...]


class KeyCopy:
    """What the manager sent last; none before it has sent anything."""

    def __init__(self, saved: SavedKeys | None = None) -> None:
        self.keys: SortedKeys | None = SortedKeys(saved.keys) if saved is not None else None
        #: Set when the copy changed, so that it gets to the disk.
        self.changed = Wakeup()
        #: A set whose last part has not come yet.
        self._coming: list[Key] = []
        self._parts = 0
        #: Number of the last frame that was applied; none before the session's full set.
        self._sequence: int | None = None

    def begin_session(self) -> None:
        """Forget the chain of the last session, and half a set; what it brought stays."""
        self._coming = []
        self._sequence = None

    def take_set(self, part: KeySet) -> None:
        """Take a part of a full set, which is in force with its last one.

        Raises ProtocolError for one without end.
        """
        if part.first:
            self._coming, self._parts = [], 0
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise ProtocolError(f"a set of keys has more than {MAX_PARTS} parts")
        self._coming += part.keys
        if part.last:
            self.keys, self._coming = SortedKeys(self._coming), []
            self._sequence = part.sequence
            self.changed.set()

    def take_change(self, change: KeyChange) -> bool:
        """Apply a change; false when it does not follow the last one, and a full set is needed."""
        if self.keys is None or self._sequence is None or change.sequence != self._sequence + 1:
            self._sequence = None
            return False
        for name in change.drop:
            self.keys.drop(name)
        for key in change.put:
            self.keys.put(key)
        self._sequence = change.sequence
        self.changed.set()
        return True

    def content(self) -> SavedKeys | None:
        """Return what belongs on the disk; none before there is anything."""
        return None if self.keys is None else SavedKeys(tuple(self.keys.values()))


def load(directory: DataDirectory) -> SavedKeys | None:
    """Read the copy from the disk; none when there is none, or when it cannot be read."""
    return read_saved(directory, FILE, kind=SavedKeys)
