"""The API behind a real server on loopback, for what only a server shows."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from integration.api_bed import Bed

START_S = 20.0


class _Server(uvicorn.Server):
    """A server that tells when it serves, and leaves the signals of the test run alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serve(bed: Bed) -> AsyncIterator[str]:
    """Serve the bed's application and give its address, without a scheme."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        bed.app,
        http="httptools",
        ws="websockets-sansio",
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(START_S):
            await server.serving.wait()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
