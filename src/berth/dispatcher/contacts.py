"""The hosts in contact, as calls to their agents need them."""

from berth.dispatcher.session import Session
from berth.domain.errors import HostAway
from berth.domain.ids import HostId
from berth.store.store import Store


class Contacts:
    """The session of each host that is in contact."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: dict[HostId, Session] = {}

    def _session(self, host_id: HostId) -> Session:
        session = self._sessions.get(host_id)
        if session is None:
            host = self._store.memory.hosts.get(host_id)
            raise HostAway(f"host {host.name if host else host_id} is not in contact")
        return session

    def _deadline_s(self) -> float:
        return self._store.memory.settings.call_deadline_s
