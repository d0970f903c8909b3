"""A small HTTP/1.1 server for requests without bodies: bounded, and rid of slow clients.

Containers are not trusted: each connection has a deadline for the head of a request and one for
taking the answer, and only so many are open at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from http import HTTPStatus

import msgspec

log = logging.getLogger(__name__)

#: Longest head of a request, in bytes.
MAX_HEAD_BYTES = 16 * 1024
#: More connections are closed at once.
MAX_CONNECTIONS = 256
#: A connection on which no whole request comes for so long is closed.
REQUEST_S = 15.0
#: A client that has not taken an answer after this is cut off.
ANSWER_S = 15.0


class Request(msgspec.Struct, frozen=True):
    """The head of a request, as far as anybody asks."""

    method: str
    #: Path and query as they came.
    target: str
    #: Whether another request may follow on this connection.
    keep: bool = True


class Response(msgspec.Struct, frozen=True):
    """An answer."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "application/json"
    #: Methods that the path takes, for an answer 405.
    allow: str = ""


class HttpServer:
    """Listens on one address, and answers each request with what a function says."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        *,
        request_s: float = REQUEST_S,
        answer_s: float = ANSWER_S,
        at_most: int = MAX_CONNECTIONS,
    ) -> None:
        self._at_most = at_most
        self._answer = answer
        self._request_s = request_s
        self._answer_s = answer_s
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._serving)

    async def listen(self, address: str, port: int) -> int:
        """Begin to serve, and give the port; raises OSError when the address cannot be had."""
        self._server = await asyncio.start_server(
            self._serve, address, port, limit=MAX_HEAD_BYTES, start_serving=True
        )
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and end every connection; safe to repeat."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._serving) >= self._at_most:
            writer.transport.abort()
            return
        self._serving.add(task)
        # Drained is what the kernel has taken: that is what the deadline is about.
        writer.transport.set_write_buffer_limits(0)
        try:
            while await self._exchange(reader, writer):
                pass
            writer.close()
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether another may follow."""
        request, response = None, None
        try:
            async with asyncio.timeout(self._request_s):
                head = await reader.readuntil(b"\r\n\r\n")
            request = parse_head(head)
        except asyncio.LimitOverrunError:
            response = Response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except ValueError:
            response = Response(HTTPStatus.BAD_REQUEST)
        if request is not None:
            response = self._answer(request)
        assert response is not None
        keep = request is not None and request.keep
        writer.write(render_head(response, keep=keep))
        if request is None or request.method != "HEAD":
            writer.write(response.body)
        async with asyncio.timeout(self._answer_s):
            await writer.drain()
        if not keep:
            with contextlib.suppress(OSError):
                writer.write_eof()
        return keep


def parse_head(head: bytes) -> Request:
    """Read the head of a request; raises ValueError when it is none of HTTP/1."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if version not in ("HTTP/1.1", "HTTP/1.0") or not method.isascii() or not method.isalpha():
        raise ValueError("this is not HTTP/1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a header has no colon")
        headers[name.strip().lower()] = value.strip().lower()
    if "://" in target.partition("?")[0]:
        target = "/" + target.partition("://")[2].partition("/")[2]
    # What follows a body that nobody reads could not be told from it.
    body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    wish = headers.get("connection", "")
    keep = wish == "keep-alive" if version == "HTTP/1.0" else wish != "close"
    return Request(method, target, keep=keep and not body)


def render_head(response: Response, *, keep: bool) -> bytes:
    """Return the head of an answer."""
    lines = [
        f"HTTP/1.1 {response.status.value} {response.status.phrase}",
        f"Content-Type: {response.media_type}",
        f"Content-Length: {len(response.body)}",
    ]
    if response.allow:
        lines.append(f"Allow: {response.allow}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
