"""Connections to the manager: TLS trust, and one WebSocket as a link for frames."""

import asyncio
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

import aiohttp

from berth.agent.data_directory import Identity
from berth.domain.errors import BerthError
from berth.protocol.messages import MAX_FRAME_BYTES, SESSION_PATH
from berth.runtime.tls import describe_clock_trouble, read_one_certificate

#: Deadline for a connection and the answer to its first request.
CONNECT_S = 3.0


class NoConnection(BerthError):
    """The manager cannot be reached for now."""


class Stranger(NoConnection):
    """Another manager than the one that this host joined answers."""


class Refused(BerthError):
    """The manager does not know this host's credential."""


class Dismissed(Refused):
    """The manager says that this host was deleted."""


class Link(Protocol):
    """Frames both ways; losing the connection raises NoConnection."""

    async def send(self, frame: bytes) -> None:
        """Send one frame; returns when it is on its way."""
        ...

    async def receive(self) -> bytes:
        """Wait for one frame."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...


class Dialer(Protocol):
    """Makes links to the manager."""

    async def __call__(self) -> Link:
        """Connect. Raises NoConnection or Refused."""
        ...


def tls_context(ca: str) -> ssl.SSLContext | bool:
    """Trust the instance's authority alone, or, without one, what the system trusts.

    The name in the certificate is not compared: the authority signs for this instance only.
    Raises ValueError for a text that holds anything but one certificate.
    """
    if not ca:
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=read_one_certificate(ca))
    return context


class WebSocketLink:
    """A link over aiohttp's WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, frame: bytes) -> None:
        try:
            await self._socket.send_bytes(frame)
        except (aiohttp.ClientError, OSError) as exc:
            raise NoConnection(f"the connection to the manager broke: {exc}") from exc

    async def receive(self) -> bytes:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            return bytes(message.data)
        if isinstance(message.data, aiohttp.WebSocketError):
            # For example a frame that is too large.
            raise NoConnection(f"what the manager sent cannot be read: {message.data}")
        if self._socket.close_code in (None, aiohttp.WSCloseCode.ABNORMAL_CLOSURE):
            raise NoConnection("the connection to the manager broke")
        reason = f": {message.extra}" if message.extra else ""
        raise NoConnection(f"the manager ended the session{reason}")

    async def close(self) -> None:
        try:
            async with asyncio.timeout(0.5):
                await self._socket.close()
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass


async def dial(
    http: aiohttp.ClientSession,
    manager_url: str,
    *,
    identity: Identity,
    now: Callable[[], float],
) -> Link:
    """Open this host's session; ``now`` returns Unix seconds. Raises NoConnection or Refused."""
    url = manager_url + SESSION_PATH
    try:
        async with asyncio.timeout(CONNECT_S):
            socket = await http.ws_connect(
                url,
                headers={"Authorization": f"Host {identity.host_id}:{identity.credential}"},
                ssl=tls_context(identity.ca),
                max_msg_size=MAX_FRAME_BYTES,
                autoclose=True,
            )
    except aiohttp.WSServerHandshakeError as exc:
        if exc.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Refused(
                f"the manager at {manager_url} does not know this host ({identity.name}): it was "
                "deleted there, or this is another manager"
            ) from exc
        raise NoConnection(f"the manager at {manager_url} answered {exc.status}") from exc
    except aiohttp.ClientConnectorCertificateError as exc:
        if why := describe_clock_trouble(exc.certificate_error, now()):
            raise NoConnection(
                f"the manager at {manager_url} cannot be trusted now: {why}"
            ) from exc
        raise Stranger(
            f"what answers at {manager_url} is not the manager that this host joined: its "
            f"certificate is of another authority ({exc.certificate_error})"
        ) from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        # The library's own sentence shows its TLS objects.
        plain = exc.os_error.strerror if isinstance(exc, aiohttp.ClientConnectorError) else ""
        reason = plain or str(exc) or f"no answer within {CONNECT_S:.0f} s"
        raise NoConnection(f"the manager at {manager_url} cannot be reached: {reason}") from exc
    return WebSocketLink(socket)
