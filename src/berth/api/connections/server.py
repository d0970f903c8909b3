"""The HTTP server: lets go of clients that take nothing of what was sent to them."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from berth.api.connections.admission import Admission, Guest
from berth.api.connections.cut_log import Cut
from berth.api.connections.http_protocol import HttpProtocol
from berth.api.connections.limits import Limits
from berth.api.connections.listener import Listener
from berth.api.connections.websocket_protocol import WebSocketProtocol
from berth.protocol.messages import MAX_FRAME_BYTES
from berth.runtime.exit_codes import Exit

#: Longest wait at the end for a connection to take what was sent on it.
CLOSE_S = 0.5

#: Longest wait at the end for requests under way to finish.
GRACE_S = 3


def make_config(
    app: Any, *, chain: Path | None = None, key: Path | None = None, lifespan: bool = True
) -> uvicorn.Config:
    """Return how an application is served; over TLS when there is a certificate."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=2 * MAX_FRAME_BYTES,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever connects is the source of a request; ``TrustedProxies`` knows the exceptions.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )


class Server(uvicorn.Server):
    """Uvicorn with limits, and without its own signal handling: the program decides when to end."""

    def __init__(self, config: uvicorn.Config, *, limits: Limits | None = None) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()
        self.limits = limits or Limits()
        self.admission = Admission(self.limits, now=lambda: asyncio.get_running_loop().time())
        self.servers = []
        self._listeners: list[Listener] = []
        self._stalls: dict[Any, _Stall] = {}
        self._cutting: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and to look after clients."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(Exit.DEFECT)
        for each in sockets or ():
            listener = Listener(
                each,
                self._make_protocol,
                admission=self.admission,
                limits=self.limits,
                tls=self.config.ssl,
            )
            listener.start()
            self._listeners.append(listener)
        self._cutting = asyncio.create_task(self._cut_stalled(), name="server: stalled clients")
        self.started = True
        self.serving.set()

    def _make_protocol(self, guest: Guest) -> asyncio.Protocol:
        return HttpProtocol(
            limits=self.limits,
            guest=guest,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down without waiting for clients that do not answer the close of TLS."""
        for listener in self._listeners:
            await listener.stop()
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
        """Cut clients again and again that take nothing, and log what was cut by all means."""
        while True:
            now = asyncio.get_running_loop().time()
            connections = list(self.server_state.connections)
            self._stalls = {each: self._watch_stall(each, now) for each in connections}
            for connection, stall in self._stalls.items():
                if now - stall.since >= self.limits.stall_s:
                    self.admission.cuts.note(Cut.STALLED, connection.client[0])
                    connection.transport.abort()
            self.admission.cuts.write(now)
            await asyncio.sleep(self.limits.stall_s / 4)

    def _watch_stall(self, connection: Any, now: float) -> "_Stall":
        """Return since when nothing has moved on a connection; one where nothing waits moves."""
        transport = connection.transport
        waiting = transport.get_write_buffer_size() if transport is not None else 0
        before = self._stalls.get(connection)
        if before is not None and waiting and before.is_of(waiting, connection.resumed):
            return before
        return _Stall(waiting, connection.resumed, since=now)

    def _transports(self) -> list[asyncio.Transport]:
        transports = [each.transport for each in self.server_state.connections]
        return [each for each in transports if each is not None]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class _Stall:
    """Bytes that wait on a connection, and since when it is just as many."""

    def __init__(self, waiting: int, resumed: int, *, since: float) -> None:
        self.waiting = waiting
        self.resumed = resumed
        self.since = since

    def is_of(self, waiting: int, resumed: int) -> bool:
        """Whether just as many bytes wait still, and none of them were taken meanwhile."""
        return (self.waiting, self.resumed) == (waiting, resumed)
