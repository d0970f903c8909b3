"""Containers that more than one host says it has: ids of engines are never the same by chance."""

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.domain.container_owners import find_contested
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.states import Severity
from berth.runtime.clock import Clock
from berth.store.memory import Memory

KEY = "container_claimed"

#: All lists are compared so often.
LOOK_S = 5.0


class ContainerClaims:
    """Raises a status for each host that claims what another one has."""

    def __init__(self, memory: Memory, conditions: HostConditions, *, clock: Clock) -> None:
        self._memory = memory
        self._conditions = conditions
        self._clock = clock
        self._looked_at = float("-inf")

    def compare(self) -> None:
        """Compare what hosts list and report, when it is time for it."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        accused = find_contested(self._memory.fleet)
        for host in self._memory.hosts.values():
            claims = accused.get(host.id)
            if claims:
                self._raise_status(host, sorted(claims), others=set().union(*claims.values()))
            else:
                text = f"host {host.name} claims no container of another host"
                self._conditions.clear_status(host, KEY, text=text)

    def _raise_status(self, host: Host, ids: list[str], *, others: set[HostId]) -> None:
        known = [other for each in others if (other := self._memory.hosts.get(each)) is not None]
        names = "host " + " and ".join(sorted(other.name for other in known))
        count = "a container" if len(ids) == 1 else f"{len(ids)} containers"
        text = (
            f"host {host.name} claims {count} of {names}, for example {ids[0][:12]}: calls about "
            "them go to the host whose assignment reports them, or to nobody; if the machines are "
            "copies of each other, join each as a host of its own, else revoke the one that lies"
        )
        self._conditions.raise_status(host, KEY, severity=Severity.ERROR, text=text, kind=names)
