"""The agent's end of streams: each a task that feeds pieces from the engine into the session."""

import asyncio
import logging
import re
from contextlib import aclosing

import msgspec

from berth.agent.engine.protocol import Program
from berth.agent.local.context import AgentContext
from berth.agent.reports.usage import UsageMeter
from berth.domain.errors import EngineError, EngineRefused, ProtocolError
from berth.domain.streams import Exec, FollowLogs, FollowStats, Piece
from berth.protocol.messages import CallDone, CallPart
from berth.protocol.stream_end import Send, StreamEnd
from berth.protocol.streams import Input, OpenStream, Taken

log = logging.getLogger(__name__)

#: Streams at once; more are refused.
STREAMS_AT_MOST = 256

#: Pieces are at most this large, so that streams share the session fairly.
PIECE_BYTES = 32 * 1024

#: Bounds of the interval that a follower of statistics may ask for.
_INTERVALS_S = (1.0, 60.0)

#: Rows and columns of a terminal.
_SIZE = re.compile(rb"([0-9]{1,5}) ([0-9]{1,5})")


class StreamChannel(StreamEnd):
    """One open stream."""

    async def send(self, name: str, data: bytes) -> None:
        """Send a piece; waits while the manager takes none."""
        for start in range(0, max(len(data), 1), PIECE_BYTES):
            part = data[start : start + PIECE_BYTES]
            await self.send_frame(CallPart(id=self.id, stream=name, data=part), part)


class StreamServer:
    """The streams of one session."""

    def __init__(self, shared: AgentContext, *, send: Send) -> None:
        self._shared = shared
        self._send = send
        self._open: dict[int, tuple[StreamChannel, asyncio.Task[None]]] = {}

    def take(self, message: OpenStream | Input | Taken) -> None:
        """Take a frame of a stream; one of a stream that is over is dropped."""
        if isinstance(message, OpenStream):
            self._begin(message)
            return
        found = self._open.get(message.id)
        if found is None:
            return
        if isinstance(message, Input):
            found[0].put(Piece(message.name, message.data))
        else:
            found[0].add_credit(message.cost)

    def cancel(self, stream_id: int) -> None:
        """End a stream: nobody reads it any more."""
        if stream_id in self._open:
            self._open[stream_id][1].cancel()

    async def close(self) -> None:
        """End all streams."""
        tasks = [task for _, task in self._open.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, opening: OpenStream) -> None:
        if opening.id in self._open:
            raise ProtocolError("a stream is opened under the id of one that is open")
        if len(self._open) >= STREAMS_AT_MOST:
            message = f"the host has {STREAMS_AT_MOST} streams open already"
            self._send(CallDone(id=opening.id, code="busy", message=message))
            return
        channel = StreamChannel(opening.id, self._send)
        task = asyncio.create_task(self._serve(channel, opening))
        self._open[opening.id] = channel, task
        task.add_done_callback(lambda done: self._ended(opening, done))

    def _ended(self, opening: OpenStream, task: asyncio.Task[None]) -> None:
        del self._open[opening.id]
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            log.error("a stream of %s broke off", type(opening.request).__name__, exc_info=failure)
            text = f"the agent failed: {failure}"
            self._send(CallDone(id=opening.id, code="failed", message=text))

    async def _serve(self, channel: StreamChannel, opening: OpenStream) -> None:
        code, message, pulse = "", "", self._shared.pulse
        try:
            match opening.request:
                case FollowLogs():
                    await pulse.run_while_alive(self._follow_logs(channel, opening.request))
                case Exec():
                    # A program outlives a moment in which its engine is busy.
                    pulse.require()
                    await self._run_program(channel, opening.request)
                case FollowStats():
                    await pulse.run_while_alive(self._follow_stats(channel, opening.request))
        except EngineError as exc:
            code, message = exc.code, str(exc)
        self._send(CallDone(id=opening.id, code=code, message=message))

    async def _follow_logs(self, channel: StreamChannel, request: FollowLogs) -> None:
        chunks = self._shared.engine.follow_logs(request.container_id, request.query)
        async with aclosing(chunks):  # type: ignore[type-var]  # every engine returns a generator
            async for chunk in chunks:
                await channel.send(chunk.stream, chunk.data)

    async def _run_program(self, channel: StreamChannel, request: Exec) -> None:
        if not request.command:
            raise EngineRefused("cannot run a program without a command")
        async with self._shared.engine.run_program(request) as program:
            feeding = asyncio.create_task(_feed(channel, program))
            try:
                while (chunk := await program.read()) is not None:
                    await channel.send(chunk.stream, chunk.data)
                code = await program.read_exit_code()
            finally:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)
        if code is not None:
            await channel.send("exit", str(code).encode())

    async def _follow_stats(self, channel: StreamChannel, request: FollowStats) -> None:
        interval_s = min(max(request.interval_s, _INTERVALS_S[0]), _INTERVALS_S[1])
        meter = UsageMeter(self._shared.engine, self._shared.clock)
        while True:
            usage = await meter.read(request.container_id)
            if usage is not None:
                await channel.send("usage", msgspec.json.encode(usage))
            await self._shared.clock.sleep(interval_s)


async def _feed(channel: StreamChannel, program: Program) -> None:
    """Pass a program its input and the sizes of its terminal."""
    while (piece := await channel.receive()) is not None:
        if piece.name == "stdin":
            await program.write(piece.data)
        elif piece.name == "eof":
            await program.end_input()
        elif piece.name == "resize":
            size = _SIZE.fullmatch(piece.data)
            if size is not None:
                await program.resize(int(size[1]), int(size[2]))
