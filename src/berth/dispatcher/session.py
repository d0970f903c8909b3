"""One agent's session: the handshake, then two sides that end together."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from berth.dispatcher.frames import encode_change, encode_set
from berth.dispatcher.observer import Observer
from berth.dispatcher.pending_calls import PendingCalls
from berth.dispatcher.streams import OpenStreams
from berth.domain.errors import ProtocolError
from berth.domain.ids import AssignmentId, HostId
from berth.domain.image_calls import FindLogin
from berth.domain.records import Assignment, Host
from berth.domain.states import HostState
from berth.protocol import codec
from berth.protocol.messages import (
    PROTOCOL_VERSION,
    Accepted,
    AgentAssignment,
    AssignmentChange,
    AssignmentSet,
    CallDone,
    CallPart,
    Confirm,
    FromAgent,
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    Images,
    Inventory,
    LoginAnswer,
    LoginQuery,
    Message,
    Report,
    Resync,
    SettingsChange,
    Volumes,
    Welcome,
)
from berth.protocol.rules import quote
from berth.protocol.socket import SessionSocket
from berth.protocol.streams import Taken, UsageReport
from berth.protocol.unknown import Skipped, Unknown
from berth.runtime.aio import find_failure, run_until_first
from berth.store.store import Store

log = logging.getLogger(__name__)

#: More frames than this wait only for an agent that does not read: the session ends.
MAX_WAITING_FRAMES = 1_000
HELLO_DEADLINE_S = 5.0
#: An agent that asks for everything gets it this often at most.
RESYNC_PAUSE_S = 1.0
#: At most this many characters of what an agent says about itself are kept.
MAX_REASON_LENGTH = 500


class SessionSources(msgspec.Struct, frozen=True):
    """What a session asks the dispatcher's other parts."""

    render: Callable[[Assignment], AgentAssignment]
    #: Sends every key on a session.
    send_keys: Callable[["HostSession"], None]
    #: Returns the login for an image.
    find_login: FindLogin
    #: Counts a frame that no agent sends; says why the session ends, "" when it goes on.
    note_violation: Callable[[Host, str], str]


