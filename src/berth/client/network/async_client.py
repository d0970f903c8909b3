"""The client whose verbs are awaited."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from berth.client.api import Api
from berth.client.errors import ClientError
from berth.client.network.http import httpx
from berth.client.network.transport import (
    HTTP_ERRORS,
    Site,
    add,
    note,
    reply_of,
    timeout_of,
    translate,
)
from berth.client.network.trust import check_fingerprint
from berth.client.options import Options
from berth.client.programs import Opening
from berth.client.requests.answers import Reply, error_of
from berth.client.requests.flows import Ask, Context, Emit, Exchange, Flow, Open, Pause, Read, Step
from berth.client.verbs import Awaiting

T = TypeVar("T")


class AsyncClient(Api[Awaiting]):
    """A client whose verbs are awaited; ``Api`` says what it offers.

    ``async with AsyncClient("https://manager:8443", token="...", authority=pem) as berth: ...``
    """

    driver: "AwaitingDriver"

    def __init__(
        self, url: str, *, token: str = "", authority: str = "", options: Options | None = None
    ) -> None:
        """Name the manager; nothing is sent yet. Raises UsageError and UntrustedError.

        ``authority`` is the instance's certificate authority as PEM; without one the system
        decides whom to trust.
        """
        site = Site.read(url, token=token, authority=authority)
        super().__init__(AwaitingDriver(site, options or Options()))

    @classmethod
    async def pinned(
        cls, url: str, *, fingerprint: str, token: str = "", options: Options | None = None
    ) -> Self:
        """Ask for the instance's authority, and trust it alone if it has this fingerprint.

        Raises UntrustedError when it has another.
        """
        async with cls(url, options=options) as asking:
            asking.driver.trust_everybody()
            authority = (await asking.hosts.authority()).ca
        check_fingerprint(authority, fingerprint)
        return cls(url, token=token, authority=authority, options=options)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self.driver.close()


class AwaitingDriver:
    """Carries flows out in tasks of asyncio."""

    def __init__(self, site: Site, options: Options) -> None:
        self.site = site
        self.options = options
        self._http: httpx.AsyncClient | None = None

    @property
    def context(self) -> Context:
        """What flows need to know."""
        return self.options.context

    def trust_everybody(self) -> None:
        """Trust whoever answers: for asking who is there."""
        self.site = msgspec.structs.replace(self.site, token="", blind=True)

    def log_in(self, token: str) -> None:
        """Send another token from now on."""
        self.site = msgspec.structs.replace(self.site, token=token)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def run(self, flow: Flow[T]) -> Coroutine[Any, Any, T]:
        """Return the result of a flow, once awaited."""
        return self._run(flow)

    def iterate(self, flow: Flow[None]) -> AsyncGenerator[Any, None]:
        """Return what a flow emits."""
        return self._carry(flow, [])

    def open_program(self, opening: Opening) -> Any:
        """Return a program that is not started yet."""
        from berth.client.network.async_program import AwaitedProgram  # slow to load

        return AwaitedProgram(self.site, self.options, opening=opening)

    async def _run(self, flow: Flow[T]) -> T:
        results: list[T] = []
        async with contextlib.aclosing(self._carry(flow, results)) as carried:
            async for _ in carried:
                pass
        return results[0]

    async def _carry(self, flow: Flow[T], results: list[T]) -> AsyncGenerator[Any, None]:
        stream = _Stream()
        try:
            step = next(flow)
            while True:
                if isinstance(step, Emit):
                    yield step.item
                try:
                    outcome = await self._perform(step, stream)
                except ClientError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            results.append(end.value)
        finally:
            await stream.close()
            flow.close()

    async def _perform(self, step: Step, stream: "_Stream") -> Any:
        if isinstance(step, Ask):
            return await self._ask(step.exchange)
        if isinstance(step, Open):
            return await self._open(step.exchange, stream)
        if isinstance(step, Read):
            return await stream.read(self.site.url)
        if isinstance(step, Pause):
            await self.options.clock.rest(step.seconds)
        return None

    async def _ask(self, exchange: Exchange) -> Reply:
        started, reply = self.options.clock.monotonic(), None
        try:
            async with contextlib.aclosing(await self._send(exchange)) as response:
                content = bytearray()
                async for piece in response.aiter_bytes():
                    add(content, piece)
                reply = reply_of(response, bytes(content))
                return reply
        except HTTP_ERRORS as error:
            raise translate(error, self.site.url) from error
        finally:
            note(self.options, exchange, started=started, reply=reply)

    async def _open(self, exchange: Exchange, stream: "_Stream") -> Reply:
        await stream.close()
        started, reply = self.options.clock.monotonic(), None
        try:
            response = await self._send(exchange)
            reply = reply_of(response, b"")
            if response.status_code == 200:
                stream.take(response)
                return reply
            async with contextlib.aclosing(response):
                raise error_of(reply_of(response, await response.aread()))
        except HTTP_ERRORS as error:
            raise translate(error, self.site.url) from error
        finally:
            note(self.options, exchange, started=started, reply=reply)

    async def _send(self, exchange: Exchange) -> httpx.Response:
        if self._http is None:
            tls = self.site.tls()
            self._http = httpx.AsyncClient(verify=tls or False, transport=self.options.transport)
        request = self._http.build_request(
            exchange.method,
            self.site.url + exchange.target,
            headers=self.site.headers_of(exchange),
            content=exchange.content,
            timeout=timeout_of(exchange),
        )
        return await self._http.send(request, stream=True)


class _Stream:
    """The answer that a flow reads bit by bit, if it has one."""

    def __init__(self) -> None:
        self._response: httpx.Response | None = None
        self._pieces: AsyncIterator[bytes] | None = None

    def take(self, response: httpx.Response) -> None:
        """Read this one from now on."""
        self._response, self._pieces = response, response.aiter_bytes()

    async def read(self, url: str) -> bytes:
        """Return the next bytes; none at the end."""
        if self._pieces is None:
            return b""
        try:
            return await anext(self._pieces, b"")
        except HTTP_ERRORS as error:
            raise translate(error, url) from error

    async def close(self) -> None:
        """Let go of the answer."""
        if self._response is not None:
            await self._response.aclose()
            self._response = None
