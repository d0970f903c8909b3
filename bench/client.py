"""An HTTP client that costs little, so that two cores measure the server and not the client."""

from __future__ import annotations

import asyncio
import re
from typing import cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Client:
    """Sends requests over connections that stay open, one at a time on each."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n".encode()
        self._resting: list[_Connection] = []
        self._all: list[_Connection] = []

    async def ask(self, method: str, path: str, *, body: bytes = b"") -> None:
        """Send a request and wait for the last byte of its answer, which must be 200."""
        # The server closes those that rest for long.
        while self._resting and not self._resting[-1].is_open:
            self._resting.pop()
        connection = self._resting.pop() if self._resting else await self._connect()
        length = b"Content-Length: %d\r\n" % len(body) if body else b""
        line = f"{method} {path} HTTP/1.1\r\n".encode()
        status = await connection.ask(line + self._head + length + b"\r\n" + body)
        assert status == 200, status
        self._resting.append(connection)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._all:
            connection.close()

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        self._all.append(connection)
        return connection


class _Connection(asyncio.Protocol):
    """One connection; its answers name their length."""

    def __init__(self) -> None:
        self.is_open = True
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._taken = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Transports of uvloop are not of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._taken += data
        head = self._taken.find(b"\r\n\r\n")
        if head < 0:
            return
        found = _LENGTH.search(self._taken, 0, head + 2)
        assert found is not None, bytes(self._taken[:head])
        if len(self._taken) < head + 4 + int(found[1]):
            return
        assert self._answer is not None
        status, self._taken = int(self._taken[9:12]), bytearray()
        self._answer.set_result(status)

    async def ask(self, request: bytes) -> int:
        """Send a request and give the status of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