class HostSession:
    """The manager's side of one session with one host's agent."""

    def __init__(
        self,
        socket: SessionSocket,
        host: Host,
        *,
        store: Store,
        observer: Observer,
        sources: SessionSources,
        on_heard: Callable[[bool], None],
    ) -> None:
        """``on_heard`` is called for each frame, with whether the session stands."""
        self._on_heard = on_heard
        self._sources = sources
        self._socket = socket
        self.host = host
        self._store = store
        self._observer = observer
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING_FRAMES)
        self._over = asyncio.Event()
        self._why = ""
        #: The agent's first message; none before that.
        self.hello: Hello | None = None
        #: What this session has brought so far.
        self._set_came = self._report_came = self._all_came = False
        #: Whether its frames prove contact: see ``ContactTimes``.
        self._stands = False
        #: Revision of the last set or change sent; none before the first set.
        self._sent_revision: int | None = None
        #: Whether it is sent changes of keys: from its full set on.
        self.has_keys = False
        self.calls = PendingCalls(self.send, host_name=host.name)
        self.streams = OpenStreams(self.send, host_name=host.name)
        self._resync_later: asyncio.TimerHandle | None = None
        self._resynced_at = float("-inf")
        self._skipped = Skipped(log, sender=f"the agent of host {host.name}")

    def send(self, message: Message) -> None:
        """Queue a frame; a full queue ends the session."""
        self.send_frame(codec.encode(message))

    def send_frame(self, frame: bytes) -> None:
        """Queue a message that is encoded already."""
        if self._over.is_set():
            return
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            self.end(f"{MAX_WAITING_FRAMES} frames are waiting: the agent does not read")

    def end(self, why: str) -> None:
        """End the session; safe to repeat."""
        if not self._over.is_set():
            self._why = why
            self._over.set()

    def send_everything(self) -> None:
        """Send every assignment of the host, and every key."""
        self.send_set()
        self._sources.send_keys(self)

    def send_set(self) -> None:
        """Send every assignment of the host."""
        self._sent_revision = self._store.memory.revision
        assignments = self._store.memory.fleet.assignments_on(self.host.id)
        full = AssignmentSet(
            epoch=self._store.memory.instance.epoch,
            revision=self._sent_revision,
            mark=self._store.memory.lineage.mark,
            assignments=tuple(self._sources.render(a) for a in assignments),
        )
        for frame in encode_set(full):
            self.send_frame(frame)

    def send_change(
        self, revision: int, put: list[Assignment], *, drop: list[AssignmentId]
    ) -> None:
        """Send what changed since the last set or change."""
        if self._sent_revision is None:
            return
        change = AssignmentChange(
            epoch=self._store.memory.instance.epoch,
            applies_to=self._sent_revision,
            results_in=revision,
            put=tuple(self._sources.render(a) for a in put),
            drop=tuple(drop),
            mark=self._store.memory.lineage.mark,
        )
        for frame in encode_change(change):
            self.send_frame(frame)
        self._sent_revision = revision

    def send_settings(self, host: Host) -> None:
        """Send the settings, and the host's own record if that changed."""
        self.host = host
        settings = self._store.memory.settings
        self.send(SettingsChange(settings=settings, host_name=host.name, pool_id=host.pool_id))

    def confirm(self) -> None:
        """Confirm to the agent that this manager is the right one, and send it everything."""
        memory = self._store.memory
        self.send(
            Confirm(
                epoch=memory.instance.epoch,
                revision=memory.revision,
                mark=memory.lineage.mark,
            )
        )
        self.send_set()

    async def run(self, on_hello: Callable[[Hello], None]) -> str:
        """Hold the session until either side ends it; return why it ended."""
        await self._shake_hands(on_hello)
        try:
            results = await run_until_first(
                self._send_all(), self._receive_all(), self._over.wait()
            )
            if (failure := find_failure(results)) is not None:
                self._why = self._why or str(failure) or type(failure).__name__
        finally:
            self._over.set()
            if self._resync_later is not None:
                self._resync_later.cancel()
            self.calls.fail_all()
            self.streams.fail_all()
        return self._why or "the connection was closed"

    async def _shake_hands(self, on_hello: Callable[[Hello], None]) -> None:
        async with asyncio.timeout(HELLO_DEADLINE_S):
            frame = await self._socket.receive_bytes()
        hello = self._read_hello(frame)
        self.hello = hello
        if hello.protocol != PROTOCOL_VERSION:
            raise ProtocolError(
                f"its agent (Berth {hello.facts.agent_version or 'of an unknown version'}) speaks "
                f"version {hello.protocol} of the protocol, and this manager speaks version "
                f"{PROTOCOL_VERSION}: install the same version of Berth on manager and host"
            )
        if hello.host_id != self.host.id:
            raise ProtocolError("the hello names another host than the credential")
        # Before the set: variables of containers hold what the hello says of the host.
        on_hello(hello)
        self._on_heard(False)
        instance = self._store.memory.instance
        self.send(
            Welcome(
                protocol=PROTOCOL_VERSION,
                instance_id=instance.id,
                epoch=instance.epoch,
                settings=self._store.memory.settings,
                host_name=self.host.name,
                pool_id=self.host.pool_id,
                known_mark=self._store.memory.lineage.find(hello.obeyed_mark.start),
                former_hosts=self._find_former_hosts(hello.facts.engine_id),
            )
        )
        self.send_everything()

    def _find_former_hosts(self, engine_id: str) -> tuple[HostId, ...]:
        """Return the deleted hosts that the engine was before, whose containers shall go."""
        memory = self._store.memory
        if not engine_id or memory.settings.deleted_hosts != "stop":
            return ()
        return tuple(each.id for each in memory.tombstones.find("engine", engine_id))

    def _read_hello(self, frame: bytes) -> Hello:
        try:
            hello = codec.decode_from_agent(frame)
            if isinstance(hello, Hello):
                return hello
            raise ProtocolError("the agent did not begin with a hello")
        except ProtocolError as failure:
            self._sources.note_violation(self.host, str(failure))
            raise

    async def _send_all(self) -> None:
        while True:
            frame = await self._outgoing.get()
            async with asyncio.timeout(self._store.memory.settings.host_ttl_s):
                await self._socket.send_bytes(frame)

    async def _receive_all(self) -> None:
        while True:
            ttl_s = self._store.memory.settings.host_ttl_s
            try:
                async with asyncio.timeout(ttl_s):
                    frame = await self._socket.receive_bytes()
            except TimeoutError:
                self.end(f"silent for {ttl_s:.0f} s")
                return
            except EOFError:
                return
            if self._over.is_set():  # what still comes is of a host that may be gone
                return
            try:
                message = codec.decode_from_agent(frame)
                if isinstance(message, Unknown):
                    self._skipped.note(message)
                else:
                    self._take(message)
            except ProtocolError as failure:
                why = self._sources.note_violation(self.host, str(failure))
                if why:
                    self.end(why)
                    return
            else:
                self._on_heard(self._stands)

    def _take(self, message: FromAgent) -> None:
        match message:
            case Heartbeat():
                self._observer.record_contact(self.host.id, message.metrics)
                self._note_progress(has_set=message.has_set, reports=message.reports)
                self.send(HeartbeatAnswer())
            case Report():
                self._take_report(message)
            case Inventory() | Images() | Volumes():
                self._observer.record_list(self.host, message)
            case LoginQuery():
                self._answer_login(message)
            case UsageReport():
                self._observer.record_usage(self.host, message)
            case CallPart() | CallDone() | Taken():
                self._take_answer(message)
            case Resync():
                self._resync(message.reason)
            case Hello():
                raise ProtocolError("a second hello in one session")

    def _resync(self, reason: str) -> None:
        """Send everything, once a second at most, however often the agent asks."""
        if self._resync_later is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = max(0.0, self._resynced_at + RESYNC_PAUSE_S - loop.time())
        self._resync_later = loop.call_later(wait_s, self._resync_now, reason)

    def _resync_now(self, reason: str) -> None:
        self._resync_later = None
        self._resynced_at = asyncio.get_running_loop().time()
        log.info("host %s asks for everything: %s", self.host.name, quote(reason))
        self.send_everything()

    def _take_answer(self, message: CallPart | CallDone | Taken) -> None:
        """Hand a frame to its call or, below 0, to its stream."""
        if isinstance(message, Taken):
            self.streams.take_credit(message)
        elif isinstance(message, CallPart):
            (self.streams if message.id < 0 else self.calls).take_part(message)
        else:
            (self.streams if message.id < 0 else self.calls).take_done(message)

    def _take_report(self, report: Report) -> None:
        self._observer.record_report(self.host, report)
        self.send(Accepted(sequence=report.sequence))
        status = self._observer.status_of(self.host.id)
        self._observer.record_status(
            msgspec.structs.replace(
                status,
                held=report.held,
                held_because=report.held_because[:MAX_REASON_LENGTH],
            )
        )
        self._report_came = self._report_came or report.full
        # An older agent does not report that a set came.
        self._note_progress(
            has_set=self.hello is None or not self.hello.tells_progress, reports=True
        )

    def _note_progress(self, *, has_set: bool, reports: bool) -> None:
        """Note what came to the agent and from it; the host is active when all has come."""
        self._set_came = self._set_came or has_set
        if not self._set_came:
            return
        self._stands = self._stands or self._report_came or not reports
        if self._report_came and not self._all_came:
            self._all_came = True
            status = self._observer.status_of(self.host.id)
            self._observer.record_status(
                msgspec.structs.replace(status, state=HostState.ACTIVE, trouble="")
            )

    def _answer_login(self, query: LoginQuery) -> None:
        """Send the login for an image that the host shall pull, and for no other."""
        assignments = self._store.memory.fleet.assignments_on(self.host.id)
        asked_for = any(each.spec.image == query.image for each in assignments)
        credentials = self._sources.find_login(query.image) if asked_for else None
        self.send(LoginAnswer(id=query.id, credentials=credentials))
