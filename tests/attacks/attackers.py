"""Clients without a credential who want to fill a manager, to stop it, or to keep others out.

A program of its own, so that it slows nobody but the manager down: its arguments are an attack and
the manager's port.
"""

import asyncio
import base64
import contextlib
import functools
import os
import ssl
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from berth.protocol.messages import SESSION_PATH

#: How long clients go on that do something again and again.
SPELL_S = 2.0

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /api/auth HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(b"x" * 16) + b"\r\n"
)
SESSION = UPGRADE % SESSION_PATH.encode() + b"Authorization: Host x:y\r\n"
EXEC = UPGRADE % b"/api/v2/containers/abcdef/exec"

#: Masked frames of a WebSocket: a message of 16 MiB, an empty one, and a ping.
HUGE_MESSAGE = b"\x81\xff" + (16 << 20).to_bytes(8, "big") + bytes(4)
EMPTY_MESSAGE, PING = b"\x81\x80" + bytes(4), b"\x89\x80" + bytes(4)

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
Attack = Callable[[int], Coroutine[Any, Any, None]]


@functools.cache
def trusting_context() -> ssl.SSLContext:
    """Return a context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def visit(
    port: int, act: Act, *, tls: ssl.SSLContext | None, source: str = "127.0.0.1"
) -> None:
    """Connect and do something; to be refused or cut is no surprise."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, local_addr=(source, 0)
        )
        try:
            await act(reader, writer)
        finally:
            writer.transport.abort()


def flood(begin: bytes, rest: bytes, *, clients: int = 10, pause_s: float = 0.0) -> Attack:
    """Return an attack of some clients that send the same for a spell, and read nothing."""

    async def attack(port: int) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + SPELL_S

        async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(begin)
            while not writer.is_closing() and loop.time() < ends:
                writer.write(rest)
                async with asyncio.timeout_at(ends):
                    await writer.drain()
                await asyncio.sleep(pause_s)

        async def pour_again_and_again() -> None:
            while loop.time() < ends:
                with contextlib.suppress(TimeoutError):
                    await visit(port, pour, tls=trusting_context())
                await asyncio.sleep(0.05)

        await asyncio.gather(*(pour_again_and_again() for _ in range(clients)))

    return attack


def crowd(begin: bytes, *, clients: int, over_tls: bool = True, sources: int = 1) -> Attack:
    """Return an attack of clients that send something and wait until they are cut."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * SPELL_S):
                while await reader.read(1 << 16):
                    pass

    async def attack(port: int) -> None:
        tls = trusting_context() if over_tls else None
        names = (f"127.0.{1 + number % sources}.1" for number in range(clients))
        await asyncio.gather(*(visit(port, wait, tls=tls, source=name) for name in names))

    return attack


#: What an attack does; each is held by a bound of ``berth.api.connections``.
ATTACKS: dict[str, Attack] = {
    "silent": crowd(b"", clients=300),
    "silent without TLS": crowd(b"", clients=300, over_tls=False),
    "half a handshake": crowd(b"\x16\x03\x01\x02\x00\x01", clients=300, over_tls=False),
    "silent from many addresses": crowd(b"", clients=700, over_tls=False, sources=10),
    "half a head": crowd(HEAD, clients=200),
    "half a body": crowd(CHUNKED, clients=200),
    "slow head": flood(HEAD, b"a:b\r\n", clients=100, pause_s=0.1),
    "endless URL": flood(b"GET /", b"a" * 65_536),
    "endless headers": flood(HEAD, b"a:b\r\n" * 8_192),
    "endless header": flood(HEAD + b"a: ", b"a" * 65_536),
    "endless trailers": flood(CHUNKED + b"0\r\n", b"a:b\r\n" * 8_192),
    "endless extension of a chunk": flood(CHUNKED + b"1;", b"a" * 65_536),
    "pipeline": flood(b"", (HEAD + b"\r\n") * 2_000),
    "answers that nobody takes": flood(b"", b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"),
    "noise": flood(os.urandom(4096), os.urandom(4096)),
    "noise without TLS": crowd(os.urandom(4096), clients=200, over_tls=False),
    "logins": flood(
        b"", b"POST /api/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", pause_s=0.01
    ),
    "sessions with a wrong credential": crowd(SESSION + b"\r\n", clients=200),
    "sessions with a long head": crowd(SESSION + b"a: " + b"a" * 9_000 + b"\r\n\r\n", clients=200),
    "silent programs": crowd(EXEC + b"\r\n", clients=200),
    "programs with a long head": crowd(EXEC + b"a:b\r\n" * 125 + b"\r\n", clients=200),
    "programs with a huge message": flood(EXEC + b"\r\n", HUGE_MESSAGE + b"a" * 65_536, clients=60),
    "programs with many messages": flood(EXEC + b"\r\n", EMPTY_MESSAGE * 8_192),
    "programs with pings": flood(EXEC + b"\r\n", PING * 8_192),
}


if __name__ == "__main__":
    asyncio.run(ATTACKS[sys.argv[1]](int(sys.argv[2])))
