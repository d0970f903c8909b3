"""Deleted hosts that come back: their agents are dismissed, and a status follows what they still have."""

import asyncio
import logging

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.dispatcher.session import HELLO_DEADLINE_S
from berth.domain.errors import ProtocolError
from berth.domain.ids import HostId
from berth.domain.records import Tombstone
from berth.domain.states import Severity
from berth.protocol import codec
from berth.protocol.messages import Dismissal, Hello
from berth.protocol.socket import SessionSocket
from berth.runtime.clock import Clock
from berth.store.memory import Memory

log = logging.getLogger(__name__)

KEY = "deleted_host_returned"

#: A status is raised again after this time at the earliest, however often an agent greets.
RAISE_PAUSE_S = 10.0


class Dismissals:
    """Answers greetings of hosts that have a tombstone.

    Only such a record lets an agent stop what it has: data without it, such as a restored copy or
    another instance's, knows nothing of the host, and its agent keeps everything.
    """

    def __init__(self, memory: Memory, conditions: HostConditions, *, clock: Clock) -> None:
        self._memory = memory
        self._conditions = conditions
        self._clock = clock
        #: When the status of each was raised last.
        self._raised_at: dict[HostId, float] = {}

    async def dismiss(self, socket: SessionSocket, tombstone: Tombstone) -> str:
        """Answer one greeting; return why no session follows."""
        why = f"host {tombstone.name} was deleted"
        try:
            async with asyncio.timeout(HELLO_DEADLINE_S):
                hello = codec.decode_from_agent(await socket.receive_bytes())
                if not isinstance(hello, Hello) or hello.host_id != tombstone.id:
                    return why
                instance_id = self._memory.instance.id
                stop = self._memory.settings.deleted_hosts == "stop"
                await socket.send_bytes(codec.encode(Dismissal(instance_id=instance_id, stop=stop)))
        except (ProtocolError, EOFError, TimeoutError) as failure:
            log.info("deleted host %s did not greet: %s", tombstone.name, failure or "no hello")
            return why
        self._note(tombstone, hello.containers, stop=stop)
        return why

    def forget(self, host_id: HostId) -> None:
        """Forget a host whose tombstone was dropped."""
        self._raised_at.pop(host_id, None)

    def _note(self, host: Tombstone, containers: int | None, *, stop: bool) -> None:
        """Raise or clear the status; an agent that cannot tell yet raises none that was cleared."""
        if containers == 0:
            text = f"deleted host {host.name} has none of Berth's containers any more"
            self._conditions.clear_status(host, KEY, text=text)
            return
        if containers is None and self._conditions.was_cleared(host, KEY):
            return
        now = self._clock.monotonic()
        if now - self._raised_at.get(host.id, float("-inf")) < RAISE_PAUSE_S:
            return
        self._raised_at[host.id] = now
        has = "containers" if containers is None else f"{containers} of Berth's containers"
        what = (
            "its agent stops and removes them"
            if stop
            else "its agent leaves them as they are (setting deleted_hosts): remove them by hand"
        )
        text = (
            f"host {host.name}, which was deleted, is back with {has}: {what}; to use the machine "
            "again, stop its agent, empty the agent's data directory and join"
        )
        kind = "stop" if stop else "report"
        self._conditions.raise_status(host, KEY, severity=Severity.WARNING, text=text, kind=kind)
