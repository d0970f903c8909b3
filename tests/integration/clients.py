"""Both kinds of client at a served API, used alike."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from berth.client import AsyncClient, Client
from integration.api_bed import Bed
from integration.served import serve

KINDS = (Client, AsyncClient)


class Either:
    """A client of one of the two kinds; what a test asks of it is written once."""

    def __init__(self, client: Client | AsyncClient) -> None:
        self.client: Any = client
        self._waits = isinstance(client, Client)

    async def ask(self, verb: Callable[[Any], Any]) -> Any:
        """Return what a verb returns."""
        if self._waits:
            return await asyncio.to_thread(verb, self.client)
        return await verb(self.client)

    async def collect(self, verb: Callable[[Any], Any], count: int = 1000) -> list[Any]:
        """Return the first items of what a verb iterates over."""
        if self._waits:
            return await asyncio.to_thread(_first, verb(self.client), count)
        found: list[Any] = []
        async with contextlib.aclosing(verb(self.client)) as items:
            async for item in items:
                found.append(item)
                if len(found) == count:
                    break
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self.ask(lambda client: client.close())


def _first(items: Any, count: int) -> list[Any]:
    with contextlib.closing(items):
        return [item for _, item in zip(range(count), items, strict=False)]


@contextlib.asynccontextmanager
async def open_client(bed: Bed, kind: Any) -> AsyncIterator[Either]:
    """Serve the API and open a client that is logged in."""
    async with serve(bed) as address:
        either = Either(kind(f"http://{address}", token=bed.bearer))
        try:
            yield either
        finally:
            await either.close()
