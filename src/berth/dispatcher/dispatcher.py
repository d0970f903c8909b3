"""All sessions together: who is connected, and what each is sent."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from berth.dispatcher.agent_calls import RemoteAgents
from berth.dispatcher.assignment_renderer import AssignmentRenderer
from berth.dispatcher.conditions.container_claims import ContainerClaims
from berth.dispatcher.conditions.copied_agents import CopiedAgent, CopiedAgents
from berth.dispatcher.conditions.host_conditions import HostConditions
from berth.dispatcher.conditions.metrics_conditions import MetricsConditions
from berth.dispatcher.conditions.refusals import Refusals
from berth.dispatcher.conditions.session_addresses import SessionAddresses
from berth.dispatcher.conditions.violations import Violations
from berth.dispatcher.contact_times import ContactTimes
from berth.dispatcher.dismissals import Dismissals
from berth.dispatcher.key_publisher import KeyPublisher
from berth.dispatcher.observer import Observer
from berth.dispatcher.report_events import host_event
from berth.dispatcher.session import MAX_REASON_LENGTH, HostSession, SessionSources
from berth.domain.deployment_tokens import Sign
from berth.domain.errors import BerthError, ProtocolError, Unauthenticated
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, HostId
from berth.domain.image_calls import FindLogin
from berth.domain.records import Actor, Assignment, Host, TokenKind, Tombstone
from berth.domain.states import HostState, Severity
from berth.protocol.messages import Hello
from berth.protocol.socket import SessionSocket
from berth.runtime.clock import Clock
from berth.store.draft import Draft, NewEvent
from berth.store.feed import Change
from berth.store.store import Store

log = logging.getLogger(__name__)


class Dispatcher:
    """Serves agents' sessions, and sends each what concerns its host."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        reveal: Callable[[str], str],
        sign: Sign,
        find_login: FindLogin = lambda image: None,
    ) -> None:
        """``reveal`` and ``sign`` use the instance's key; ``find_login`` is asked before a pull."""
        self._store = store
        self._clock = clock
        self._sessions: dict[HostId, HostSession] = {}
        self.agents = RemoteAgents(store, self._sessions)
        self.observer = Observer(store, clock=clock)
        self.conditions = HostConditions(store.memory, self.observer)
        self._refusals = Refusals(self.conditions)
        self.metrics = MetricsConditions(self.conditions)
        self._dismissals = Dismissals(store.memory, self.conditions, clock=clock)
        self.violations = Violations(self.conditions, clock=clock)
        self.claims = ContainerClaims(store.memory, self.conditions, clock=clock)
        self.publisher = KeyPublisher(store, clock=clock, sessions=self._sessions.values)
        renderer = AssignmentRenderer(store.memory, reveal=reveal, sign=sign)
        self._sources = SessionSources(
            renderer.render, self.publisher.send_set, find_login, self.violations.note
        )
        self.contacts = ContactTimes(clock)
        self.copied_agents = CopiedAgents(self.conditions, self.contacts, clock=clock)
        self.addresses = SessionAddresses(self.observer, self.conditions, clock=clock)
        self._background: set[asyncio.Task[None]] = set()
        self._unlisten = store.feed.listen(self._take_changes)

    async def close(self) -> None:
        """End all sessions; agents come back when a manager does."""
        self._unlisten()
        for session in list(self._sessions.values()):
            session.end("the manager is stopping")
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def serve(self, socket: SessionSocket, host: Host, *, address: str = "") -> str:
        """Hold a session with the agent of a host whose credential was checked.

        ``address`` is where it comes from. A newer session of a host wins over an older one.
        Returns why the session was refused, "" when it was not.
        """
        wait = self.violations.find_wait(host.id)
        if wait:
            return wait
        session = HostSession(
            socket,
            host,
            store=self._store,
            observer=self.observer,
            sources=self._sources,
            on_heard=lambda stands: self.contacts.hear(host.id, stands=stands),
        )
        try:
            why = await session.run(lambda hello: self._accept(session, hello, address=address))
            log.info("session of host %s ended: %s", host.name, why)
        except CopiedAgent as failure:
            log.warning("an agent with a copied data directory is refused: %s", failure)
            return str(failure)
        except ProtocolError as failure:
            log.warning("session of host %s refused: %s", host.name, failure)
            self._record_refusal(session, str(failure))
            return str(failure)
        except (BerthError, EOFError, TimeoutError) as failure:
            log.warning("session of host %s refused: %s", host.name, failure or "it sent no hello")
        finally:
            if self._sessions.get(host.id) is session:
                del self._sessions[host.id]
        return ""

    async def dismiss(self, socket: SessionSocket, tombstone: Tombstone) -> str:
        """Send the agent of a deleted host what becomes of its containers; return why it goes."""
        return await self._dismissals.dismiss(socket, tombstone)

    def end_session(self, host_id: HostId, why: str) -> None:
        """End a host's session if it has one; its agent dials again."""
        session = self._sessions.get(host_id)
        if session is not None:
            session.end(why)

    def _accept(self, session: HostSession, hello: Hello, *, address: str) -> None:
        """Let a session be the host's; raises ProtocolError when the agent is not the host's."""
        host = self._store.memory.hosts.get(session.host.id)
        if host is None:
            raise ProtocolError("the host was deleted")
        if host.credential_hash != session.host.credential_hash:
            raise Unauthenticated(
                "its credential was replaced or revoked", code="unknown_host_credential"
            )
        ttl_s = self._store.memory.settings.host_ttl_s
        copied = self.copied_agents.find_refusal(host, hello, ttl_s=ttl_s)
        if copied:
            raise CopiedAgent(copied)
        self.copied_agents.accept(host, hello)
        self.addresses.accept(host, address)
        older = self._sessions.get(host.id)
        if older is not None:
            older.end("a newer session of the host replaced this one")
        self._sessions[host.id] = session
        self._record_hello(host, hello, address=address)

    def _record_refusal(self, session: HostSession, reason: str) -> None:
        if session.hello is not None:
            status = self.observer.status_of(session.host.id)
            self.observer.record_status(
                msgspec.structs.replace(
                    status,
                    facts=session.hello.facts,
                    protocol=session.hello.protocol,
                    trouble=reason[:MAX_REASON_LENGTH],
                )
            )
        self._refusals.raise_status(session.host, reason)

    def _record_hello(self, host: Host, hello: Hello, *, address: str) -> None:
        self._refusals.clear_status(host)
        status = self.observer.status_of(host.id)
        self.observer.record_status(
            msgspec.structs.replace(
                status,
                facts=hello.facts,
                metrics=hello.metrics,
                protocol=hello.protocol,
                trouble=hello.trouble[:MAX_REASON_LENGTH],
                last_seen=self._clock.now(),
            )
        )
        facts = hello.facts
        reported = {
            "address": facts.address,
            "public_address": facts.public_address,
            "engine_id": facts.engine_id,
            "session_address": self.addresses.choose(host, address),
        }
        if any(getattr(host, name) != value for name, value in reported.items()):
            self._spawn(
                self._store.run(lambda draft: _record_reported(draft, host.id, reported=reported))
            )

    def _spawn(self, work: Any) -> None:
        async def guarded() -> None:
            try:
                await work
            except BerthError as failure:
                log.warning("an agent's facts were not stored: %s", failure)

        task = asyncio.create_task(guarded())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _take_changes(self, changes: list[Change]) -> None:
        self.publisher.note(changes)
        self._send_assignments([c for c in changes if c.table == "assignments"])
        self._send_rendered_again(changes)
        for change in changes:
            if change.table == "hosts":
                self._update_session(change)
            elif change.table == "tombstones" and change.after is None:
                self.conditions.forget(HostId(change.key))
                self._dismissals.forget(HostId(change.key))
            elif change.table == "host_status":
                self._record_host_state(change)
            elif change.table == "settings":
                for session in self._sessions.values():
                    session.send_settings(session.host)

    def _send_assignments(self, changes: list[Change]) -> None:
        put: dict[HostId, list[Assignment]] = {}
        drop: dict[HostId, list[AssignmentId]] = {}
        for change in changes:
            if change.after is not None:
                put.setdefault(change.after.host_id, []).append(change.after)
            else:
                self.observer.forget_assignment(change.before.id)
                drop.setdefault(change.before.host_id, []).append(change.before.id)
        revision = self._store.memory.revision
        for host_id in put.keys() | drop.keys():
            session = self._sessions.get(host_id)
            if session is not None:
                session.send_change(revision, put.get(host_id, []), drop=drop.get(host_id, []))

    def _send_rendered_again(self, changes: list[Change]) -> None:
        """Send assignments again whose texts read what changed: the next container gets it."""
        keys = {change.key for change in changes if change.table == "keys"}
        bearers = any(
            change.after is not None and change.after.kind is TokenKind.BEARER
            for change in changes
            if change.table == "tokens"
        ) or any(
            change.before.api_token_of != change.after.api_token_of
            for change in changes
            if change.table == "settings"
        )
        if not keys and not bearers:
            return
        put: dict[HostId, list[Assignment]] = {}
        for deployment in self._store.memory.deployments.values():
            if not deployment.read_keys.isdisjoint(keys) or (bearers and deployment.shows_token):
                for assignment in self._store.memory.fleet.assignments_of(deployment.id):
                    put.setdefault(assignment.host_id, []).append(assignment)
        for host_id, assignments in put.items():
            session = self._sessions.get(host_id)
            if session is not None:
                session.send_change(self._store.memory.revision, assignments, drop=[])

    def _update_session(self, change: Change) -> None:
        if change.after is None:
            self.observer.forget_host(HostId(change.key))
            self.conditions.forget(HostId(change.key))
            self._refusals.forget(HostId(change.key))
            self.violations.forget(HostId(change.key))
            self.copied_agents.forget(HostId(change.key))
            self.addresses.forget(HostId(change.key))
        elif change.after.revoked_at and not (change.before and change.before.revoked_at):
            # Not here: a change that is published while this one is being handled comes too early.
            asyncio.get_running_loop().call_soon(self._lose, change.after)
        session = self._sessions.get(HostId(change.key))
        if session is None:
            return
        if change.after is None:
            session.end("the host was deleted")
        elif change.after.revoked_at:
            session.end("its access was revoked")
        elif change.after.credential_hash != session.host.credential_hash:
            session.end("the host got a new credential")
        elif (session.host.name, session.host.pool_id) != (change.after.name, change.after.pool_id):
            session.send_settings(change.after)
        else:
            session.host = change.after

    def _lose(self, host: Host) -> None:
        """Treat a host that was revoked as one that is lost, without waiting for its silence."""
        status = self.observer.status_of(host.id)
        if status.state is not HostState.INACTIVE and host.id in self._store.memory.hosts:
            event = host_event(host, active=False, reason="its access was revoked")
            self.observer.add_events([msgspec.structs.replace(event, makes_status=True)])
            self.observer.record_status(
                msgspec.structs.replace(status, state=HostState.INACTIVE, trouble="")
            )

    def _record_host_state(self, change: Change) -> None:
        """Record an event when a host comes into contact or is held."""
        host = self._store.memory.hosts.get(change.key)
        if host is None:
            return
        before, after = change.before, change.after
        was = before.state if before is not None else HostState.UNKNOWN
        if after.state is HostState.ACTIVE and was is not HostState.ACTIVE:
            # Clears the status that its silence raised, and is an event of its own.
            active = host_event(host, active=True)
            silence = msgspec.structs.replace(active, key="host_inactive", makes_status=True)
            self.observer.add_events([
                msgspec.structs.replace(active, severity=Severity.INFO), silence,
            ])  # fmt: skip
        if (before.held if before is not None else False) != after.held:
            self.observer.add_events([_held_event(host, after)])


def _record_reported(draft: Draft, host_id: HostId, *, reported: dict[str, str]) -> None:
    host = draft.hosts.get(host_id)
    if host is not None:
        draft.hosts.put(msgspec.structs.replace(host, **reported))


def _held_event(host: Host, status: HostStatus) -> NewEvent:
    held = status.held
    because = status.held_because or "its agent knows a newer manager than this one"
    text = (
        f"host {host.name} follows no orders and keeps its containers as they are: {because}; "
        "what it runs that this manager does not know is removed when an operator confirms this "
        f"manager with POST /api/v2/hosts/{host.id}/confirm"
        if held
        else f"host {host.name} obeys this manager"
    )
    return NewEvent(
        key="host_held",
        severity=Severity.CRITICAL if held else Severity.CLEARED,
        summary=text,
        actor=Actor("host", host.id, host.name),
        details={"host_id": host.id, "hostname": host.name},
        makes_status=True,
    )
