"""The key/value store on its way to the agents: a full set each, then the changes for all."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from berth.dispatcher.session import HostSession
from berth.domain.discovery_records import Key
from berth.protocol import codec
from berth.protocol.messages import KeyChange, KeySet
from berth.protocol.parts import split
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup
from berth.store.feed import Change
from berth.store.store import Store

#: Changes follow each other after this: with many hosts each frame is sent many times.
PAUSE_S = 0.25
#: What a key weighs beside its name and value.
_KEY_BYTES = 160


class KeyPublisher:
    """Encodes each frame once, for all sessions."""

    def __init__(
        self, store: Store, *, clock: Clock, sessions: Callable[[], Iterable[HostSession]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        #: Names that changed since the last frame.
        self._changed: dict[str, None] = {}
        #: Counts the frames with changes.
        self._sequence = 0
        #: The full set, until a key changes.
        self._full: list[bytes] = []
        self.wakeup = Wakeup()

    def note(self, changes: list[Change]) -> None:
        """Note which keys changed."""
        names = [change.key for change in changes if change.table == "keys"]
        if names:
            self._changed.update(dict.fromkeys(names))
            self._full = []
            self.wakeup.set()

    def send_set(self, session: HostSession) -> None:
        """Send every key; changes follow from then on.

        Changes that wait to be sent are in the set already; that they come again does no harm.
        """
        if not self._full:
            self._full = list(self._encode_set())
        for frame in self._full:
            session.send_frame(frame)
        session.has_keys = True

    async def publish_changes(self) -> str:
        """Send what changed to all sessions."""
        if not self._changed:
            return ""
        changed, self._changed = self._changed, {}
        self._full = []
        frames = []
        for frame in self._encode_changes(changed):
            frames.append(frame)
            await asyncio.sleep(0)
        for session in self._sessions():
            if session.has_keys:
                for frame in frames:
                    session.send_frame(frame)
        await self._clock.sleep(PAUSE_S)
        return ""

    def _encode_set(self) -> Iterator[bytes]:
        parts = list(split(self._store.memory.keys.values(), _weigh)) or [[]]
        for number, part in enumerate(parts, 1):
            yield codec.encode(
                KeySet(
                    sequence=self._sequence,
                    first=number == 1,
                    last=number == len(parts),
                    keys=tuple(part),
                )
            )

    def _encode_changes(self, changed: Iterable[str]) -> Iterator[bytes]:
        keys = self._store.memory.keys
        for part in split([(name, keys.get(name)) for name in changed], _weigh_change):
            self._sequence += 1
            yield codec.encode(
                KeyChange(
                    sequence=self._sequence,
                    put=tuple(key for _, key in part if key is not None),
                    drop=tuple(name for name, key in part if key is None),
                )
            )


def _weigh(key: Key) -> int:
    return len(key.id) + len(key.value) + _KEY_BYTES


def _weigh_change(change: tuple[str, Key | None]) -> int:
    name, key = change
    return _weigh(key) if key is not None else len(name) + _KEY_BYTES
