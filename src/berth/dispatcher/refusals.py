"""Hosts whose sessions are refused: one status each, until a session stands."""

from berth.dispatcher.observer import Observer
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host, fingerprint
from berth.domain.states import Severity
from berth.store.draft import NewEvent
from berth.store.memory import Memory

KEY = "session_refused"


class Refusals:
    """What was said of each host; a reason that is repeated is said once."""

    def __init__(self, memory: Memory, observer: Observer) -> None:
        self._memory = memory
        self._observer = observer
        self._reasons: dict[HostId, str] = {}

    def raise_status(self, host: Host, reason: str) -> None:
        """Say why a host's session is refused."""
        if self._reasons.get(host.id) != reason:
            self._reasons[host.id] = reason
            text = f"host {host.name} gets no session: {reason}; its containers keep running"
            self._observer.add_events([_event(host, Severity.ERROR, text=text)])

    def clear_status(self, host: Host) -> None:
        """Say that a session stands; a status that an earlier manager raised is cleared, too."""
        cleared = _event(host, Severity.CLEARED, text=f"host {host.name} is in session")
        status = self._memory.statuses.get(fingerprint(cleared.actor, None, key=KEY))
        is_open = status is not None and not status.clear_event_id
        if self._reasons.pop(host.id, None) is not None or is_open:
            self._observer.add_events([cleared])

    def forget(self, host_id: HostId) -> None:
        """Forget a host that is no more."""
        self._reasons.pop(host_id, None)


def _event(host: Host, severity: Severity, *, text: str) -> NewEvent:
    return NewEvent(
        key=KEY,
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name},
        makes_status=True,
    )
