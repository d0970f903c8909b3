"""The HTTP server: lets go of clients that neither send nor take anything."""

import asyncio
import contextlib
import functools
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from berth.api.connections.http_protocol import HttpProtocol
from berth.api.connections.limits import Limits
from berth.protocol.messages import MAX_FRAME_BYTES

log = logging.getLogger(__name__)

#: A connection that is being closed at the end has so long to take what was sent on it.
CLOSE_S = 0.5

#: A client that takes nothing of what waits for it is cut off after so long.
STALL_S = 30.0

#: A connection that sends no whole request is cut off after so long.
SILENT_S = 30.0


#: Requests under way at the end have so long to finish.
GRACE_S = 3


def make_config(
    app: Any,
    *,
    limits: Limits | None = None,
    chain: Path | None = None,
    key: Path | None = None,
    lifespan: bool = True,
) -> uvicorn.Config:
    """Return how an application is served; over TLS when there is a certificate."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=functools.partial(HttpProtocol, limits=limits or Limits()),  # type: ignore[arg-type]
        ws="websockets-sansio",
        ws_max_size=2 * MAX_FRAME_BYTES,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever connects is the source of a request, whatever its headers say.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )


class Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the program decides when to end."""

    def __init__(
        self, config: uvicorn.Config, *, stall_s: float = STALL_S, silent_s: float = SILENT_S
    ) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()
        self._stall_s = stall_s
        self._silent_s = silent_s
        self._stalls: dict[Any, _Stall] = {}
        self._cutting: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and to look after clients."""
        await super().startup(sockets)
        self._cutting = asyncio.create_task(self._cut_stalled(), name="server: stalled clients")
        self.serving.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down without waiting for clients that do not answer the close of TLS."""
        cutting = asyncio.create_task(self._cut_closing(), name="server: cut")
        try:
            await super().shutdown(sockets)
        finally:
            for task in (cutting, self._cutting):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    async def _cut_closing(self) -> None:
        closing: set[asyncio.Transport] = set()
        while True:
            for transport in closing:
                transport.abort()
            closing = {each for each in self._transports() if each.is_closing()}
            await asyncio.sleep(CLOSE_S)

    async def _cut_stalled(self) -> None:
        """Look again and again for connections on which nothing moves."""
        pause_s = min(self._stall_s, self._silent_s) / 4
        while True:
            now = asyncio.get_running_loop().time()
            connections = list(self.server_state.connections)
            self._stalls = {each: self._look(each, now) for each in connections}
            for connection, stall in self._stalls.items():
                if now - stall.since >= (self._stall_s if stall.waiting else self._silent_s):
                    log.info("a client that takes or sends nothing is cut off")
                    connection.transport.abort()
            await asyncio.sleep(pause_s)

    def _look(self, connection: Any, now: float) -> "_Stall":
        """Tell since when nothing has moved on a connection; one at rest always moves."""
        transport = connection.transport
        waiting = transport.get_write_buffer_size() if transport is not None else 0
        # Of the request under way, or the last one; a WebSocket has none and is never silent.
        cycle = getattr(connection, "cycle", connection)
        silent = cycle is None or getattr(cycle, "response_complete", False)
        before = self._stalls.get(connection)
        if before is not None and (waiting or silent) and before.is_of(waiting, cycle):
            return before
        return _Stall(waiting, cycle, since=now)

    def _transports(self) -> list[asyncio.Transport]:
        transports = [each.transport for each in self.server_state.connections]
        return [each for each in transports if each is not None]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class _Stall:
    """Bytes that wait on a connection after a request, and since when it is just so."""

    def __init__(self, waiting: int, cycle: object, *, since: float) -> None:
        self.waiting = waiting
        self.cycle = cycle
        self.since = since

    def is_of(self, waiting: int, cycle: object) -> bool:
        """Whether just as many bytes wait still, after the same request."""
        return (self.waiting, self.cycle) == (waiting, cycle)
