"""Reads server-sent events of a served API."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

DEADLINE_S = 10.0


class Events:
    """The messages of one stream, one after the other."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.last_id = ""

    async def next(self) -> tuple[str, Any]:
        """Return name and content of the next message; raises EOFError at the end."""
        event, data = "message", ""
        async with asyncio.timeout(DEADLINE_S):
            while line := (await self._answer.content.readline()).decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "id":
                    self.last_id = value
                elif name == "data":
                    data = value
                elif not name and data:
                    return event, json.loads(data)
        raise EOFError

    async def until(self, kind: str, key: str) -> Any:
        """Return the next change of an object."""
        while True:
            _, message = await self.next()
            if (message.get("kind"), message.get("id")) == (kind, key):
                return message


@contextlib.asynccontextmanager
async def open_events(
    address: str, path: str, *, bearer: str, headers: dict[str, str] | None = None
) -> AsyncIterator[Events]:
    """Open a stream that is not refused."""
    async with aiohttp.ClientSession() as http:
        sent = {"Authorization": f"Bearer {bearer}"} | (headers or {})
        async with http.get(f"http://{address}{path}", headers=sent) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            yield Events(answer)
