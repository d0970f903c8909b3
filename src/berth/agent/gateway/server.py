"""An HTTP server for containers, which are not trusted: bounded in connections, bytes and time."""

import asyncio
from collections.abc import Callable, Iterator

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from berth.agent.gateway.connection import Doorway, HttpConnection
from berth.agent.gateway.exchange import Request, Response

#: At most this many bytes of an answer are handed over at once. A connection holds two such
#: pieces at most, however long the answer is.
PIECE_BYTES = 64 * 1024
#: A connection on which no whole request comes for this long is closed.
REQUEST_S = 15.0
#: Longest wait for what is under way when the server closes.
CLOSE_S = 1.0


class HttpServer:
    """Listens on one address, and answers each request with what a function returns."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        *,
        doorway: Doorway,
        request_s: float = REQUEST_S,
    ) -> None:
        self._answer = answer
        self._doorway = doorway
        self._request_s = request_s
        self._requests: web.Server | None = None
        self._listener: asyncio.Server | None = None

    async def listen(self, address: str, port: int) -> int:
        """Begin to serve, and return the port; raises OSError when the address cannot be had."""
        requests = web.Server(self._serve)
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: HttpConnection(requests, self._doorway, request_s=self._request_s),
            address,
            port,
        )
        self._requests = requests
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and end every connection; safe to repeat."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await self._doorway.close()
        if self._requests is not None:
            await self._requests.shutdown(CLOSE_S)
            self._requests = None

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        response = self._answer(Request(request.method, _target(request.raw_path)))
        headers = {"Content-Type": response.media_type, "Server": "berth"}
        if response.allow:
            headers["Allow"] = response.allow
        if response.rest is None:
            headers["Content-Length"] = str(len(response.body))
        body = _PiecesPayload(_pieces(response))
        return web.Response(status=response.status, body=body, headers=headers)


class _PiecesPayload(Payload):
    """The body of an answer, made while it is sent."""

    _value: Iterator[bytes]

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the text of the body."""
        return b"".join(self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the body; waits for a client that takes nothing, and lets others have their turn."""
        for piece in self._value:
            await writer.write(piece)
            await asyncio.sleep(0)


def _pieces(response: Response) -> Iterator[bytes]:
    for start in range(0, len(response.body), PIECE_BYTES):
        yield response.body[start : start + PIECE_BYTES]
    yield from response.rest or ()


def _target(path: str) -> str:
    """Return path and query, also of a request that names the whole URL."""
    if "://" in path.partition("?")[0]:
        return "/" + path.partition("://")[2].partition("/")[2]
    return path
