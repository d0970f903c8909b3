"""Agents whose data directory was copied to another machine: one host, two engines."""

from collections.abc import Iterable

import msgspec

from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.dispatcher.contact_times import ContactTimes
from berth.domain.errors import ProtocolError
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.states import Severity
from berth.protocol.messages import Hello
from berth.runtime.clock import Clock

KEY = "host_copied"

#: Shortest silence of a host's own agent before one that was refused is taken for it.
GIVEN_UP_S = 600.0
#: The status is cleared when the other agent has not tried for this time.
FORGOTTEN_S = 120.0


class CopiedAgent(ProtocolError):
    """An agent works with a copy of a host's data directory."""


class _Other(msgspec.Struct, frozen=True):
    """An agent that was refused."""

    engine_id: str
    tried_at: float


class CopiedAgents:
    """Recognises agents that work with a copy of a host's data directory."""

    def __init__(self, conditions: HostConditions, contacts: ContactTimes, *, clock: Clock) -> None:
        self._conditions = conditions
        self._contacts = contacts
        self._clock = clock
        self._started = clock.monotonic()
        #: Which start of which agent was accepted last.
        self._epochs: dict[HostId, int] = {}
        self._others: dict[HostId, _Other] = {}

    def find_refusal(self, host: Host, hello: Hello, *, ttl_s: float) -> str:
        """Return why an agent is not the host's own, "" when it may be.

        An engine may be set up again: then the same start of the agent reports it, or the
        host was out of contact.
        """
        engine_id, now = hello.facts.engine_id, self._clock.monotonic()
        known = host.engine_id
        if not known or engine_id in ("", known) or self._is_same_agent(host, hello):
            return ""
        other = self._others.get(host.id)
        refused_before = other is not None and other.engine_id == engine_id
        if self._contacts.silent_s(host.id) > (GIVEN_UP_S if refused_before else ttl_s):
            return ""
        self._others[host.id] = _Other(engine_id, now)
        if not refused_before:
            self._raise_status(host, hello)
        return (
            "this data directory is a copy: remove it and join this machine as a host of its own "
            f"(host {host.name} runs at {host.address or 'another address'})"
        )

    def accept(self, host: Host, hello: Hello) -> None:
        """Note which agent is the host's own now."""
        self._epochs[host.id] = hello.agent_epoch

    def clear_old(self, hosts: Iterable[Host]) -> None:
        """Clear the statuses of agents that no longer try.

        What an earlier manager raised is cleared the same time after this one's start.
        """
        now = self._clock.monotonic()
        if now - self._started <= FORGOTTEN_S:
            return
        for host in hosts:
            other = self._others.get(host.id)
            if other is None or now - other.tried_at > FORGOTTEN_S:
                self._others.pop(host.id, None)
                text = f"no other machine uses the identity of host {host.name} any more"
                self._conditions.clear_status(host, KEY, text=text)

    def forget(self, host_id: HostId) -> None:
        """Forget a host that no longer exists."""
        self._epochs.pop(host_id, None)
        self._others.pop(host_id, None)

    def _is_same_agent(self, host: Host, hello: Hello) -> bool:
        return self._epochs.get(host.id) == hello.agent_epoch

    def _raise_status(self, host: Host, hello: Hello) -> None:
        text = (
            f"a second machine uses the identity of host {host.name}: the host is at "
            f"{host.address or 'an unknown address'}, and an agent at "
            f"{hello.facts.address or 'an unknown address'} ({hello.facts.hostname}) with another "
            "engine is refused; remove that agent's data directory and join it as a host of its own"
        )
        self._conditions.raise_status(
            host, KEY, severity=Severity.CRITICAL, text=text, kind=hello.facts.engine_id
        )
