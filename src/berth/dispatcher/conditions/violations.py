"""Hosts that send what no agent sends: counted, one status each, cut off when they go on."""

from collections.abc import Iterable

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.states import Severity
from berth.protocol.rules import one_line
from berth.runtime.backoff import backoff_s
from berth.runtime.clock import Clock

KEY = "host_misbehaves"

#: Frames that are dropped before the session is ended.
DROPPED_AT_MOST = 10
#: First and longest time without a session; doubles each time.
CUT_OFF_S = (10.0, 600.0)
#: Everything is forgotten after this time without such a frame.
FORGOTTEN_S = 900.0

_ADVICE = (
    "install the manager's version of Berth there, and revoke the host if its machine may be in "
    "other hands"
)


class _Record:
    """What one host sent."""

    def __init__(self, host: Host) -> None:
        self.host = host
        #: In all, and since the session was ended last.
        self.count = self.since_cut = 0
        #: How often its session was ended.
        self.cuts = 0
        #: Monotonic.
        self.last_at = self.free_at = 0.0


class Violations:
    """Counts by host; each host answers for itself alone."""

    def __init__(self, conditions: HostConditions, *, clock: Clock) -> None:
        self._conditions = conditions
        self._clock = clock
        self._started = clock.monotonic()
        self._of_hosts: dict[HostId, _Record] = {}

    def note(self, host: Host, what: str) -> str:
        """Count a frame that was dropped; return why the session ends, "" when it goes on."""
        record = self._of_hosts.setdefault(host.id, _Record(host))
        record.host, record.last_at = host, self._clock.monotonic()
        record.count += 1
        record.since_cut += 1
        if record.since_cut > DROPPED_AT_MOST:
            return self._cut_off(record, one_line(what))
        if record.count == 1:
            text = (
                f"host {host.name} sends what no agent sends: {one_line(what)}; such frames are "
                f"dropped, and its session ends after {DROPPED_AT_MOST} of them: {_ADVICE}"
            )
            self._conditions.raise_status(host, KEY, severity=Severity.WARNING, text=text)
        return ""

    def find_wait(self, host_id: HostId) -> str:
        """Return why a host gets no session for now, "" when it may have one."""
        record = self._of_hosts.get(host_id)
        wait_s = record.free_at - self._clock.monotonic() if record else 0.0
        return f"it sent what no agent sends: no session for {wait_s:.0f} s" if wait_s > 0 else ""

    def clear_old(self, hosts: Iterable[Host]) -> None:
        """Clear the statuses of hosts that have sent nothing of the kind for long.

        What an earlier manager raised is cleared the same time after this one's start.
        """
        now = self._clock.monotonic()
        if now - self._started <= FORGOTTEN_S:
            return
        for host in hosts:
            record = self._of_hosts.get(host.id)
            if record is None or now - record.last_at > FORGOTTEN_S:
                self._of_hosts.pop(host.id, None)
                text = f"host {host.name} sends only what agents send"
                self._conditions.clear_status(host, KEY, text=text)

    def forget(self, host_id: HostId) -> None:
        """Forget a host that is no more."""
        self._of_hosts.pop(host_id, None)

    def _cut_off(self, record: _Record, what: str) -> str:
        record.cuts += 1
        record.since_cut = 0
        wait_s = backoff_s(record.cuts + 1, first_s=CUT_OFF_S[0], longest_s=CUT_OFF_S[1])
        record.free_at = record.last_at + wait_s
        text = (
            f"host {record.host.name} goes on sending what no agent sends ({record.count} frames "
            f"so far, the last: {what}): it gets no session for {wait_s:.0f} s; its containers "
            f"keep running, and its slots are placed elsewhere once it is inactive: {_ADVICE}"
        )
        self._conditions.raise_status(record.host, KEY, severity=Severity.ERROR, text=text)
        return f"it sent {record.count} frames that no agent sends, the last: {what}"
