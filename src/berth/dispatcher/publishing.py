"""The key/value store on its way to the agents: a full set each, then the changes for all."""

from collections.abc import Callable, Iterable, Iterator

from berth.dispatcher.session import Session
from berth.domain.entries import Key
from berth.protocol import codec
from berth.protocol.messages import MAX_FRAME_BYTES, KeyChange, KeySet
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup
from berth.store.feed import Change
from berth.store.store import Store

#: Changes follow each other after this: with many hosts each frame is sent many times.
PAUSE_S = 0.25
#: Names and values in one frame; what else a key has takes less than its share of the rest.
FRAME_BYTES = MAX_FRAME_BYTES // 4
#: What a key weighs beside its name and value.
_KEY_BYTES = 160


class KeyPublisher:
    """Encodes each frame once, for all sessions."""

    def __init__(
        self, store: Store, *, clock: Clock, sessions: Callable[[], Iterable[Session]]
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

    def send_set(self, session: Session) -> None:
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
        frames = list(self._encode_changes(changed))
        for session in self._sessions():
            if session.has_keys:
                for frame in frames:
                    session.send_frame(frame)
        await self._clock.sleep(PAUSE_S)
        return ""

    def _encode_set(self) -> Iterator[bytes]:
        parts = list(_split(self._store.memory.keys.values())) or [[]]
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
        drop = tuple(name for name in changed if name not in keys)
        put = [key for name in changed if (key := keys.get(name)) is not None]
        for part in list(_split(put)) or [[]]:
            self._sequence += 1
            yield codec.encode(KeyChange(sequence=self._sequence, put=tuple(part), drop=drop))
            drop = ()


def _split(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Cut keys into lists that fit into a frame each."""
    part: list[Key] = []
    size = 0
    for key in keys:
        weight = len(key.id) + len(key.value) + _KEY_BYTES
        if part and size + weight > FRAME_BYTES:
            yield part
            part, size = [], 0
        part.append(key)
        size += weight
    if part:
        yield part
