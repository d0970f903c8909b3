"""A registry on loopback that only asks who is there, with each kind of challenge."""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator

#: With this a TLS client begins; a server of plain HTTP hangs up on it.
TLS_HANDSHAKE = b"\x16"


class FakeRegistry:
    """Answers ``/v2/`` and ``/token``, and notes the credentials that came."""

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        bearer: bool = False,
        realm: str = "",
        status: int = 200,
        silent: bool = False,
    ) -> None:
        pair = ":".join(login or ("", "")).encode()
        self._basic = f"Basic {base64.b64encode(pair).decode()}" if login else ""
        self._bearer = bearer
        self._realm = realm
        self._status = status
        self._silent = silent
        self.address = ""
        self.scheme = "http"
        self.authorizations: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            begin = await reader.readexactly(1)
            if begin == TLS_HANDSHAKE:
                writer.close()
                return
            head = (begin + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            if self._silent:
                await reader.read()
            first, *lines = head.split("\r\n")
            headers = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:]
                           for line in lines if ": " in line)  # fmt: skip
            given = headers.get("authorization", "")
            if given:
                self.authorizations.append(given)
            status, extra, body = self._judge(first.split(" ")[1], given)
            writer.write(
                f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(body)}\r\n"
                f"Connection: close\r\n\r\n{body}".encode()
            )
            await writer.drain()
        writer.close()

    def _judge(self, path: str, given: str) -> tuple[int, str, str]:
        if path.startswith("/token"):
            if self._basic and given != self._basic:
                return 401, "", "{}"
            return 200, "", json.dumps({"token": "t0ken"})
        if path != "/v2/" or self._status != 200:
            return self._status if path == "/v2/" else 404, "", "{}"
        if self._bearer and given != "Bearer t0ken":
            realm = self._realm or f"{self.scheme}://{self.address}/token"
            return 401, f'WWW-Authenticate: Bearer realm="{realm}",service="fake"\r\n', "{}"
        if self._basic and not self._bearer and given != self._basic:
            return 401, 'WWW-Authenticate: Basic realm="fake"\r\n', "{}"
        return 200, "", "{}"


@contextlib.asynccontextmanager
async def serve_registry(
    registry: FakeRegistry, *, context: ssl.SSLContext | None = None
) -> AsyncIterator[FakeRegistry]:
    """Serve on a free port of loopback, over TLS with a context."""
    server = await asyncio.start_server(registry.answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    registry.address = f"127.0.0.1:{port}"
    registry.scheme = "https" if context else "http"
    async with server:
        yield registry
