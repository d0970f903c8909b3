"""Where the sessions of a host come from, and two places that take turns."""

import msgspec

from berth.dispatcher.observer import Observer
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host
from berth.domain.states import Severity
from berth.runtime.clock import Clock
from berth.store.draft import NewEvent

#: An address that comes back within this time, after another one was there, is a second agent.
RETURN_S = 120.0
#: The status is cleared when no session came from a second place for this time.
FORGOTTEN_S = 600.0


class _Known(msgspec.Struct):
    """Where the last sessions of one host came from."""

    host: Host
    address: str
    #: The address before that, and when its last session gave way.
    before: str = ""
    left_at: float = 0.0
    #: When two places were seen last; none while there is one.
    two_at: float | None = None


class SessionAddresses:
    """Records each session that comes from elsewhere, and raises a status for two places at once."""

    def __init__(self, observer: Observer, *, clock: Clock) -> None:
        self._observer = observer
        self._clock = clock
        self._known: dict[HostId, _Known] = {}

    def accept(self, host: Host, address: str) -> None:
        """Note a session that was accepted; "" is an address that nobody knows."""
        known = self._known.setdefault(host.id, _Known(host, host.session_address or address))
        known.host = host
        if not address or address == known.address:
            return
        now = self._clock.monotonic()
        returns = address == known.before and now - known.left_at <= RETURN_S
        if returns and known.two_at is None:
            self._raise_status(host, old=known.address, new=address)
        elif known.two_at is None:
            self._record_move(host, old=known.address, new=address)
        if returns:
            known.two_at = now
        known.before, known.address, known.left_at = known.address, address, now

    def clear_old(self) -> None:
        """Clear the statuses of hosts whose sessions come from one place again."""
        now = self._clock.monotonic()
        for known in self._known.values():
            if known.two_at is not None and now - known.two_at > FORGOTTEN_S:
                known.two_at = None
                text = (
                    f"the sessions of host {known.host.name} come from {known.address} alone again"
                )
                self._observer.add_events([_status(known.host, Severity.CLEARED, text=text)])

    def forget(self, host_id: HostId) -> None:
        """Forget a host that no longer exists, or whose access was revoked."""
        self._known.pop(host_id, None)

    def _record_move(self, host: Host, *, old: str, new: str) -> None:
        text = f"a session of host {host.name} comes from {new}; the one before came from {old}"
        event = _status(host, Severity.WARNING, text=text)
        self._observer.add_events(
            [msgspec.structs.replace(event, key="host_session_moved", makes_status=False)]
        )

    def _raise_status(self, host: Host, *, old: str, new: str) -> None:
        text = (
            f"two agents take turns as host {host.name}, from {old} and from {new}: if one of "
            f"them is not yours, revoke the host's access (POST /api/v2/hosts/{host.id}/revoke)"
        )
        self._observer.add_events([_status(host, Severity.CRITICAL, text=text)])


def _status(host: Host, severity: Severity, *, text: str) -> NewEvent:
    return NewEvent(
        key="host_two_sessions",
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name},
        makes_status=True,
    )
