"""A manager in the test's hand: the join and the agents' WebSocket over real HTTP."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec
from aiohttp import WSMsgType, web

from berth.agent.app import run_agent
from berth.agent.options import AgentOptions
from berth.dispatcher.frames import encode_set
from berth.domain.ids import AssignmentId, HostId, InstanceId
from berth.domain.observed import ContainerReport
from berth.domain.settings import Settings
from berth.domain.states import Attempt
from berth.protocol.codec import decode_from_agent, encode
from berth.protocol.messages import (
    JOIN_PATH,
    PROTOCOL_VERSION,
    SESSION_PATH,
    Accepted,
    AgentAssignment,
    AssignmentChange,
    AssignmentSet,
    Call,
    CallDone,
    CallPart,
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    Inventory,
    JoinAnswer,
    JoinRequest,
    LoginAnswer,
    LoginQuery,
    Message,
    Report,
    Resync,
    Welcome,
)
from berth.testing.builders_agent import OWNER

M = TypeVar("M")
DEADLINE_S = 10.0
QUICK = Settings(host_ttl_s=1.0, backoff_first_s=0.05, backoff_max_s=0.2, stop_grace_s=0.1)


async def until(condition: Callable[[], object], *, within_s: float = DEADLINE_S) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


class FakeManager:
    """Sends what the test says, accepts reports, and keeps what agents said."""

    def __init__(
        self, *, settings: Settings = QUICK, ca: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        self.ca = ca
        self.tls = tls
        self.epoch = 1
        self.revision = 1
        self.settings = settings
        self.instance_id: InstanceId = OWNER.instance_id
        self.assignments: dict[AssignmentId, AgentAssignment] = {}
        self.heard: list[Message] = []
        self.joins: list[JoinRequest] = []
        self.latest: dict[AssignmentId, ContainerReport] = {}
        #: Answers to the joins that are refused before one is accepted.
        self.refusals: list[web.Response] = []
        self.silent = False
        self.credential = "open sesame"
        self.refused = 0
        self._socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._calls = 0

    async def start(self) -> "FakeManager":
        app = web.Application()
        app.router.add_get(SESSION_PATH, self._session)
        app.router.add_post(JOIN_PATH, self._join)
        app.router.add_get(JOIN_PATH, self._tell_authority)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self.tls)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    async def say(self, message: Message) -> None:
        await self.send(encode(message))

    async def send(self, frame: bytes) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(frame)

    async def put(self, *assignments: AgentAssignment) -> None:
        """Change assignments as a chained increment."""
        self.assignments |= {one.id: one for one in assignments}
        await self._change(put=assignments)

    async def drop(self, *assignment_ids: str) -> None:
        ids = tuple(AssignmentId(one) for one in assignment_ids)
        for one in ids:
            self.assignments.pop(one, None)
        await self._change(drop=ids)

    async def _change(
        self, put: Iterable[AgentAssignment] = (), drop: Iterable[AssignmentId] = ()
    ) -> None:
        before, self.revision = self.revision, self.revision + 1
        change = AssignmentChange(
            epoch=self.epoch,
            applies_to=before,
            results_in=self.revision,
            put=tuple(put),
            drop=tuple(drop),
        )
        await self.say(change)

    async def say_set(self) -> None:
        full = AssignmentSet(
            epoch=self.epoch, revision=self.revision, assignments=tuple(self.assignments.values())
        )
        for frame in encode_set(full):
            await self.send(frame)

    async def call(self, request: object, *, deadline_s: float = 5.0) -> tuple[CallDone, bytes]:
        """Call the agent and give the end and the parts of its answer."""
        self._calls += 1
        number = self._calls
        await self.say(Call(id=number, deadline_s=deadline_s, request=request))  # type: ignore[arg-type]
        await until(lambda: any(one.id == number for one in self.all(CallDone)))
        done = next(one for one in self.all(CallDone) if one.id == number)
        return done, b"".join(one.data for one in self.all(CallPart) if one.id == number)

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def state(self, assignment_id: str = "a1") -> Attempt | None:
        report = self.latest.get(AssignmentId(assignment_id))
        return report.state if report else None

    def report(self, assignment_id: str = "a1") -> ContainerReport:
        return self.latest[AssignmentId(assignment_id)]

    async def until_running(self, assignment_id: str = "a1", *, attempt: int = 1) -> None:
        key = AssignmentId(assignment_id)
        await until(
            lambda: (
                key in self.latest
                and self.latest[key].attempt >= attempt
                and self.latest[key].state is Attempt.RUNNING
            )
        )

    async def _tell_authority(self, request: web.Request) -> web.Response:
        return web.json_response({"ca": self.ca})

    async def _join(self, request: web.Request) -> web.Response:
        if self.refusals:
            return self.refusals.pop(0)
        self.joins.append(msgspec.json.decode(await request.read(), type=JoinRequest))
        answer = JoinAnswer(
            instance_id=self.instance_id,
            host_id=HostId(OWNER.host_id),
            name="host-1",
            credential=self.credential,
        )
        return web.Response(body=msgspec.json.encode(answer), status=201)

    async def _session(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Host {OWNER.host_id}:{self.credential}":
            self.refused += 1
            return web.Response(status=401)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._socket = socket
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                heard = decode_from_agent(message.data)
                assert isinstance(heard, Message)
                await self._hear(heard)
        return socket

    async def _hear(self, message: Message) -> None:
        self.heard.append(message)
        if self.silent:
            return
        match message:
            case Hello():
                await self.say(self._welcome())
                await self.say_set()
            case Report():
                self.latest |= {one.assignment_id: one for one in message.containers}
                await self.say(Accepted(sequence=message.sequence))
            case Heartbeat():
                await self.say(HeartbeatAnswer())
            case Resync():
                await self.say_set()
            case LoginQuery():
                await self.say(LoginAnswer(id=message.id))
            case Inventory() | _:
                pass

    def _welcome(self) -> Welcome:
        return Welcome(
            protocol=PROTOCOL_VERSION,
            instance_id=self.instance_id,
            epoch=self.epoch,
            settings=self.settings,
            host_name="host-1",
            pool_id="default",
        )


class RunningAgent:
    """A whole agent as a task of the test."""

    def __init__(
        self,
        manager: FakeManager,
        engine: object,
        *,
        folder: Path,
        token: str = "berth-join-1.secret.-",
    ) -> None:
        self.token = token
        self.manager = manager
        self.engine = engine
        self.folder = folder
        self.stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RunningAgent":
        options = AgentOptions(
            data_dir=self.folder,
            manager_url=self.manager.url,
            join_token=self.token,
            address="10.0.0.1",
        )
        self.stopped.clear()
        self._task = asyncio.create_task(
            run_agent(options, engine=self.engine, stopped=self.stopped)  # type: ignore[arg-type]
        )
        return self

    async def ended(self) -> None:
        """Wait for an agent that ends by itself."""
        assert self._task is not None
        await asyncio.wait({self._task}, timeout=DEADLINE_S)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self.stopped.set()
        async with asyncio.timeout(2.0):
            await self._task
