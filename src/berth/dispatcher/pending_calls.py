"""Calls to one agent inside its session: ids, deadlines, answers in parts, cancel."""

import asyncio
import itertools
from collections.abc import Callable

import msgspec

from berth.domain.errors import CallFailed, HostAway, ProtocolError
from berth.domain.observed import TaskProgress
from berth.protocol.messages import (
    PROGRESS_STREAM,
    Call,
    CallDone,
    CallPart,
    CallRequest,
    Cancel,
    Message,
)
from berth.protocol.streams import cost_of

#: An answer larger than this ends the call with a failure.
MAX_ANSWER_BYTES = 16 * 1024 * 1024

#: Steps of progress of one call follow each other after this time at the earliest.
PROGRESS_PAUSE_S = 0.5

Answer = dict[str, bytes]


class PendingCall:
    """A call that waits for its answer."""

    def __init__(self, on_progress: Callable[[TaskProgress], None] | None = None) -> None:
        self._on_progress = on_progress
        #: The newest step, none once it was published.
        self._step: TaskProgress | None = None
        self._published_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None
        self.parts: dict[str, list[bytes]] = {}
        self.size = 0
        self.done: asyncio.Future[CallDone] = asyncio.get_running_loop().create_future()

    def take_step(self, step: TaskProgress) -> None:
        """Publish a step of progress; of several that come at once the newest, a little later."""
        self._step = step
        if self._later is None:
            loop = asyncio.get_running_loop()
            wait_s = self._published_at + PROGRESS_PAUSE_S - loop.time()
            if wait_s > 0:
                self._later = loop.call_later(wait_s, self.publish_step)
            else:
                self.publish_step()

    def publish_step(self) -> None:
        """Publish the newest step unless that was done; safe to repeat."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        step, self._step = self._step, None
        if step is not None and self._on_progress is not None:
            self._published_at = asyncio.get_running_loop().time()
            self._on_progress(step)


class PendingCalls:
    """The calls of one session."""

    def __init__(self, send: Callable[[Message], None], *, host_name: str) -> None:
        self._send = send
        self._host_name = host_name
        self._ids = itertools.count(1)
        self._pending: dict[int, PendingCall] = {}

    async def call(
        self,
        request: CallRequest,
        *,
        deadline_s: float,
        on_progress: Callable[[TaskProgress], None] | None = None,
    ) -> Answer:
        """Send a request and return the answer's parts joined, by stream.

        Raises HostAway without an answer in time, CallFailed when the agent says why not.
        """
        call_id = next(self._ids)
        pending = self._pending[call_id] = PendingCall(on_progress)
        try:
            self._send(Call(id=call_id, deadline_s=deadline_s, request=request))
            async with asyncio.timeout(deadline_s + 1.0):
                done = await pending.done
        except TimeoutError as exc:
            message = f"host {self._host_name} did not answer within {deadline_s:.0f} s"
            raise HostAway(message, code="host_timeout") from exc
        finally:
            del self._pending[call_id]
            pending.publish_step()
            if not pending.done.done() or pending.done.cancelled():
                self._send(Cancel(id=call_id))
        if done.code:
            raise CallFailed(done.message, code=done.code)
        return {stream: b"".join(parts) for stream, parts in pending.parts.items()}

    def take_part(self, part: CallPart) -> None:
        """Keep a piece of an answer; of a call that nobody waits for it is dropped."""
        pending = self._pending.get(part.id)
        if pending is None or pending.done.done():
            return
        if part.stream == PROGRESS_STREAM:
            pending.take_step(_read_progress(part.data))
            return
        pending.size += cost_of(part.data)
        if pending.size > MAX_ANSWER_BYTES:
            too_large = CallDone(id=part.id, code="too_large", message="the answer is too large")
            pending.done.set_result(too_large)
            self._send(Cancel(id=part.id))
            return
        pending.parts.setdefault(part.stream, []).append(part.data)

    def take_done(self, done: CallDone) -> None:
        """End a call."""
        pending = self._pending.get(done.id)
        if pending is not None and not pending.done.done():
            pending.done.set_result(done)

    def fail_all(self) -> None:
        """The session ended: nobody will answer."""
        for pending in self._pending.values():
            if not pending.done.done():
                message = f"host {self._host_name} went away during the call"
                pending.done.set_exception(HostAway(message))


def _read_progress(data: bytes) -> TaskProgress:
    try:
        return msgspec.json.decode(data, type=TaskProgress)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"the progress of a call cannot be read: {error}") from error
