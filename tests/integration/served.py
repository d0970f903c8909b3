"""The API behind a real server on loopback, for what only a server shows."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn

from berth.api.server import Server
from integration.api_bed import Bed

START_S = 20.0


@contextlib.asynccontextmanager
async def serve(bed: Bed, **limits: float) -> AsyncIterator[str]:
    """Serve the bed's application and give its address, without a scheme."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        bed.app,
        http="httptools",
        ws="websockets-sansio",
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    server = Server(config, **limits)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(START_S):
            await server.serving.wait()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
