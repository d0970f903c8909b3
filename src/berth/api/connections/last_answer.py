"""The last words on a connection that is refused before any endpoint sees a request."""

import asyncio
from collections.abc import Iterable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from berth.api.connections.limits import Limits
from berth.api.http.errors import ErrorItem, ErrorObject
from berth.api.http.responses import encode

_Headers = Iterable[tuple[bytes, bytes]]


class LastAnswer:
    """A connection that was answered for the last time and ends a little later.

    Closed while more is on its way, it would be reset, and the answer lost. What still comes is
    dropped, but not without end.
    """

    def __init__(self, transport: asyncio.Transport, answer: bytes, *, limits: Limits) -> None:
        self._transport = transport
        self._left = limits.dropped_bytes
        transport.write(answer)
        asyncio.get_running_loop().call_later(limits.close_s, transport.abort)

    def drop(self, data: bytes) -> None:
        """Take what is not read any more."""
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()


def render_refusal(status: int, item: ErrorItem, *, headers: _Headers) -> bytes:
    """Return a whole answer with the error object; ``headers`` are those of every answer."""
    body = encode(ErrorObject([item]))
    lines = [
        *headers,
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    head = STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % line for line in lines)
    return head + b"\r\n" + body
