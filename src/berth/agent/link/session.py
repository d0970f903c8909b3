"""One session with the manager: hello, then frames both ways until it ends."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from berth.agent.link.call_server import CallServer
from berth.agent.link.orders import Orders
from berth.agent.link.stream_server import StreamServer
from berth.agent.link.transport import CONNECT_S, Dismissed, Link, NoConnection
from berth.agent.local.context import AgentContext
from berth.agent.local.supervisor import Supervisor
from berth.agent.source import Source
from berth.domain.errors import ProtocolError
from berth.domain.observed import HostMetrics
from berth.protocol.codec import decode_from_manager, encode
from berth.protocol.fitter import fit
from berth.protocol.messages import (
    PROTOCOL_VERSION,
    Call,
    CallDone,
    Cancel,
    Dismissal,
    Heartbeat,
    Hello,
    LoginAnswer,
    Message,
    Welcome,
)
from berth.protocol.streams import Input, OpenStream, Taken
from berth.protocol.unknown import Skipped, Unknown, UnknownRequest
from berth.runtime.aio import find_failure, run_until_first
from berth.runtime.loop import Wakeup

log = logging.getLogger(__name__)

#: Messages that wait to be sent; more of them end the session.
QUEUE_AT_MOST = 1024

#: Reports that nobody waits for travel after this at the latest.
LAZY_S = 0.2


class AgentSession:
    """A connection on which the manager is, or will be, known."""

    def __init__(
        self,
        link: Link,
        shared: AgentContext,
        *,
        supervisor: Supervisor,
        orders: Orders,
        trouble: str = "",
    ) -> None:
        """``trouble`` says why the last session ended."""
        self._link = link
        self._shared = shared
        self._supervisor = supervisor
        self._orders = orders
        self._trouble = trouble
        #: What is sent, the most urgent first.
        self._sources: tuple[Source, ...] = (
            shared.logins, shared.reporter, shared.inventory, shared.volumes, shared.images,
            shared.usage,
        )  # fmt: skip
        self._set_told = False
        self._queue: deque[Message] = deque()
        self._something = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None
        self._tick = Wakeup()
        self._heard_at = 0.0
        self._calls = CallServer(shared, supervisor, send=self._put)
        self._streams = StreamServer(shared, send=self._put)
        self._ending = ""
        self._skipped = Skipped(log, sender="the manager")

    async def run(self, on_obeyed: Callable[[Welcome], None]) -> None:
        """Serve until the connection ends; call back for each full set that is obeyed.

        Raises NoConnection or ProtocolError.
        """
        self._shared.host.begin_session(self._notify)
        try:
            welcome = await self._greet()
            for source in self._sources:
                source.begin_session(self._notify)
            self._something.set()
            results = await run_until_first(
                self._receive_loop(lambda: on_obeyed(welcome)),
                self._send_loop(),
                self._heartbeat_loop(),
            )
            if (failure := find_failure(results)) is not None:
                raise failure
        finally:
            self._orders.end_session()
            for source in self._sources:
                source.end_session()
            self._shared.host.end_session()
            if self._later is not None:
                self._later.cancel()
            await self._calls.close()
            await self._streams.close()

    async def _greet(self) -> Welcome:
        try:
            async with asyncio.timeout(CONNECT_S):
                hello = self._hello()
                await self._link.send(encode(fit(hello) or hello))
                answer = decode_from_manager(await self._link.receive())
        except TimeoutError as exc:
            raise NoConnection(
                f"the manager did not answer the greeting within {CONNECT_S:.0f} s"
            ) from exc
        if isinstance(answer, Dismissal):
            raise Dismissed(
                "this host was deleted at the manager: its containers "
                f"{self._orders.dismiss(answer)}. To use this machine again, stop this agent, "
                "empty its data directory and join"
            )
        if not isinstance(answer, Welcome):
            raise ProtocolError(f"the manager began the session with {type(answer).__name__}")
        self._heard_at = self._shared.clock.monotonic()
        self._orders.welcome(answer)
        return answer

    def _hello(self) -> Hello:
        shared = self._shared
        obeyed = self._orders.desired.obeyed
        return Hello(
            protocol=PROTOCOL_VERSION,
            instance_id=obeyed.instance_id,
            host_id=shared.owner.host_id,
            agent_epoch=shared.epoch,
            facts=shared.host.facts(),
            metrics=self._metrics(),
            obeyed_epoch=obeyed.epoch,
            obeyed_revision=obeyed.revision,
            obeyed_mark=obeyed.mark,
            tells_progress=True,
            trouble=self._trouble,
            containers=shared.view.owned if self._supervisor.ready else None,
        )

    async def _receive_loop(self, on_obeyed: Callable[[], None]) -> None:
        while True:
            before = self._orders.sets_obeyed
            self._receive(await self._link.receive())
            if self._orders.sets_obeyed != before:
                on_obeyed()

    def _receive(self, frame: bytes) -> None:
        self._heard_at = self._shared.clock.monotonic()
        message = decode_from_manager(frame)
        if isinstance(message, Unknown):
            self._skip(message)
        elif isinstance(message, Call):
            self._calls.begin(message)
        elif isinstance(message, Cancel):
            self._calls.cancel(message.id)
            self._streams.cancel(message.id)
        elif isinstance(message, OpenStream | Input | Taken):
            self._streams.take(message)
        elif isinstance(message, LoginAnswer):
            self._shared.logins.take_answer(message)
        else:
            before = self._shared.settings
            answer = self._orders.take(message)
            if answer is not None:
                self._put(answer)
            if self._shared.settings is not before:
                self._tick.set()
                self._something.set()
            if self._orders.desired.has_set and not self._set_told:
                self._set_told = True
                self._put(self._heartbeat())

    def _skip(self, unknown: Unknown) -> None:
        """Count a frame of a newer manager; one that waits for an answer gets one."""
        self._skipped.note(unknown)
        if isinstance(unknown, UnknownRequest):
            why = "the agent of this host is older than the manager and cannot do this: update it"
            self._put(CallDone(id=unknown.id, code="unknown_request", message=why))

    def _put(self, message: Message) -> None:
        if len(self._queue) >= QUEUE_AT_MOST:
            self._ending = f"{QUEUE_AT_MOST} messages wait for the manager to take them"
        else:
            self._queue.append(message)
        self._something.set()

    def _notify(self, urgent: bool) -> None:
        if urgent:
            self._something.set()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(LAZY_S, self._report_later)

    def _report_later(self) -> None:
        self._later = None
        self._something.set()

    async def _send_loop(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while (message := self._next()) is not None:
                fitting = fit(message)
                if fitting is not None:
                    await self._link.send(encode(fitting))

    def _next(self) -> Message | None:
        """Choose what goes first: answers, then what the sources have in their order."""
        if self._shared.host.changed:
            self._ending = "the engine is another than the greeting said, a new greeting follows"
        if self._ending:
            raise NoConnection(self._ending)
        if self._queue:
            return self._queue.popleft()
        if not self._supervisor.ready:
            return None
        return next(filter(None, (source.take() for source in self._sources)), None)

    async def _heartbeat_loop(self) -> None:
        clock = self._shared.clock
        while True:
            ttl_s = self._shared.settings.host_ttl_s
            self._tick.clear()
            before = clock.monotonic()
            await self._tick.wait(ttl_s / 3)
            late_s = clock.monotonic() - before - ttl_s / 3
            # A loop that was late itself has not listened: that is no silence of the manager.
            if late_s < ttl_s / 3 and clock.monotonic() - self._heard_at > ttl_s:
                raise NoConnection(f"the manager was silent for {ttl_s:.0f} s")
            self._put(self._heartbeat())
            self._shared.reporter.repeat()

    def _metrics(self) -> HostMetrics:
        shared = self._shared
        metrics = shared.host.metrics(shared.view.running, shared.pulse)
        return msgspec.structs.replace(
            metrics, stuck=shared.stuck.describe(), disks=shared.disks.space
        )

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(
            metrics=self._metrics(),
            has_set=self._orders.desired.has_set,
            reports=self._supervisor.ready,
        )
