"""When sessions were last used: noted in memory at each call, written now and then."""

from berth.control.accounts.sessions import is_ended, prolong, record_uses
from berth.domain.records import Token
from berth.runtime.clock import Clock
from berth.store.store import Store

#: Uses are written at most this often; a start of the manager forgets the last ones.
WRITE_INTERVAL_S = 15.0


class SessionUses:
    """Lets sessions live on while they are used, without a write for each call."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        #: By token id; what was written is forgotten.
        self._noted: dict[str, float] = {}

    def current(self, session: Token) -> Token:
        """Return a session with its last use, written or not."""
        noted = self._noted.get(session.id)
        if noted is None:
            return session
        lifetime_s = self._store.memory.settings.session_lifetime_s
        return prolong(session, at=noted, lifetime_s=lifetime_s)

    def is_ended(self, session: Token) -> bool:
        """Whether a session is good for nothing any more."""
        return is_ended(self.current(session), self._clock.now())

    def note(self, session: Token) -> None:
        """Count a session's lifetime from now on."""
        self._noted[session.id] = self._clock.now()

    async def write(self) -> str:
        """Write what was noted; the pass of a loop."""
        uses = dict(self._noted)
        if uses:
            await self._store.run(lambda draft: record_uses(draft, uses))
        for token_id, at in uses.items():
            if self._noted[token_id] == at:
                del self._noted[token_id]
        return ""
