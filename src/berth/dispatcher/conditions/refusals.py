"""Hosts whose sessions are refused: one status each, until a session stands."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.records import Host
from berth.domain.states import Severity

KEY = "session_refused"


class Refusals:
    """Why sessions are refused; a reason that is repeated is raised once."""

    def __init__(self, conditions: HostConditions) -> None:
        self._conditions = conditions

    def raise_status(self, host: Host, reason: str) -> None:
        """Raise the status that names why a host's session is refused."""
        text = f"host {host.name} is refused: {reason}; its containers keep running"
        self._conditions.raise_status(host, KEY, severity=Severity.ERROR, text=text)

    def clear_status(self, host: Host) -> None:
        """Clear the status once a session stands, also one that an earlier manager raised."""
        self._conditions.clear_status(host, KEY, text=f"host {host.name} is connected again")
