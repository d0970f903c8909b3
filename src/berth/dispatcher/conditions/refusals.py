"""Hosts whose sessions are refused: one status each, until a session stands."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.states import Severity

KEY = "session_refused"

#: At most this many different reasons of one host become events before a session stands again.
MAX_REASONS = 4


class Refusals:
    """Why sessions are refused; a reason that is repeated is raised once."""

    def __init__(self, conditions: HostConditions) -> None:
        self._conditions = conditions
        #: What was raised since a session stood: an agent can put ever new words into a reason.
        self._known: dict[HostId, set[str]] = {}

    def raise_status(self, host: Host, reason: str) -> None:
        """Raise the status that names why a host's session is refused."""
        known = self._known.setdefault(host.id, set())
        if reason in known or len(known) >= MAX_REASONS:
            return
        known.add(reason)
        text = f"host {host.name} is refused: {reason}; its containers keep running"
        self._conditions.raise_status(host, KEY, severity=Severity.ERROR, text=text)

    def clear_status(self, host: Host) -> None:
        """Clear the status once a session stands, also one that an earlier manager raised."""
        self._known.pop(host.id, None)
        self._conditions.clear_status(host, KEY, text=f"host {host.name} is connected again")

    def forget(self, host_id: HostId) -> None:
        """Forget a host that no longer exists."""
        self._known.pop(host_id, None)
