"""HTTP/1.1 on one connection, with a bound on everything that comes before an endpoint decides."""

from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from berth.api.connections.limits import Limits
from berth.api.http.errors import ErrorItem, ErrorObject
from berth.api.http.responses import encode

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

    def __init__(self, *, limits: Limits, **given: Any) -> None:
        """Take the limits, and what uvicorn gives every protocol."""
        super().__init__(**given)
        self._limits = limits
        #: Bytes that are neither of a body nor of a head that is complete, as they were received.
        self._received = 0
        #: Bytes and number of the current request's fields, as the parser found them.
        self._parsed = 0
        self._fields = 0
        #: Whether the piece that is being parsed had the beginning of a request, or of a body.
        self._went_on = False
        self._body_bytes = 0
        self._in_head = False
        self._refusal: tuple[int, ErrorItem] | None = None
        self._refused = False
        self._dropped = 0
        #: The request that is being answered; later ones wait for it.
        self._answering: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        """Parse what came; what follows after a refusal is dropped, but not without end."""
        if self._refused:
            self._dropped += len(data)
            if self._dropped > self._limits.dropped_bytes:
                self.transport.abort()
            return
        for start in range(0, len(data), PIECE_BYTES):
            if self._refused or self.transport.get_protocol() is not self:
                return
            self._take(data[start : start + PIECE_BYTES])

    def _take(self, piece: bytes) -> None:
        self._went_on, self._body_bytes = False, 0
        super().data_received(piece)
        rest = len(piece) - self._body_bytes
        self._received = rest if self._went_on else self._received + rest
        if self._received > self._limits.head_bytes and not self._refused:
            self._refuse(*self._too_large())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, also when others wait behind it."""
        self._disconnect()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count for another request."""
        self._went_on = self._in_head = True
        self._parsed = self._fields = 0
        super().on_message_begin()

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
        if len(self.pipeline) >= self._limits.pipelined:
            raise _OutOfBounds  # it is cut off: an answer would be taken for an earlier request's
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._went_on = True
        self._body_bytes += len(body)
        super().on_body(body)

    def _count(self, size: int) -> None:
        self._parsed += size
        if self._parsed > self._limits.head_bytes or self._fields > self._limits.fields:
            self._refusal = self._too_large()
            raise _OutOfBounds

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _disconnect(self) -> None:
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or was not to read on."""
        item = ErrorItem(message="this is no HTTP request that can be read", code="invalid_request")
        self._refuse(*(self._refusal or (400, item)))

    def _too_large(self) -> tuple[int, ErrorItem]:
        message = (
            f"the head of a request has at most {self._limits.head_bytes} bytes and "
            f"{self._limits.fields} fields"
        )
        return 431, ErrorItem(message=message, code="head_too_large")

    def _refuse(self, status: int, item: ErrorItem) -> None:
        """Answer where the answer cannot be taken for that of another request, and cut off.

        The end comes a little later than the answer: closed while more is on its way, the
        connection would be reset, and the answer lost.
        """
        self._refused = True
        self._disconnect()
        if self._is_next_to_answer():
            body = encode(ErrorObject([item]))
            headers = [
                *self.server_state.default_headers,
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                (b"connection", b"close"),
            ]
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
            self.loop.call_later(self._limits.close_s, self.transport.abort)
        else:
            self.transport.abort()

    def _is_next_to_answer(self) -> bool:
        current = self._answering
        if current is None or current.response_complete:
            return True
        return current is self.cycle and not self._in_head and not current.response_started
