"""A container's connection: let in or not, and cut off when it sends too much or takes too slowly."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from berth.runtime.clock import Clock
from berth.runtime.complaint import Complaint

log = logging.getLogger(__name__)

#: At most this many connections are open: in all, and from one address.
MAX_CONNECTIONS = 512
MAX_PER_SOURCE = 16
#: At most this many bytes are read before an answer is taken.
MAX_UNANSWERED_BYTES = 64 * 1024
#: A client that has not taken an answer after this is cut off.
ANSWER_S = 15.0

#: Whether a client at an address is served.
Admits = Callable[[str], Awaitable[bool]]


class Doorway:
    """The open connections of a server, and who may have one."""

    def __init__(
        self,
        admits: Admits,
        *,
        clock: Clock,
        at_most: int = MAX_CONNECTIONS,
        per_source: int = MAX_PER_SOURCE,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.admits = admits
        self.answer_s = answer_s
        self._at_most = at_most
        self._per_source = per_source
        self._complaint = Complaint(log, clock)
        self._open: dict[HttpConnection, str] = {}
        self._by_source: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._open)

    def enter(self, connection: "HttpConnection", source: str) -> bool:
        """Count a connection in; false when there is no room for it."""
        if len(self._open) >= self._at_most or self._by_source[source] >= self._per_source:
            self._complaint.log_once(
                f"a connection from {source} to the key/value endpoint is closed: "
                f"{self._by_source[source]} from there and {len(self._open)} in all are open"
            )
            return False
        self._open[connection] = source
        self._by_source[source] += 1
        return True

    def leave(self, connection: "HttpConnection") -> None:
        """Count a connection out; safe to repeat."""
        source = self._open.pop(connection, None)
        if source is not None:
            self._by_source[source] -= 1
            if not self._by_source[source]:
                del self._by_source[source]

    async def close(self) -> None:
        """Cut all connections off."""
        await asyncio.gather(*(connection.close_at_once() for connection in tuple(self._open)))


class HttpConnection(web.RequestHandler):
    """One connection. Where it is cut off, the client sees a reset."""

    def __init__(self, requests: web.Server, doorway: Doorway, *, request_s: float) -> None:
        super().__init__(
            requests,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=request_s,
            access_log=None,  # type: ignore[arg-type]  # none is what the library checks for
            auto_decompress=False,
        )
        self._doorway = doorway
        self._wire: asyncio.Transport | None = None
        self._admission: asyncio.Task[None] | None = None
        self._unanswered = 0
        self._half_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read nothing before the client is let in."""
        # No transport of uvloop is an instance of asyncio's class.
        transport = cast(asyncio.Transport, transport)
        self._wire = transport
        # Drained is what the kernel has taken: that is what the deadline is about.
        transport.set_write_buffer_limits(0)
        peer = transport.get_extra_info("peername")
        if peer is None or not self._doorway.enter(self, peer[0]):
            transport.abort()
            return
        transport.pause_reading()
        self._admission = asyncio.create_task(self._admit(transport, peer[0]))

    async def _admit(self, transport: asyncio.Transport, source: str) -> None:
        admitted = False
        try:
            admitted = await self._doorway.admits(source)
        finally:
            if not admitted:
                transport.abort()
        if admitted and not transport.is_closing():
            super().connection_made(transport)
            transport.resume_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another connection."""
        self._doorway.leave(self)
        if self._admission is not None:
            self._admission.cancel()
        super().connection_lost(exc)

    async def close_at_once(self) -> None:
        """Cut the client off."""
        self._cut_off()
        if self._admission is not None:
            self._admission.cancel()
            await asyncio.gather(self._admission, return_exceptions=True)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, as long as it takes answers in between."""
        self._unanswered += len(data)
        if self._unanswered > MAX_UNANSWERED_BYTES:
            self._cut_off()
        else:
            super().data_received(data)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes true for: stay open
        """Answer a client that has sent its last request, then close."""
        self._half_closed = True
        if not self._unanswered:
            self.force_close()
        return True

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer, in the time that a client has to take it."""
        try:
            async with asyncio.timeout(self._doorway.answer_s):
                sent = await super().finish_response(request, resp, start_time)
                await request.writer.drain()
        except TimeoutError:
            self._cut_off()
            return resp, True
        self._unanswered = 0
        if self._half_closed:
            self.close()
        return sent

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request, or what we failed at, without a word about why."""
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a request of the container at %s failed", request.remote, exc_info=exc)
        if request.writer.output_size:
            raise ConnectionError("a part of the answer is on its way already")
        if isinstance(exc, LineTooLong):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        response = web.Response(status=status, headers={"Server": "berth"})
        response.force_close()
        return response

    def _cut_off(self) -> None:
        if self._wire is not None:
            self._wire.abort()
