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
from berth.agent.local.context import AgentContext, LiveSettings
from berth.agent.local.supervisor import Supervisor
from berth.agent.reports.containers import ContainerList
from berth.agent.reports.facts import HostFactsReader
from berth.domain.errors import ProtocolError
from berth.domain.observed import HostMetrics
from berth.protocol.codec import decode_from_manager, encode
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
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup

log = logging.getLogger(__name__)

#: Messages that wait to be sent; more of them end the session.
QUEUE_AT_MOST = 1024

#: Reports that nobody waits for travel after this at the latest.
LAZY_S = 0.2


class Parts:
    """What every session of an agent works with."""

    def __init__(
        self,
        *,
        epoch: int,
        shared: AgentContext,
        supervisor: Supervisor,
        orders: Orders,
        inventory: ContainerList,
        host: HostFactsReader,
    ) -> None:
        self.epoch = epoch
        self.shared = shared
        self.supervisor = supervisor
        self.orders = orders
        self.inventory = inventory
        self.host = host

    @property
    def live(self) -> LiveSettings:
        """Return the settings in force."""
        return self.shared.live

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        return self.shared.clock

    def metrics(self) -> HostMetrics:
        """Return what a heartbeat tells."""
        metrics = self.host.metrics(self.shared.view.running, self.shared.pulse)
        return msgspec.structs.replace(metrics, stuck=self.shared.stuck.describe())


class AgentSession:
    """A connection on which the manager is, or will be, known."""

    def __init__(self, link: Link, parts: Parts, *, trouble: str = "") -> None:
        """``trouble`` tells the manager why the last session ended."""
        self._link = link
        self._parts = parts
        self._trouble = trouble
        self._set_told = False
        self._queue: deque[Message] = deque()
        self._something = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None
        self._tick = Wakeup()
        self._heard_at = 0.0
        self._calls = CallServer(parts.shared, parts.supervisor, send=self._put)
        self._streams = StreamServer(parts.shared, send=self._put)
        self._ending = ""
        self._skipped = Skipped(log, sender="the manager")

    async def run(self, on_obeyed: Callable[[Welcome], None]) -> None:
        """Serve until the connection ends; tell of each full set that is obeyed.

        Raises NoConnection or ProtocolError.
        """
        reporter, inventory = self._parts.shared.reporter, self._parts.inventory
        images, logins = self._parts.shared.images, self._parts.shared.logins
        welcome = await self._greet()
        orders = self._parts.orders
        orders.on_obeyed = lambda: on_obeyed(welcome)
        reporter.begin_session()
        inventory.begin_session()
        images.begin_session()
        logins.begin_session(self._put)
        reporter.on_change = self._report_changed
        inventory.on_change = images.on_change = self._something.set
        self._parts.shared.usage.on_change = self._something.set
        self._parts.host.on_new_facts = self._facts_changed
        self._something.set()
        loops = [self._receive_loop(), self._send_loop(), self._heartbeat_loop()]
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            orders.end_session()
            orders.on_obeyed = lambda: None
            reporter.on_change = lambda urgent: None
            inventory.on_change = images.on_change = lambda: None
            self._parts.shared.usage.on_change = lambda: None
            logins.end_session()
            self._parts.host.on_new_facts = lambda: None
            if self._later is not None:
                self._later.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._calls.close()
            await self._streams.close()

    async def _greet(self) -> Welcome:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._link.send(encode(self._hello()))
                answer = decode_from_manager(await self._link.receive())
        except TimeoutError as exc:
            raise NoConnection(
                f"the manager did not answer the greeting within {CONNECT_S:.0f} s"
            ) from exc
        if isinstance(answer, Dismissal):
            raise Dismissed(
                "this host was deleted at the manager: its containers "
                f"{self._parts.orders.dismiss(answer)}. To use this machine again, stop this agent, "
                "empty its data directory and join"
            )
        if not isinstance(answer, Welcome):
            raise ProtocolError(f"the manager began the session with {type(answer).__name__}")
        self._heard_at = self._parts.clock.monotonic()
        self._parts.orders.welcome(answer)
        return answer

    def _hello(self) -> Hello:
        parts = self._parts
        obeyed = parts.orders.desired.obeyed
        return Hello(
            protocol=PROTOCOL_VERSION,
            instance_id=obeyed.instance_id,
            host_id=parts.shared.owner.host_id,
            agent_epoch=parts.epoch,
            facts=parts.host.facts(),
            metrics=parts.metrics(),
            obeyed_epoch=obeyed.epoch,
            obeyed_revision=obeyed.revision,
            obeyed_mark=obeyed.mark,
            tells_progress=True,
            trouble=self._trouble,
            containers=parts.shared.view.owned if parts.supervisor.ready else None,
        )

    async def _receive_loop(self) -> None:
        while True:
            self._receive(await self._link.receive())

    def _receive(self, frame: bytes) -> None:
        self._heard_at = self._parts.clock.monotonic()
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
            self._parts.shared.logins.take(message)
        else:
            before = self._parts.live.settings
            answer = self._parts.orders.take(message)
            if answer is not None:
                self._put(answer)
            if self._parts.live.settings is not before:
                self._tick.set()
                self._something.set()
            if self._parts.orders.desired.has_set and not self._set_told:
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

    def _facts_changed(self) -> None:
        self._ending = "the engine is another than the greeting said, a new greeting follows"
        self._something.set()

    def _report_changed(self, urgent: bool) -> None:
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
                await self._link.send(encode(message))

    def _next(self) -> Message | None:
        """Choose what goes first: answers, reports, containers, images, then measurements."""
        if self._ending:
            raise NoConnection(self._ending)
        if self._queue:
            return self._queue.popleft()
        if not self._parts.supervisor.ready:
            return None
        parts = self._parts
        return (
            parts.shared.reporter.take()
            or parts.inventory.take()
            or parts.shared.images.take()
            or parts.shared.usage.take()
        )

    async def _heartbeat_loop(self) -> None:
        clock = self._parts.clock
        while True:
            ttl_s = self._parts.live.settings.host_ttl_s
            self._tick.clear()
            before = clock.monotonic()
            await self._tick.wait(ttl_s / 3)
            late_s = clock.monotonic() - before - ttl_s / 3
            # A loop that was late itself has not listened: that is no silence of the manager.
            if late_s < ttl_s / 3 and clock.monotonic() - self._heard_at > ttl_s:
                raise NoConnection(f"the manager was silent for {ttl_s:.0f} s")
            self._put(self._heartbeat())
            self._parts.shared.reporter.repeat()

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(
            metrics=self._parts.metrics(),
            has_set=self._parts.orders.desired.has_set,
            reports=self._parts.supervisor.ready,
        )
