"""HTTP to an engine: requests under a deadline, the paths of containers, answers that are read."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

import aiodocker
import aiohttp
import msgspec
from yarl import URL

from berth.agent.engine.docker.errors import LIBRARY_ERRORS, from_exception, from_refusal, redact
from berth.domain.errors import EngineError, EngineNotFound, EngineUnreachable
from berth.domain.ids import ContainerId

#: Deadline of calls that only read.
READ_S = 30.0
#: Deadline of calls that change something.
CHANGE_S = 60.0
#: Oldest and newest version of the Docker Engine API that this driver speaks.
OLDEST_API = (1, 41)
NEWEST_API = (1, 51)
#: Long streams (events, logs, pulls) hold a connection each, hence more than a busy agent uses.
_CONNECTIONS = 512

_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10.0)
_JSON = {"Content-Type": "application/json"}

_T = TypeVar("_T")
#: Ids and names of containers; anything else could lead to another address of the engine.
_CONTAINER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class _Refusal(msgspec.Struct):
    message: str = ""


class _Component(msgspec.Struct):
    name: str = msgspec.field(name="Name", default="")


class _Version(msgspec.Struct):
    api_version: str = msgspec.field(name="ApiVersion", default="")
    min_version: str = msgspec.field(name="MinAPIVersion", default="")
    components: list[_Component] | None = msgspec.field(name="Components", default=None)


class EngineAnswer(NamedTuple):
    """A whole answer that was not refused."""

    status: int
    body: bytes
    #: The engine's clock, as the header ``Date`` has it.
    date: str = ""


class EngineRequest(NamedTuple):
    """One request to the engine."""

    method: str
    #: Below the version, without a slash at the start; already quoted.
    path: str
    #: Completes the sentence "cannot ..." in errors.
    what: str
    #: None means the connection's own, for reads or for changes.
    deadline_s: float | None = None
    query: Mapping[str, str] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    #: Statuses of 400 and more that the caller reads itself.
    accept: tuple[int, ...] = ()
    #: A password that no error may show, should the engine quote it.
    secret: str = ""


class EngineHttp:
    """A pool of keep-alive connections to one engine, with a negotiated API version."""

    def __init__(self, address: str, *, read_s: float = READ_S, change_s: float = CHANGE_S) -> None:
        """Take ``unix:///path``, a bare path, ``tcp://``, ``http(s)://`` or ``ssh://``."""
        self.read_s = read_s
        self.change_s = change_s
        self.address = address if "://" in address else f"unix://{address}"
        #: What answers there, known once a version is negotiated.
        self.product = "Docker"
        self._docker: aiodocker.Docker | None = None
        self._connector: aiohttp.BaseConnector | None = None
        self._version: tuple[int, int] | None = None
        self._negotiating = asyncio.Lock()
        self._closed = False

    async def negotiate(self, *, again: bool = False) -> tuple[int, int]:
        """Agree on an API version; asks the engine once, or and once more with ``again``."""
        if self._version is not None and not again:
            return self._version
        async with self._negotiating:
            if self._version is None or again:
                call = EngineRequest("GET", "version", "ask the engine for its version")
                answer = await self.send_unversioned(call)
                self._version = self._choose_version(answer.body)
                self._open().api_version = "v{}.{}".format(*self._version)
            return self._version

    async def send_unversioned(self, call: EngineRequest) -> EngineAnswer:
        """Make one request for which no version needs to be agreed on. Raises EngineError."""
        return await self._exchange(call, f"{self._open().docker_host}/")

    async def send(self, call: EngineRequest) -> EngineAnswer:
        """Make one request and read its whole answer. Raises EngineError."""
        return await self._exchange(call, await self._base())

    @asynccontextmanager
    async def stream(self, call: EngineRequest) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make one request and hand over its answer to be read piece by piece.

        The deadline holds up to the answer's headers. Raises EngineError.
        """
        base = await self._base()
        try:
            async with asyncio.timeout(self._deadline_s(call)):
                response = await self._request(call, base)
                if response.status >= 400:
                    self._refuse(call, EngineAnswer(response.status, await response.read()))
        except LIBRARY_ERRORS as error:
            raise self.explain(error, call) from error
        try:
            yield response
        finally:
            # Not released for reuse: what the engine still has to say is of no interest.
            response.close()

    async def lines(
        self, response: aiohttp.ClientResponse, call: EngineRequest
    ) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a streamed answer as they come, of any length, without their ends."""
        rest = b""
        try:
            async for piece in response.content.iter_any():
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    if line.strip():
                        yield line
        except LIBRARY_ERRORS as error:
            raise self.explain(error, call) from error
        if rest.strip():
            yield rest

    def parse(self, call: EngineRequest, read: Callable[[], _T]) -> _T:
        """Read an answer to a call. Raises EngineError for one that is unusable."""
        try:
            return read()
        except LIBRARY_ERRORS as error:
            raise self.explain(error, call) from error

    def explain(self, error: Exception, call: EngineRequest) -> EngineError:
        """Turn a library's exception into the error to raise from it."""
        deadline_s = self._deadline_s(call)
        return from_exception(error, call.what, address=self.address, deadline_s=deadline_s)

    async def close(self) -> None:
        """Close all connections; safe to repeat, and final."""
        self._closed = True
        docker, self._docker = self._docker, None
        if docker is not None:
            await docker.close()
        if self._connector is not None:
            await self._connector.close()

    def _deadline_s(self, call: EngineRequest) -> float:
        if call.deadline_s is not None:
            return call.deadline_s
        return self.read_s if call.method == "GET" else self.change_s

    async def _base(self) -> str:
        version = self._version or await self.negotiate()
        return "{}/v{}.{}/".format(self._open().docker_host, *version)

    async def _exchange(self, call: EngineRequest, base: str) -> EngineAnswer:
        try:
            async with (
                asyncio.timeout(self._deadline_s(call)),
                await self._request(call, base) as response,
            ):
                body = await response.read()
                status, date = response.status, response.headers.get("Date", "")
        except LIBRARY_ERRORS as error:
            raise self.explain(error, call) from error
        answer = EngineAnswer(status, body, date)
        if status >= 400 and status not in call.accept:
            self._refuse(call, answer)
        return answer

    async def _request(self, call: EngineRequest, base: str) -> aiohttp.ClientResponse:
        headers = _JSON if call.headers is None else {**_JSON, **call.headers}
        return await self._open().session.request(
            call.method,
            URL(base + call.path, encoded=True),
            params=call.query,
            data=call.body,
            headers=headers,
            timeout=_NO_TIMEOUT,
        )

    def _refuse(self, call: EngineRequest, answer: EngineAnswer) -> None:
        try:
            said = msgspec.json.decode(answer.body, type=_Refusal).message
        except msgspec.DecodeError:
            said = answer.body.decode("utf-8", "replace")
        if answer.status == 400 and "client version" in said:
            # The engine was exchanged for one of another version: ask again at the next call.
            self._version = None
        raise from_refusal(answer.status, said, what=call.what, secret=call.secret)

    def library(self) -> aiodocker.Docker:
        """Return the library's client, for connections that it takes over itself."""
        return self._open()

    def _open(self) -> aiodocker.Docker:
        if self._closed:
            raise EngineUnreachable("the connection to the engine is closed: this program ends")
        if self._docker is None:
            prefix = "unix://"
            place = self.address
            try:
                if place.startswith(prefix):
                    path = place.removeprefix(prefix)
                    self._connector = aiohttp.UnixConnector(path, limit=_CONNECTIONS)
                    # The connector knows the path; what is left is a host for the requests.
                    place = f"{prefix}localhost"
                self._docker = aiodocker.Docker(place, connector=self._connector)
            except (*LIBRARY_ERRORS, ImportError) as error:
                raise EngineUnreachable(
                    f"the engine's address {redact(self.address)} cannot be used: {error}"
                ) from error
        return self._docker

    def _choose_version(self, body: bytes) -> tuple[int, int]:
        try:
            version = msgspec.json.decode(body, type=_Version)
            newest = parse_version(version.api_version)
            oldest = parse_version(version.min_version or version.api_version)
        except ValueError as error:
            raise EngineError(
                f"what answers at {redact(self.address)} is no container engine: "
                "it does not say which API version it has"
            ) from error
        if newest < OLDEST_API:
            raise EngineError(
                f"the engine at {redact(self.address)} speaks API {version.api_version}; "
                f"Berth needs {_dotted(OLDEST_API)} (Docker 20.10) or newer: upgrade the engine"
            )
        chosen = min(newest, NEWEST_API)
        if version.min_version and oldest > chosen:
            raise EngineError(
                f"the engine at {redact(self.address)} wants API {version.min_version} or newer; "
                f"this agent speaks up to {_dotted(NEWEST_API)}: upgrade the agent"
            )
        names = " ".join(part.name for part in version.components or [])
        self.product = "Podman" if "podman" in names.lower() else "Docker"
        return chosen


def parse_version(text: str) -> tuple[int, int]:
    """Read ``1.41`` or ``v1.41``; raises ValueError."""
    major, _, minor = text.removeprefix("v").partition(".")
    return int(major), int(minor)


def _dotted(version: tuple[int, int]) -> str:
    return "{}.{}".format(*version)


def container_path(container_id: ContainerId) -> str:
    """Return the path of a container. Raises EngineNotFound for what cannot be an id or a name."""
    if not _CONTAINER.fullmatch(container_id):
        raise EngineNotFound(f"'{container_id}' is not the id of a container")
    return f"containers/{container_id}"


def container_title(container_id: ContainerId) -> str:
    """Return what errors call a container."""
    return f"container {container_id[:12]}"
