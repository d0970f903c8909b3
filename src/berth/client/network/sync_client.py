"""The client whose verbs wait."""

import contextlib
from collections.abc import Generator, Iterator
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
from berth.client.verbs import Blocking

T = TypeVar("T")


class Client(Api[Blocking]):
    """A client whose verbs wait for their answers; ``Api`` says what it offers.

    ``with Client("https://manager:8443", token="...", authority=pem) as berth: ...``
    """

    driver: "BlockingDriver"

    def __init__(
        self, url: str, *, token: str = "", authority: str = "", options: Options | None = None
    ) -> None:
        """Name the manager; nothing is sent yet. Raises UsageError and UntrustedError.

        ``authority`` is the instance's certificate authority as PEM; without one the system
        decides whom to trust.
        """
        site = Site.read(url, token=token, authority=authority)
        super().__init__(BlockingDriver(site, options or Options()))

    @classmethod
    def pinned(
        cls, url: str, *, fingerprint: str, token: str = "", options: Options | None = None
    ) -> Self:
        """Ask for the instance's authority, and trust it alone if it has this fingerprint.

        Raises UntrustedError when it has another.
        """
        with cls(url, options=options) as asking:
            asking.driver.trust_everybody()
            authority = asking.hosts.authority().ca
        check_fingerprint(authority, fingerprint)
        return cls(url, token=token, authority=authority, options=options)

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.driver.close()


class BlockingDriver:
    """Carries flows out, one after the other."""

    def __init__(self, site: Site, options: Options) -> None:
        self.site = site
        self.options = options
        self._http: httpx.Client | None = None

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

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def run(self, flow: Flow[T]) -> T:
        """Return the result of a flow."""
        carried = self._carry(flow)
        try:
            while True:
                next(carried)
        except StopIteration as end:
            result: T = end.value
            return result

    def iterate(self, flow: Flow[None]) -> Generator[Any, None, None]:
        """Return what a flow emits."""
        return self._carry(flow)

    def open_program(self, opening: Opening) -> Any:
        """Return a program that is not started yet."""
        from berth.client.network.sync_program import BlockingProgram  # slow to load

        return BlockingProgram(self.site, self.options, opening=opening)

    def _carry(self, flow: Flow[T]) -> Generator[Any, None, T]:
        stream = _Stream()
        try:
            step = next(flow)
            while True:
                if isinstance(step, Emit):
                    yield step.item
                try:
                    outcome = self._perform(step, stream)
                except ClientError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            stream.close()
            flow.close()

    def _perform(self, step: Step, stream: "_Stream") -> Any:
        if isinstance(step, Ask):
            return self._ask(step.exchange)
        if isinstance(step, Open):
            return self._open(step.exchange, stream)
        if isinstance(step, Read):
            return stream.read(self.site.url)
        if isinstance(step, Pause):
            self.options.clock.sleep(step.seconds)
        return None

    def _ask(self, exchange: Exchange) -> Reply:
        started, reply = self.options.clock.monotonic(), None
        try:
            with contextlib.closing(self._send(exchange)) as response:
                content = bytearray()
                for piece in response.iter_bytes():
                    add(content, piece)
                reply = reply_of(response, bytes(content))
                return reply
        except HTTP_ERRORS as error:
            raise translate(error, self.site.url) from error
        finally:
            note(self.options, exchange, started=started, reply=reply)

    def _open(self, exchange: Exchange, stream: "_Stream") -> Reply:
        stream.close()
        started, reply = self.options.clock.monotonic(), None
        try:
            response = self._send(exchange)
            reply = reply_of(response, b"")
            if response.status_code == 200:
                stream.take(response)
                return reply
            with contextlib.closing(response):
                raise error_of(reply_of(response, response.read()))
        except HTTP_ERRORS as error:
            raise translate(error, self.site.url) from error
        finally:
            note(self.options, exchange, started=started, reply=reply)

    def _send(self, exchange: Exchange) -> httpx.Response:
        if self._http is None:
            tls = self.site.tls()
            self._http = httpx.Client(verify=tls or False, transport=self.options.transport)
        request = self._http.build_request(
            exchange.method,
            self.site.url + exchange.target,
            headers=self.site.headers_of(exchange),
            content=exchange.content,
            timeout=timeout_of(exchange),
        )
        return self._http.send(request, stream=True)


class _Stream:
    """The answer that a flow reads bit by bit, if it has one."""

    def __init__(self) -> None:
        self._response: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())

    def take(self, response: httpx.Response) -> None:
        """Read this one from now on."""
        self._response, self._pieces = response, response.iter_bytes()

    def read(self, url: str) -> bytes:
        """Return the next bytes; none at the end."""
        try:
            return next(self._pieces, b"")
        except HTTP_ERRORS as error:
            raise translate(error, url) from error

    def close(self) -> None:
        """Let go of the answer."""
        if self._response is not None:
            self._response.close()
            self._response = None
