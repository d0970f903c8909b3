"""What hosts report of themselves with each sign of life, as statuses."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.disks import CRITICAL_SHARE, LOW_SHARE, describe_space
from berth.domain.fleet import HostStatus
from berth.domain.records import Host
from berth.domain.states import Severity

DISK_LOW = "host_disk_low"
CLOCK_OFF = "host_clock_off"
#: Clocks that differ by more are told; by less, they agree again. Frames travel meanwhile.
CLOCK_OFF_S, CLOCK_AGREES_S = 5.0, 3.0
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
        self._review_disks(host, status)
        self._review_clock(host, status)

    def _review_disks(self, host: Host, status: HostStatus) -> None:
        low = [each for each in status.metrics.disks if each.free_share < LOW_SHARE]
        if not low:
            text = f"the disks of host {host.name} have space again"
            self._conditions.clear_status(host, DISK_LOW, text=text)
            return
        critical = any(each.free_share < CRITICAL_SHARE for each in low)
        severity = Severity.CRITICAL if critical else Severity.WARNING
        spaces = ", ".join(describe_space(each) for each in low[:NAMED_AT_MOST])
        text = (
            f"host {host.name} has little space left on disk: {spaces}; when it is full, no image can "
            "be pulled and no container created: remove images that are not used, or add space"
        )
        kind = severity.name + "".join(sorted(each.path for each in low))
        self._conditions.raise_status(host, DISK_LOW, severity=severity, text=text, kind=kind)

    def _review_clock(self, host: Host, status: HostStatus) -> None:
        ahead_s = status.clock_ahead_s
        if abs(ahead_s) <= CLOCK_AGREES_S:
            text = f"the clocks of host {host.name} and of the manager agree"
            self._conditions.clear_status(host, CLOCK_OFF, text=text)
        if abs(ahead_s) <= CLOCK_OFF_S:
            return
        side = "ahead of" if ahead_s > 0 else "behind"
        text = (
            f"the clock of host {host.name} is {abs(ahead_s):,.0f} s {side} the manager's: logs and "
            "events are out of order, and certificates may be refused; set the clocks, for instance "
            "with NTP"
        )
        self._conditions.raise_status(
            host, CLOCK_OFF, severity=Severity.WARNING, text=text, kind=side
        )

    def _review_stuck(self, host: Host, status: HostStatus) -> None:
        stuck = status.metrics.stuck
        if not stuck:
            text = f"host {host.name} has no containers left that cannot be removed"
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
