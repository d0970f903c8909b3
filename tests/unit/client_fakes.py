"""A manager in a few lines: answers requests of the client in the order that a test says."""

from collections.abc import Callable
from typing import Any

import httpx

from berth.client import AsyncClient, Client, Options

URL = "https://berth.test:8443"

#: What is answered: an answer, an error of the library, or a function of the request.
Said = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class StillClock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def now(self) -> float:
        return self.now_s

    def chance(self) -> float:
        return 1.0

    def new_key(self) -> str:
        return f"key-{len(self.waits)}"

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds

    async def rest(self, seconds: float) -> None:
        self.sleep(seconds)


class FakeManager:
    """Answers what it was told to, and keeps the requests."""

    def __init__(self, *said: Said) -> None:
        self.said = list(said)
        self.requests: list[httpx.Request] = []
        self.clock = StillClock()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, httpx.Response) else said(request)

    def options(self, **more: Any) -> Options:
        return Options(clock=self.clock, transport=httpx.MockTransport(self.answer), **more)

    def client(self, **more: Any) -> Client:
        """Return a client of it that is logged in."""
        return Client(URL, token="ab" * 32, options=self.options(**more))

    def async_client(self, **more: Any) -> AsyncClient:
        """Return a client of the other kind."""
        return AsyncClient(URL, token="ab" * 32, options=self.options(**more))


def pool(pool_id: str = "default") -> httpx.Response:
    """Answer with a pool."""
    return httpx.Response(200, json={"id": pool_id, "name": pool_id})


def refusal(
    status: int, code: str, *, headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    """Answer with the error object."""
    fault = {"message": f"it is {code}", "code": code} | more
    return httpx.Response(status, json={"errors": [fault]}, headers=headers)


def events(*messages: str) -> httpx.Response:
    """Answer with a stream of messages, and end it."""
    text = "".join(f"{message}\n\n" for message in messages)
    return httpx.Response(200, content=text.encode(), headers={"content-type": "text/event-stream"})
