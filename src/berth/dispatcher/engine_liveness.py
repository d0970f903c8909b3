"""How long the engines of hosts in contact are silent, and what follows."""

import msgspec

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.session import MAX_REASON_LENGTH
from berth.domain.fleet import HostStatus
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.states import HostState, Severity
from berth.store.store import Store

#: A status is raised for an engine that is silent for longer.
WARNED_AFTER_S = 10.0

SILENT = "engine_silent"


class EngineLiveness:
    """Watches engines by what their agents report, in monotonic time."""

    def __init__(self, store: Store, dispatcher: Dispatcher) -> None:
        self._store = store
        self._dispatcher = dispatcher
        #: Since when the engine of a host in contact does not answer.
        self._away: dict[HostId, float] = {}
        #: Hosts that are inactive for it, and active again with it.
        self._lost: set[HostId] = set()

    def find_lost(self, now: float) -> list[tuple[Host, str]]:
        """Return the hosts whose engine is silent for too long and why; others are taken back."""
        lost: list[tuple[Host, str]] = []
        settings = self._store.memory.settings
        for host in self._store.memory.hosts.values():
            status = self._dispatcher.observer.status_of(host.id)
            if self._dispatcher.contacts.silent_s(host.id) > settings.host_ttl_s:
                self._lost.discard(host.id)  # it is silent as well, so a session decides
            if status.metrics.engine_reachable:
                self._take_back(host, status)
            elif status.state is not HostState.INACTIVE:
                silent_s = now - self._since(status, now)
                if silent_s > settings.engine_ttl_s:
                    # One that has not reported to this manager returns with its first report.
                    if status.state is HostState.ACTIVE:
                        self._lost.add(host.id)
                    lost.append((host, _describe_silence(status, silent_s)))
                elif silent_s > WARNED_AFTER_S:
                    self._raise_status(host, status, ttl_s=settings.engine_ttl_s)
        return lost

    def forget_deleted(self) -> None:
        """Forget hosts that no longer exist."""
        hosts = self._store.memory.hosts
        for host_id in [host_id for host_id in self._away if host_id not in hosts]:
            del self._away[host_id]
        self._lost = {host_id for host_id in self._lost if host_id in hosts}

    def _since(self, status: HostStatus, now: float) -> float:
        """Return when the engine answered last, by the agent's report or by the manager's own clock."""
        reported = now - max(0.0, status.metrics.engine_silent_s)
        since = min(self._away.get(status.host_id, now), reported)
        self._away[status.host_id] = since
        return since

    def _take_back(self, host: Host, status: HostStatus) -> None:
        self._away.pop(host.id, None)
        if host.id in self._lost and status.state is HostState.INACTIVE:
            active = msgspec.structs.replace(status, state=HostState.ACTIVE)
            self._dispatcher.observer.record_status(active)
        self._lost.discard(host.id)
        if status.state is HostState.ACTIVE:
            text = f"the container engine of host {host.name} answers again"
            self._dispatcher.conditions.clear_status(host, SILENT, text=text)

    def _raise_status(self, host: Host, status: HostStatus, *, ttl_s: float) -> None:
        text = (
            f"the container engine of host {host.name} does not answer{_quote(status)}; its "
            f"containers keep running, and after {ttl_s:.0f} s its slots are placed elsewhere: check "
            "the engine on that host, and restart it if it hangs"
        )
        self._dispatcher.conditions.raise_status(
            host, SILENT, severity=Severity.WARNING, text=text, kind="silent"
        )


def _describe_silence(status: HostStatus, silent_s: float) -> str:
    message = status.metrics.engine_message[:MAX_REASON_LENGTH]
    why = f": {message}" if message else ""
    return f"its container engine has not answered for {silent_s:.0f} s{why}"


def _quote(status: HostStatus) -> str:
    message = status.metrics.engine_message[:MAX_REASON_LENGTH]
    return f" ({message})" if message else ""
