"""The pass that makes silent hosts inactive: silence is an observation."""

import msgspec

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.report_events import host_event
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host
from berth.domain.states import HostState, Severity
from berth.runtime.clock import Clock
from berth.store.draft import NewEvent
from berth.store.store import Store

#: From so many hosts on, silence of more than half of them is taken for a fault of the network.
MASS_HOSTS = 10
#: A pass that comes later than planned by more than this was late itself.
LATE_S = 0.5


class Liveness:
    """Watches how long hosts are silent, in monotonic time."""

    def __init__(self, store: Store, dispatcher: Dispatcher, *, clock: Clock) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._clock = clock
        self._started = clock.monotonic()
        self._last_pass = self._started
        #: When each host that is inactive now fell silent.
        self._fell_silent: dict[HostId, float] = {}
        #: Since when the engine of a host in contact does not answer; hosts that are inactive for it.
        self._engine_away: dict[HostId, float] = {}
        self._engine_lost: set[HostId] = set()
        #: When re-placing goes on after mass silence, monotonic, so that no set clock keeps it up.
        self._wait_ends = 0.0

    def interval_s(self) -> float:
        """Return the time between two passes."""
        return min(1.0, self._store.memory.settings.host_ttl_s / 12)

    async def expire_silent(self) -> str:
        """ChangeMark hosts that are silent longer than their time to live as inactive."""
        now = self._clock.monotonic()
        self._forgive_lateness(now)
        ttl_s = self._store.memory.settings.host_ttl_s
        silent: list[Host] = []
        for host in self._store.memory.hosts.values():
            status = self._dispatcher.observer.status_of(host.id)
            heard = self._dispatcher.heard_at.setdefault(host.id, self._started)
            if status.state is HostState.INACTIVE or now - heard <= ttl_s:
                if status.state is not HostState.INACTIVE:
                    self._fell_silent.pop(host.id, None)
                continue
            silent.append(host)
            self._fell_silent[host.id] = now
        self._forget_deleted()
        self._end_wait()
        if silent:
            self._guard_against_mass_silence(now, ttl_s)
        for host in silent:
            silent_s = now - self._dispatcher.heard_at[host.id]
            self._expire(host, f"silent for {silent_s:.0f} s")
            # Only the full report of a new session makes the host active again.
            self._dispatcher.end_session(host.id, f"silent for {silent_s:.0f} s")
        gone = [*silent, *self._look_at_engines(now)]
        return f"inactive: {', '.join(host.name for host in gone)}" if gone else ""

    def _look_at_engines(self, now: float) -> list[Host]:
        """Expire hosts in contact whose engine is away for long; they return with their engine."""
        ttl_s = self._store.memory.settings.engine_ttl_s
        gone: list[Host] = []
        for host in self._store.memory.hosts.values():
            status = self._dispatcher.observer.status_of(host.id)
            if now - self._dispatcher.heard_at[host.id] > self._store.memory.settings.host_ttl_s:
                self._engine_lost.discard(host.id)  # it is silent as well, so a session decides
            if status.metrics.engine_reachable:
                self._engine_away.pop(host.id, None)
                if host.id in self._engine_lost and status.state is HostState.INACTIVE:
                    active = msgspec.structs.replace(status, state=HostState.ACTIVE)
                    self._dispatcher.observer.record_status(active)
                self._engine_lost.discard(host.id)
            elif status.state is HostState.ACTIVE:
                away_s = now - self._engine_away.setdefault(host.id, now)
                if away_s > ttl_s:
                    self._expire(host, f"its container engine does not answer for {away_s:.0f} s")
                    self._engine_lost.add(host.id)
                    gone.append(host)
        return gone

    def _forget_deleted(self) -> None:
        hosts = self._store.memory.hosts
        for known in (self._dispatcher.heard_at, self._fell_silent, self._engine_away):
            for host_id in [host_id for host_id in known if host_id not in hosts]:
                del known[host_id]
        self._engine_lost = {host_id for host_id in self._engine_lost if host_id in hosts}

    def _forgive_lateness(self, now: float) -> None:
        """While this loop was held up nobody could be heard: that time does not count."""
        late = now - self._last_pass - self.interval_s()
        self._last_pass = now
        if late > LATE_S:
            for host_id in self._dispatcher.heard_at:
                heard = self._dispatcher.heard_at[host_id]
                self._dispatcher.heard_at[host_id] = min(now, heard + late)

    def _guard_against_mass_silence(self, now: float, ttl_s: float) -> None:
        at_once = sum(now - fell <= ttl_s for fell in self._fell_silent.values())
        total = len(self._store.memory.hosts)
        if total < MASS_HOSTS or at_once * 2 <= total:
            return
        wait_s = self._store.memory.settings.mass_silence_wait_s
        self._store.memory.observed.replacing_waits_until = self._clock.now() + wait_s
        self._wait_ends = now + wait_s
        text = (
            f"{at_once} of {total} hosts fell silent at once: a fault of the network is likelier "
            f"than of them all, so their slots are re-placed only after {wait_s:.0f} s"
        )
        self._tell_mass_silence(Severity.CRITICAL, text)

    def _end_wait(self) -> None:
        """Let lost slots be placed again once the wait is over."""
        if self._wait_ends and self._wait_ends <= self._clock.monotonic():
            self._wait_ends = 0.0
            self._store.memory.observed.replacing_waits_until = 0.0
            self._tell_mass_silence(Severity.CLEARED, "slots of silent hosts are re-placed again")

    def _tell_mass_silence(self, severity: Severity, text: str) -> None:
        event = NewEvent(
            key="mass_silence",
            severity=severity,
            summary=text,
            actor=Actor("system", self._store.memory.instance.id, "manager"),
            makes_status=True,
        )
        self._dispatcher.observer.add_events([event])

    def _expire(self, host: Host, reason: str) -> None:
        status = self._dispatcher.observer.status_of(host.id)
        event = host_event(host, active=False, reason=reason)
        event = msgspec.structs.replace(event, makes_status=True)
        self._dispatcher.observer.add_events([event])
        self._dispatcher.observer.record_status(
            msgspec.structs.replace(status, state=HostState.INACTIVE)
        )
