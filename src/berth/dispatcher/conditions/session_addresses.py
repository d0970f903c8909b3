"""Where the sessions of a host come from, and two places that take turns."""

from collections.abc import Iterable

import msgspec

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.dispatcher.observer import Observer
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host
from berth.domain.states import Severity
from berth.runtime.addresses import source_of
from berth.runtime.clock import Clock
from berth.store.draft import NewEvent

KEY = "host_two_sessions"

#: An address that comes back within this time, after another one was there, is a second agent.
RETURN_S = 120.0
#: The status is cleared when no session came from a second place for this time.
FORGOTTEN_S = 600.0
#: At most one move of a host becomes an event in this time.
MOVE_PAUSE_S = 60.0


class _Known(msgspec.Struct):
    """Where the last sessions of one host came from."""

    address: str
    #: The address before that, and when its last session gave way.
    before: str = ""
    left_at: float = 0.0
    #: When two places were seen last; none while there is one.
    two_at: float | None = None
    #: When a move became an event last.
    moved_at: float = float("-inf")


class SessionAddresses:
    """Records each session that comes from elsewhere, and raises a status for two places at once."""

    def __init__(self, observer: Observer, conditions: HostConditions, *, clock: Clock) -> None:
        self._observer = observer
        self._conditions = conditions
        self._clock = clock
        self._started = clock.monotonic()
        self._known: dict[HostId, _Known] = {}

    def accept(self, host: Host, address: str) -> None:
        """Note a session that was accepted; "" is an address that nobody knows."""
        known = self._known.setdefault(host.id, _Known(host.session_address or address))
        if not address or address == known.address:
            return
        now = self._clock.monotonic()
        returns = address == known.before and now - known.left_at <= RETURN_S
        if returns and known.two_at is None:
            self._raise_status(host, old=known.address, new=address)
        elif known.two_at is None:
            self._note_move(host, known, address=address)
        if returns:
            known.two_at = now
        known.before, known.address, known.left_at = known.address, address, now

    def choose(self, host: Host, address: str) -> str:
        """Return the address to keep of a host: the known one while its source is the same."""
        known = host.session_address
        return known if not address or _is_same(address, known) else address

    def clear_old(self, hosts: Iterable[Host]) -> None:
        """Clear the statuses of hosts whose sessions come from one place again.

        What an earlier manager raised is cleared the same time after this one's start.
        """
        now = self._clock.monotonic()
        if now - self._started <= FORGOTTEN_S:
            return
        for host in hosts:
            known = self._known.get(host.id)
            if known is not None and known.two_at is not None:
                if now - known.two_at <= FORGOTTEN_S:
                    continue
                known.two_at = None
            text = f"the sessions of host {host.name} come from one address again"
            self._conditions.clear_status(host, KEY, text=text)

    def forget(self, host_id: HostId) -> None:
        """Forget a host that no longer exists."""
        self._known.pop(host_id, None)

    def _note_move(self, host: Host, known: _Known, *, address: str) -> None:
        """Record a move to another network, unless one was a moment ago."""
        now = self._clock.monotonic()
        if not _is_same(address, known.address) and now - known.moved_at >= MOVE_PAUSE_S:
            known.moved_at = now
            self._record_move(host, old=known.address, new=address)

    def _record_move(self, host: Host, *, old: str, new: str) -> None:
        event = NewEvent(
            key="host_session_moved",
            severity=Severity.WARNING,
            summary=(
                f"a session of host {host.name} comes from {new}; the one before came from {old}"
            ),
            actor=Actor("host", host.id, host.name),
            details={"host_id": host.id, "hostname": host.name},
        )
        self._observer.add_events([event])

    def _raise_status(self, host: Host, *, old: str, new: str) -> None:
        text = (
            f"two agents take turns as host {host.name}, from {old} and from {new}: if one of "
            f"them is not yours, revoke the host's access (POST /api/v2/hosts/{host.id}/revoke)"
        )
        self._conditions.raise_status(
            host, KEY, severity=Severity.CRITICAL, text=text, kind="two addresses"
        )


def _is_same(address: str, other: str) -> bool:
    """Whether two addresses are one source: whoever has an IPv6 address has its network."""
    return address == other or bool(address and other and source_of(address) == source_of(other))
