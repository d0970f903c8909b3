"""What is the matter with hosts: one status for each kind of trouble, until it is over."""

from berth.dispatcher.observer import Observer
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host, Status, Tombstone, fingerprint
from berth.domain.states import Severity
from berth.store.draft import NewEvent
from berth.store.memory import Memory

AnyHost = Host | Tombstone


class HostConditions:
    """The statuses of each host; what is repeated is raised once."""

    def __init__(self, memory: Memory, observer: Observer) -> None:
        self._memory = memory
        self._observer = observer
        #: What was raised last, by the key of its status; "" once it was cleared.
        self._raised: dict[HostId, dict[str, str]] = {}

    def raise_status(
        self, host: AnyHost, key: str, *, severity: Severity, text: str, kind: str = ""
    ) -> None:
        """Raise a status unless it is raised already; another ``kind`` of it is raised again.

        Without a kind, each new text is one.
        """
        raised = self._raised.setdefault(host.id, {})
        if raised.get(key) != (kind or text):
            raised[key] = kind or text
            self._observer.add_events([_event(host, key, severity=severity, text=text)])

    def clear_status(self, host: AnyHost, key: str, *, text: str) -> None:
        """Clear a status that is over, also one that an earlier manager raised."""
        raised = self._raised.setdefault(host.id, {})
        before = raised.get(key)
        raised[key] = ""
        if before or (before is None and self._is_open(host, key)):
            self._observer.add_events([_event(host, key, severity=Severity.CLEARED, text=text)])

    def was_cleared(self, host: AnyHost, key: str) -> bool:
        """Whether a status is known to be over, also one that an earlier manager cleared."""
        raised = self._raised.get(host.id, {}).get(key)
        if raised is not None:
            return not raised
        status = self._find_status(host, key)
        return status is not None and status.clear_event_id > 0

    def forget(self, host_id: HostId) -> None:
        """Forget a host, or a tombstone, that no longer exists."""
        self._raised.pop(host_id, None)

    def _is_open(self, host: AnyHost, key: str) -> bool:
        status = self._find_status(host, key)
        return status is not None and not status.clear_event_id

    def _find_status(self, host: AnyHost, key: str) -> Status | None:
        actor = Actor("host", host.id, host.name)
        return self._memory.statuses.get(fingerprint(actor, None, key=key))


def _event(host: AnyHost, key: str, *, severity: Severity, text: str) -> NewEvent:
    return NewEvent(
        key=key,
        severity=severity,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name},
        makes_status=True,
    )
