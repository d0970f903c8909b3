"""The pass that makes silent hosts inactive: silence is an observation."""

import msgspec

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.engine_liveness import EngineLiveness
from berth.dispatcher.report_events import host_event
from berth.domain.fleet import HostStatus
from berth.domain.ids import HostId
from berth.domain.records import Actor, Host
from berth.domain.states import HostState, Severity
from berth.runtime.clock import Clock
from berth.store.draft import NewEvent
from berth.store.store import Store

#: From this number of hosts on, silence of more than half is taken for a fault of the network.
MASS_HOSTS = 10
#: A pass that comes later than planned by more than this was late itself.
LATE_S = 0.5
#: At most this many different reasons of one agent become events while its host is inactive.
MAX_TROUBLES = 4


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
        #: What agents of hosts that only greet were quoted with.
        self._known_troubles: dict[HostId, set[str]] = {}
        self._engines = EngineLiveness(store, dispatcher)
        #: When re-placing goes on after mass silence, monotonic, so that no set clock keeps it up.
        #: What an earlier manager waited for ends with this one's start.
        self._wait_ends: float | None = self._started

    def interval_s(self) -> float:
        """Return the time between two passes."""
        return min(1.0, self._store.memory.settings.host_ttl_s / 12)

    async def expire_silent(self) -> str:
        """Mark hosts that are out of contact longer than their time to live as inactive."""
        now = self._clock.monotonic()
        self._forgive_lateness(now)
        hosts = list(self._store.memory.hosts.values())
        self._dispatcher.copied_agents.clear_old(hosts)
        self._dispatcher.observer.clear_recovered()
        self._dispatcher.addresses.clear_old(hosts)
        self._dispatcher.claims.compare()
        self._dispatcher.violations.clear_old(hosts)
        silent: list[tuple[Host, str]] = []
        for host in hosts:
            status = self._dispatcher.observer.status_of(host.id)
            if status.state is HostState.ACTIVE:
                self._dispatcher.metrics.review(host, status)
            if status.state is HostState.INACTIVE:
                self._add_trouble(host, status)
                continue
            reason = self._find_silence(status, now)
            if reason:
                silent.append((host, reason))
                self._fell_silent[host.id] = now
            else:
                self._fell_silent.pop(host.id, None)
                self._known_troubles.pop(host.id, None)
        self._forget_deleted()
        self._end_wait()
        if silent:
            self._guard_against_mass_silence(now, self._store.memory.settings.host_ttl_s)
        for host, reason in silent:
            self._expire(host, reason)
            # Only the full report of a new session makes the host active again.
            self._dispatcher.end_session(host.id, reason)
        for host, reason in (lost := self._engines.find_lost(now)):
            self._expire(host, reason)
        gone = [host for host, _ in [*silent, *lost]]
        return f"inactive: {', '.join(host.name for host in gone)}" if gone else ""

    def _find_silence(self, status: HostStatus, now: float) -> str:
        """Return why a host is out of contact, "" when it is not."""
        ttl_s = self._store.memory.settings.host_ttl_s
        contacts = self._dispatcher.contacts
        silent_s = contacts.silent_s(status.host_id)
        if silent_s > ttl_s:
            return f"silent for {silent_s:.0f} s"
        greets_s = contacts.greets_s(status.host_id) or 0.0
        # A manager that has just started sends everything to everyone at once.
        if greets_s <= ttl_s or now - self._started <= 2 * ttl_s:
            return ""
        self._known_troubles[status.host_id] = {status.trouble}
        return _describe_greeting(status, greets_s)

    def _add_trouble(self, host: Host, status: HostStatus) -> None:
        """Add to the status of a host that only greets what its agent found out since."""
        greets_s = self._dispatcher.contacts.greets_s(host.id)
        known = self._known_troubles.setdefault(host.id, set())
        if greets_s is None or not status.trouble or status.trouble in known:
            return
        if len(known) < MAX_TROUBLES:
            known.add(status.trouble)
            reason = _describe_greeting(status, greets_s)
            self._dispatcher.observer.add_events([_inactive_event(host, reason)])

    def _forget_deleted(self) -> None:
        hosts = self._store.memory.hosts
        self._dispatcher.contacts.keep(hosts)
        for known in (self._fell_silent, self._known_troubles):
            for host_id in [host_id for host_id in known if host_id not in hosts]:
                del known[host_id]
        self._engines.forget_deleted()

    def _forgive_lateness(self, now: float) -> None:
        """While this loop was held up nobody could be heard: that time does not count."""
        late = now - self._last_pass - self.interval_s()
        self._last_pass = now
        if late > LATE_S:
            self._dispatcher.contacts.forgive(late)

    def _guard_against_mass_silence(self, now: float, ttl_s: float) -> None:
        at_once = sum(now - fell <= ttl_s for fell in self._fell_silent.values())
        total = len(self._store.memory.hosts)
        if total < MASS_HOSTS or at_once * 2 <= total:
            return
        wait_s = self._store.memory.settings.mass_silence_wait_s
        self._dispatcher.observer.record_mass_silence(until=self._clock.now() + wait_s)
        self._wait_ends = now + wait_s
        text = (
            f"{at_once} of {total} hosts fell silent at once: a network fault is more likely "
            f"than that many failures, so their slots are placed elsewhere only after {wait_s:.0f} s"
        )
        self._record_mass_silence(Severity.CRITICAL, text)

    def _end_wait(self) -> None:
        """Let lost slots be placed again once the wait is over."""
        if self._wait_ends is not None and self._wait_ends <= self._clock.monotonic():
            self._wait_ends = None
            self._dispatcher.observer.record_mass_silence(until=0.0)
            self._record_mass_silence(
                Severity.CLEARED, "slots of silent hosts are placed elsewhere again"
            )

    def _record_mass_silence(self, severity: Severity, text: str) -> None:
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
        self._dispatcher.observer.add_events([_inactive_event(host, reason)])
        self._dispatcher.observer.record_status(
            msgspec.structs.replace(status, state=HostState.INACTIVE)
        )


def _inactive_event(host: Host, reason: str) -> NewEvent:
    event = host_event(host, active=False, reason=reason)
    return msgspec.structs.replace(event, makes_status=True)


def _describe_greeting(status: HostStatus, greets_s: float) -> str:
    words = f" (its agent says: {status.trouble})" if status.trouble else ""
    return (
        f"its agent has tried to connect for {greets_s:.0f} s, but received no assignments or sent "
        f"no report{words}"
    )
