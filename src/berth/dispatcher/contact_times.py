"""Which hosts are in contact: whose frames come, in sessions that stand."""

from collections.abc import Container

from berth.domain.ids import HostId
from berth.runtime.clock import Clock


class ContactTimes:
    """The only place that knows when each host was heard, in monotonic time.

    A session stands when its agent has a whole set of assignments, and has reported if it can.
    Frames of one that does not stand yet count as contact, but not for longer than a time to live:
    where nothing large gets through, greetings come for ever.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        #: When a frame of the host came last.
        self._heard_at: dict[HostId, float] = {}
        #: Since when the host greets, and no session of it stands.
        self._greets_since: dict[HostId, float] = {}

    def silent_s(self, host_id: HostId) -> float:
        """Return how long a host is silent; one that was never heard is silent since the start."""
        return self._clock.monotonic() - self._heard_at.setdefault(host_id, self._started)

    def greets_s(self, host_id: HostId) -> float | None:
        """Return how long a host has only greeted; none when it does not, or a session stands."""
        since = self._greets_since.get(host_id)
        return None if since is None else self._clock.monotonic() - since

    def hear(self, host_id: HostId, *, stands: bool) -> None:
        """Note a frame, of a session that stands or not."""
        now = self._heard_at[host_id] = self._clock.monotonic()
        if stands:
            self._greets_since.pop(host_id, None)
        else:
            self._greets_since.setdefault(host_id, now)

    def forgive(self, late_s: float) -> None:
        """Leave out a time in which nobody could be heard."""
        now = self._clock.monotonic()
        for times in (self._heard_at, self._greets_since):
            for host_id, time in times.items():
                times[host_id] = min(now, time + late_s)

    def keep(self, host_ids: Container[HostId]) -> None:
        """Forget every host but these."""
        for times in (self._heard_at, self._greets_since):
            for host_id in [host_id for host_id in times if host_id not in host_ids]:
                del times[host_id]
