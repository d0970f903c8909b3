"""An application behind a real server on loopback, for what only a server shows."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

from berth.api.connections.limits import Limits
from berth.api.connections.server import Server, make_config
from berth.runtime.tls import TlsFiles
from integration.api_bed import Bed

START_S = 20.0


class PortedServer(Server):
    """A server that knows where it listens."""

    port = 0


@contextlib.asynccontextmanager
async def serve(
    bed: Bed, *, tls: TlsFiles | None = None, limits: Limits | None = None
) -> AsyncIterator[str]:
    """Serve the bed's application and give its address, without a scheme."""
    async with serve_app(bed.app, lifespan=True, tls=tls, limits=limits) as server:
        yield f"127.0.0.1:{server.port}"


@contextlib.asynccontextmanager
async def serve_app(
    app: Any,
    *,
    lifespan: bool = False,
    limits: Limits | None = None,
    tls: TlsFiles | None = None,
) -> AsyncIterator[PortedServer]:
    """Run a server of an application on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = make_config(
        app,
        chain=tls.chain if tls else None,
        key=tls.key if tls else None,
        lifespan=lifespan,
    )
    config.timeout_graceful_shutdown = 1
    server = PortedServer(config, limits=limits)
    server.port = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(START_S):
            await server.serving.wait()
        yield server
    finally:
        server.should_exit = True
        await serving
        listening.close()
