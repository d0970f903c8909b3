"""Which hosts are in contact: whose frames come, in sessions that stand."""

from berth.domain.ids import HostId
from berth.runtime.clock import Clock


class ContactTimes:
    """Monotonic times by host.

    A session stands when its agent has a whole set of assignments, and has reported if it can.
    Frames of one that does not stand yet count as contact, but not for longer than a time to live:
    where nothing large gets through, greetings come for ever.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: When a frame of the host came last.
        self.heard_at: dict[HostId, float] = {}
        #: Since when the host greets, and no session of it stands.
        self.greets_since: dict[HostId, float] = {}

    def hear(self, host_id: HostId, *, stands: bool) -> None:
        """Note a frame, of a session that stands or not."""
        now = self.heard_at[host_id] = self._clock.monotonic()
        if stands:
            self.greets_since.pop(host_id, None)
        else:
            self.greets_since.setdefault(host_id, now)

    def forgive(self, late_s: float) -> None:
        """Leave out a time in which nobody could be heard."""
        now = self._clock.monotonic()
        for times in (self.heard_at, self.greets_since):
            for host_id, time in times.items():
                times[host_id] = min(now, time + late_s)
