"""HTTP/1.1 on one connection, with a bound on everything that comes before an endpoint decides."""

import asyncio
import functools
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from berth.api.connections.admission import SCOPE_KEY, Guest
from berth.api.connections.cut_log import Cut
from berth.api.connections.last_answer import LastAnswer, render_refusal
from berth.api.connections.limits import Limits
from berth.api.connections.websocket_protocol import WebSocketProtocol
from berth.api.http.errors import ErrorItem

#: The parser is fed with pieces of this size, so that it never gets far beyond a bound.
PIECE_BYTES = 16 * 1024

#: What the separators around a header field come to.
_FIELD_BYTES = len(b": \r\n")


class _OutOfBounds(Exception):
    """Ends the parsing of a request; the connection knows why."""


class HttpProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which alone would keep heads, trailers and pipelines of any size.

    Bytes count from the beginning of a request, and again after each byte of a body, so that
    trailers and the extensions of chunks are bounded as a head is.
    """

    def __init__(self, *, limits: Limits, guest: Guest, **given: Any) -> None:
        """Take the limits, whose connection it is, and what uvicorn hands to every protocol."""
        super().__init__(**given)
        self.ws_protocol_class = functools.partial(  # type: ignore[assignment]  # makes one
            WebSocketProtocol, limits=limits, guest=guest
        )
        self._limits = limits
        self._guest = guest
        #: Bytes that are neither of a body nor of a head that is complete, as they were received.
        self._received = 0
        #: Bytes and number of the current request's fields, as the parser found them.
        self._parsed = 0
        self._fields = 0
        #: Whether the piece that is being parsed had the beginning of a request, or of a body.
        self._went_on = False
        self._body_bytes = 0
        self._in_head = False
        self._is_too_large = False
        self._last_answer: LastAnswer | None = None
        #: The request that is being answered; later ones wait for it.
        self._answering: RequestResponseCycle | None = None
        #: Ends the wait for a whole head.
        self._deadline: asyncio.TimerHandle | None = None
        #: How often the client has taken what made the answer wait.
        self.resumed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(self._limits.unsent_bytes)
        self._guest.cut = transport.abort
        self._guest.is_busy = self._is_busy
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Return the request that is being answered, also when others wait behind it."""
        self._end_wait()
        self._guest.leave()
        self._disconnect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, until the connection is refused or no longer speaks HTTP."""
        if self._last_answer is not None:
            self._last_answer.drop(data)
            return
        self._unset_keepalive_if_required()
        for start in range(0, len(data), PIECE_BYTES):
            if self._is_over():
                return
            self._take(data[start : start + PIECE_BYTES])
        if not self._is_over() and (self._in_head or not self._is_at_work()):
            self._await_head()

    def _take(self, piece: bytes) -> None:
        self._went_on, self._body_bytes = False, 0
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._end_wait()
                self.handle_websocket_upgrade()
            return  # another protocol than WebSocket is not offered, and need not be
        except httptools.HttpParserError:
            self._refuse_unreadable()
            return
        rest = len(piece) - self._body_bytes
        self._received = rest if self._went_on else self._received + rest
        if self._received > self._limits.head_bytes:
            self._is_too_large = True
            self._refuse_unreadable()

    def on_message_begin(self) -> None:
        """Begin to count for another request."""
        self._went_on = self._in_head = True
        self._parsed = self._fields = 0
        super().on_message_begin()
        self.scope[SCOPE_KEY] = self._guest  # type: ignore[literal-required]

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field; trailers are dropped, since the request is at work without them."""
        self._fields += 1
        self._count(len(name) + len(value) + _FIELD_BYTES)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer, or let the request wait for those before it."""
        self._in_head = False
        self._parsed = 0
        self._end_wait()
        if len(self.pipeline) >= self._limits.pipelined:
            raise _OutOfBounds  # it is cut off: an answer would be taken for an earlier request's
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._went_on = True
        self._body_bytes += len(body)
        super().on_body(body)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        self.resumed += 1
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection at rest, also where the client does not answer the close of TLS."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(self._limits.close_s, self.transport.abort)

    def _count(self, size: int) -> None:
        self._parsed += size
        if self._parsed > self._limits.head_bytes or self._fields > self._limits.fields:
            self._is_too_large = True
            raise _OutOfBounds

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _is_at_work(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def _is_busy(self) -> bool:
        """Whether the client waits for the answer, and not the other way round."""
        waits = self._answering is None or self._answering.more_body or self.flow.write_paused
        return self._is_at_work() and not waits

    def _is_over(self) -> bool:
        return (
            self._last_answer is not None
            or self.transport.is_closing()
            or self.transport.get_protocol() is not self
        )

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._limits.head_s, self._end_late_head)

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_late_head(self) -> None:
        self._deadline = None
        if (
            self.flow.read_paused
        ):  # the rest of the head is not read yet: earlier requests come first
            self._await_head()
        elif not self._is_over():
            self._guest.note(Cut.NO_HEAD)
            if self._in_head:
                message = f"no whole head of a request came within {self._limits.head_s:g} s"
                self._refuse(408, ErrorItem(message=message, code="too_slow"))
            else:
                self.transport.abort()

    def _refuse_unreadable(self) -> None:
        self._guest.note(Cut.UNREADABLE)
        if self._is_too_large:
            message = (
                f"the head of a request has at most {self._limits.head_bytes} bytes and "
                f"{self._limits.fields} fields"
            )
            self._refuse(431, ErrorItem(message=message, code="head_too_large"))
        else:
            message = "this is no HTTP request that can be read"
            self._refuse(400, ErrorItem(message=message, code="invalid_request"))

    def _refuse(self, status: int, item: ErrorItem) -> None:
        """Answer where the answer cannot be taken for that of another request, and cut off."""
        self._disconnect()
        if self._is_next_to_answer():
            answer = render_refusal(status, item, headers=self.server_state.default_headers)
            self._last_answer = LastAnswer(self.transport, answer, limits=self._limits)
        else:
            self.transport.abort()

    def _is_next_to_answer(self) -> bool:
        current = self._answering
        if current is None or current.response_complete:
            return True
        return current is self.cycle and not self._in_head and not current.response_started

    def _disconnect(self) -> None:
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
