"""What hosts tell of themselves with each sign of life, as statuses."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.fleet import HostStatus
from berth.domain.records import Host
from berth.domain.states import Severity

STUCK = "container_stuck"
#: At most this many containers are named in one status, each with this much of the engine's words.
NAMED_AT_MOST = 3
WORDS_AT_MOST = 300


class MetricsConditions:
    """Raises and clears statuses by what is observed of a host in contact."""

    def __init__(self, conditions: HostConditions) -> None:
        self._conditions = conditions

    def review(self, host: Host, status: HostStatus) -> None:
        """Review a host; safe to repeat."""
        self._review_stuck(host, status)

    def _review_stuck(self, host: Host, status: HostStatus) -> None:
        stuck = status.metrics.stuck
        if not stuck:
            text = f"host {host.name} has no container any more that cannot be removed"
            self._conditions.clear_status(host, STUCK, text=text)
            return
        named = "; ".join(
            f"{each.name or each.id[:12]} ({each.id[:12]}): "
            f"{each.message[:WORDS_AT_MOST].strip() or 'the engine does not say why'}"
            for each in stuck[:NAMED_AT_MOST]
        )
        more = f"; and {len(stuck) - NAMED_AT_MOST} more" if len(stuck) > NAMED_AT_MOST else ""
        text = (
            f"host {host.name} cannot remove what ended there: {named}{more}. Nothing waits for it, "
            "and it is tried again; if it stays, remove it by hand or restart the engine"
        )
        kind = " ".join(sorted(each.id for each in stuck))
        self._conditions.raise_status(host, STUCK, severity=Severity.WARNING, text=text, kind=kind)
