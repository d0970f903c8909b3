"""Who may be connected at once: everybody known, and a bounded number of strangers."""

from collections.abc import Callable, Iterable

from starlette.requests import HTTPConnection

from berth.api.connections.cut_log import Cut, CutLog
from berth.api.connections.limits import Limits
from berth.api.connections.proxies import is_proxy
from berth.runtime.addresses import source_of

#: Place in a scope for the guest whose connection a request came on.
SCOPE_KEY = "berth.guest"


class Guest:
    """One connection, from its acceptance to its end."""

    def __init__(self, admission: "Admission", source: str, *, since: float) -> None:
        self._admission = admission
        self.source = source
        self.since = since
        self.is_known = False
        #: Ends the connection; set again as it goes from one protocol to the next.
        self.cut: Callable[[], object] = lambda: None
        #: Whether a whole request is at work, so that the client waits and not the manager.
        self.is_busy: Callable[[], bool] = lambda: False
        #: Is called once somebody is known.
        self.on_known: Callable[[], object] = lambda: None

    def become_known(self) -> None:
        """Note that a credential was shown; it counts as long as the connection lasts."""
        if not self.is_known:
            self.is_known = True
            self._admission.recognize(self)
            self.on_known()

    def leave(self) -> None:
        """Note that the connection is gone. Safe to repeat."""
        self._admission.release(self)

    def note(self, cut: Cut) -> None:
        """Count that this connection is cut."""
        self._admission.cuts.note(cut, self.source)


class Admission:
    """Counts connections, and lets new ones in while there is room.

    A stranger for whom there is none takes the place of the one who has been waited for longest,
    so that clients who say nothing keep nobody out.
    """

    def __init__(self, limits: Limits, *, now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self.cuts = CutLog()
        #: All in the order in which they came; dictionaries serve as ordered sets.
        self._strangers: dict[Guest, None] = {}
        self._by_source: dict[str, dict[Guest, None]] = {}
        self._known: set[Guest] = set()

    def admit(self, address: str) -> Guest | None:
        """Return the guest for a new connection; none when there is no room for it."""
        source = source_of(address)
        from_there = self._by_source.get(source, {})
        crowd: Iterable[Guest] = ()
        is_crowded = len(from_there) >= self._limits.strangers_per_source
        if is_crowded and not is_proxy(address, self._limits.proxies):
            crowd = from_there
        elif self._is_full():
            crowd = self._strangers
        else:
            return self._enter(source)
        self.cuts.note(Cut.TOO_MANY, source)
        if not self._cut_one(crowd):
            return None
        return self._enter(source)

    def recognize(self, guest: Guest) -> None:
        """Count a guest among those that are known."""
        if guest in self._strangers:
            self._forget_stranger(guest)
            self._known.add(guest)

    def release(self, guest: Guest) -> None:
        """Forget a guest. Safe to repeat."""
        self._known.discard(guest)
        if guest in self._strangers:
            self._forget_stranger(guest)

    @property
    def counts(self) -> tuple[int, int]:
        """How many strangers are connected, and how many that are known."""
        return len(self._strangers), len(self._known)

    def _is_full(self) -> bool:
        strangers, known = self.counts
        return strangers >= self._limits.strangers or strangers + known >= self._limits.connections

    def _enter(self, source: str) -> Guest:
        guest = Guest(self, source, since=self._now())
        self._strangers[guest] = None
        self._by_source.setdefault(source, {})[guest] = None
        return guest

    def _cut_one(self, crowd: Iterable[Guest]) -> bool:
        """Cut the first who is waited for; false when there is none who had his time."""
        latest = self._now() - self._limits.grace_s
        for guest in crowd:
            if guest.since > latest:
                return False
            if not guest.is_busy():
                self.release(guest)
                guest.cut()
                return True
        return False

    def _forget_stranger(self, guest: Guest) -> None:
        del self._strangers[guest]
        from_there = self._by_source[guest.source]
        del from_there[guest]
        if not from_there:
            del self._by_source[guest.source]


def note_known(connection: HTTPConnection) -> None:
    """Note that whoever makes a request has shown a credential."""
    guest: Guest | None = connection.scope.get(SCOPE_KEY)
    if guest is not None:
        guest.become_known()
