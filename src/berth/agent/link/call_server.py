"""Calls of the manager: each a task with a deadline, answered by parts and one done."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from berth.agent.link.image_requests import IMAGE_REQUESTS, AnyImageRequest, run_image_request
from berth.agent.local.context import AgentContext
from berth.agent.local.supervisor import Supervisor
from berth.agent.local.user_actions import apply_action
from berth.domain.calls import ContainerAction
from berth.domain.errors import EngineError, ProtocolError
from berth.domain.ids import ContainerId
from berth.domain.observed import LogQuery
from berth.protocol.messages import (
    MARKER_PREFIX,
    ActRequest,
    Call,
    CallDone,
    CallPart,
    FindMarkerRequest,
    ImageRequest,
    InspectRequest,
    LogsRequest,
    Message,
    RunRequest,
)

log = logging.getLogger(__name__)

#: Newest bytes of each stream that a call for logs answers.
LOG_BYTES = 1024 * 1024

#: Parts are at most this large.
PART_BYTES = 256 * 1024

#: Calls at once; more are refused.
CALLS_AT_MOST = 64

Send = Callable[[Message], None]


class CallServer:
    """The calls of one session."""

    def __init__(self, shared: AgentContext, supervisor: Supervisor, *, send: Send) -> None:
        self._shared = shared
        self._supervisor = supervisor
        self._send = send
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def begin(self, call: Call) -> None:
        """Start answering a call. Raises ProtocolError for the id of one that is being answered."""
        if call.id in self._tasks:
            raise ProtocolError("two calls have one id")
        if len(self._tasks) >= CALLS_AT_MOST:
            self._done(call, "busy", message=f"the host is answering {CALLS_AT_MOST} calls already")
            return
        task = asyncio.create_task(self._answer(call))
        self._tasks[call.id] = task
        task.add_done_callback(lambda done: self._ended(call, done))

    def cancel(self, call_id: int) -> None:
        """Stop answering: nobody waits any more."""
        task = self._tasks.get(call_id)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """End all calls."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, call: Call, task: asyncio.Task[None]) -> None:
        del self._tasks[call.id]
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            log.error("call %d broke off", call.id, exc_info=failure)
            self._done(call, "failed", message=f"the agent failed: {failure}")

    async def _answer(self, call: Call) -> None:
        try:
            async with asyncio.timeout(call.deadline_s):
                await self._carry_out_alive(call)
        except TimeoutError:
            self._done(call, "timeout", message=f"not done within {call.deadline_s:.0f} s")
        except EngineError as exc:
            self._done(call, exc.code, message=str(exc))
        else:
            self._done(call)

    def _done(self, call: Call, code: str = "", *, message: str = "") -> None:
        self._send(CallDone(id=call.id, code=code, message=message))

    async def _carry_out_alive(self, call: Call) -> None:
        """Fail at once where the engine is silent; what takes long by itself only begins not then."""
        pulse = self._shared.pulse
        if isinstance(call.request, IMAGE_REQUESTS):
            pulse.require()
            await self._carry_out(call)
        else:
            await pulse.run_while_alive(self._carry_out(call))

    async def _carry_out(self, call: Call) -> None:
        match call.request:
            case ActRequest(container_id, action):
                await self._act(container_id, action)
            case LogsRequest(container_id, query):
                await self._logs(call.id, container_id, query=query)
            case FindMarkerRequest(name):
                listed = await self._shared.engine.list_networks()
                marked = name.startswith(MARKER_PREFIX) and any(one.name == name for one in listed)
                self._send_parts(call.id, b"1" if marked else b"")
            case InspectRequest(container_id):
                document = await self._shared.engine.inspect(container_id)
                self._send_parts(call.id, document)
            case request if isinstance(request, IMAGE_REQUESTS):
                await self._image(call.id, request)

    async def _image(self, call_id: int, request: AnyImageRequest) -> None:
        def send(data: bytes, stream: str) -> None:
            self._send_parts(call_id, data, stream=stream)

        await run_image_request(self._shared, request, send=send)
        if not isinstance(request, ImageRequest):
            await self._shared.images.send_now()
        if isinstance(request, RunRequest):
            await self._shared.inventory.send_now()

    async def _act(self, container_id: ContainerId, action: ContainerAction) -> None:
        worker = self._supervisor.worker_of(container_id)
        if worker is not None:
            await worker.act(container_id, action)
            return
        grace_s = self._shared.settings.stop_grace_s
        await apply_action(self._shared.engine, container_id, action=action, grace_s=grace_s)

    async def _logs(self, call_id: int, container_id: ContainerId, *, query: LogQuery) -> None:
        tails = {"stdout": Tail(LOG_BYTES), "stderr": Tail(LOG_BYTES)}
        async for chunk in self._shared.engine.logs(container_id, query):
            tails[chunk.stream].add(chunk.data)
        for stream, tail in tails.items():
            self._send_parts(call_id, tail.content(), stream=stream)

    def _send_parts(self, call_id: int, data: bytes, *, stream: str = "") -> None:
        for start in range(0, len(data), PART_BYTES):
            part = data[start : start + PART_BYTES]
            self._send(CallPart(id=call_id, stream=stream, data=part))


class Tail:
    """The newest whole lines of a stream, up to a number of bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._chunks: deque[bytes] = deque()
        self._held = 0

    def add(self, data: bytes) -> None:
        """Take more in, letting the oldest go."""
        self._chunks.append(data)
        self._held += len(data)
        while self._held - len(self._chunks[0]) >= self._size:
            self._held -= len(self._chunks.popleft())

    def content(self) -> bytes:
        """Return what is kept, beginning at a line."""
        data = b"".join(self._chunks)
        if len(data) <= self._size:
            return data
        cut = data[-self._size - 1 :]
        return cut[cut.find(b"\n") + 1 :]
