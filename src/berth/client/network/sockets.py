"""What both kinds of programs have in common when they speak over a WebSocket."""

import contextlib
import ssl
from collections.abc import Iterator
from typing import Any

import msgspec
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from berth.client.errors import (
    AnswerLostError,
    ClientError,
    Fault,
    StrangeAnswerError,
    UnreachableError,
    UntrustedError,
)
from berth.client.network.transport import CONNECT_S, Site
from berth.client.options import Options
from berth.client.programs import Finished, Opening, Printed
from berth.client.requests.answers import Reply, decode, error_of, plain, refusal_of
from berth.client.requests.calls import Call
from berth.client.requests.flows import exchange_of

PATH = "/api/v2/containers/{container_id}/exec"

#: Largest frame that output comes in, in bytes.
MAX_FRAME = 4 * 1024 * 1024

#: First byte of a frame of bytes: what it is.
STDIN, STREAMS = 0, {1: "stdout", 2: "stderr"}

#: What the library of WebSockets raises.
SOCKET_ERRORS = (WebSocketException, OSError, EOFError)


class Ended(msgspec.Struct, frozen=True):
    """The last message of a program."""

    exit_code: int | None


class _Said(msgspec.Struct, frozen=True):
    """A text of the manager: how the program ended, or what is wrong."""

    exit_code: int | None = None
    errors: list[Fault] = []


def read_message(message: str | bytes) -> Printed | Ended:
    """Read a message of the manager. Raises what it says is wrong."""
    if isinstance(message, bytes):
        stream = STREAMS.get(message[0] if message else -1)
        if stream is None:
            raise StrangeAnswerError("a frame of a program's output is of no known kind")
        return Printed(stream, message[1:])
    said = decode(message, _Said)
    if said.errors:
        raise refusal_of(Reply(409, {}, b""), said.errors)
    return Ended(said.exit_code)


def input_frame(data: bytes) -> bytes:
    """Return the frame of input."""
    return bytes([STDIN]) + data


def text_frame(**members: Any) -> str:
    """Return the frame that says something else."""
    return msgspec.json.encode(members).decode()


class ProgramOutput:
    """Everything that a program wrote."""

    def __init__(self) -> None:
        self._streams = {name: bytearray() for name in STREAMS.values()}

    def take(self, printed: Printed) -> None:
        """Add what it wrote next."""
        self._streams[printed.stream] += printed.data

    def finish(self, exit_code: int | None) -> Finished:
        """Return all of it."""
        stdout, stderr = (bytes(each) for each in self._streams.values())
        return Finished(exit_code=exit_code, stdout=stdout, stderr=stderr)


class Connecting:
    """A program that is to be connected to."""

    def __init__(self, site: Site, options: Options, *, opening: Opening) -> None:
        self._site = site
        self._opening = opening
        where = {"container_id": opening.container_id}
        call = Call(method="GET", path=PATH, answer=bytes, where=where)
        self._exchange = exchange_of(call, options.context)
        self.exit_code: int | None = None

    def uri(self) -> str:
        """Return the address of the socket."""
        return "ws" + self._site.url.removeprefix("http") + self._exchange.target

    def connecting(self) -> dict[str, Any]:
        """Return how to connect, in the words of the library."""
        headers = self._site.headers_of(self._exchange)
        return {
            "ssl": self._site.tls(),
            "subprotocols": [Subprotocol("berth.exec")],
            "additional_headers": {"Authorization": headers.get("Authorization", "")},
            "user_agent_header": headers["User-Agent"],
            "open_timeout": CONNECT_S + self._exchange.silence_s,
            "max_size": MAX_FRAME,
            "compression": None,
        }

    def first_frame(self) -> str:
        """Return the frame that says what to run."""
        members = msgspec.structs.asdict(self._opening)
        del members["container_id"]
        return text_frame(**members)

    @contextlib.contextmanager
    def translated(self, *, opened: bool) -> Iterator[None]:
        """Raise errors of ours in place of those of the library."""
        try:
            yield
        except SOCKET_ERRORS as error:
            raise self._translate(error, opened=opened) from error

    def _translate(self, error: Exception, *, opened: bool) -> ClientError:
        url = self._site.url
        if isinstance(error, InvalidStatus):
            response = error.response
            headers = {name.lower(): value for name, value in response.headers.raw_items()}
            return error_of(Reply(response.status_code, headers, bytes(response.body)))
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = error.verify_message
            return UntrustedError(f"the certificate of {url} is not the instance's: {reason}")
        reason = plain(str(error)) or type(error).__name__
        if opened:
            return AnswerLostError(f"the connection to the program broke: {reason}")
        if isinstance(error, OSError):
            return UnreachableError(f"{url} cannot be reached: {reason}")
        return StrangeAnswerError(f"{url} opens no WebSocket: {reason}")
