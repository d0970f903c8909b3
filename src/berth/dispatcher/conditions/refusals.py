"""Hosts whose sessions are refused: one status each, until a session stands."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.records import Host
from berth.domain.states import Severity

KEY = "session_refused"


class Refusals:
    """Why sessions are refused; a reason that is repeated is said once."""

    def __init__(self, conditions: HostConditions) -> None:
        self._conditions = conditions

    def raise_status(self, host: Host, reason: str) -> None:
        """Say why a host's session is refused."""
        text = f"host {host.name} gets no session: {reason}; its containers keep running"
        self._conditions.raise_status(host, KEY, severity=Severity.ERROR, text=text)

    def clear_status(self, host: Host) -> None:
        """Say that a session stands; a status that an earlier manager raised is cleared, too."""
        self._conditions.clear_status(host, KEY, text=f"host {host.name} is in session")
