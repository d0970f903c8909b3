"""One check of a container over the network or inside it; each ends within its timeout."""

import asyncio
import ssl
from collections.abc import Callable
from functools import cache
from typing import cast

from berth.agent.engine.protocol import Engine
from berth.domain.errors import EngineError, EngineTimeout, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.domain.spec import Probe

#: An HTTP status line that is longer is none.
_LONGEST_LINE = 4096

#: At most this many characters of a script's output are shown with its failure.
_OUTPUT_SHOWN = 200


async def check_network(probe: Probe, target: tuple[str, int]) -> str:
    """Check over HTTP or TCP; return the failure, "" for a success."""
    host, port = target
    place = f"{probe.kind}://{_bracketed(host)}:{port}{probe.path if probe.kind != 'tcp' else ''}"
    try:
        async with asyncio.timeout(probe.timeout_s):
            if probe.kind == "tcp":
                await _open(asyncio.Protocol, target)
                return ""
            status = await _ask_status(probe, target)
    except TimeoutError:
        return f"{place} gave no answer within {probe.timeout_s:g} s"
    except ssl.SSLError as failure:
        return f"{place} does not speak TLS: {failure.reason or 'unknown reason'}"
    except OSError as failure:
        return f"{place} does not answer: {failure.strerror or failure or 'unknown reason'}"
    if status is None:
        return f"{place} answered something that is no HTTP"
    return "" if 200 <= status < 400 else f"{place} answered {status}"


async def check_script(probe: Probe, engine: Engine, *, container_id: ContainerId) -> str | None:
    """Run the probe's script inside the container; none when the engine does not answer."""
    try:
        result = await engine.execute(container_id, (probe.path,), deadline_s=probe.timeout_s)
    except (EngineUnreachable, EngineTimeout):
        return None
    except EngineError as failure:
        return f"script {probe.path} could not be run: {failure}"
    if result.exit_code is None:
        return f"script {probe.path} did not end within {probe.timeout_s:g} s"
    if result.exit_code == 0:
        return ""
    output = " ".join(result.output.split())[-_OUTPUT_SHOWN:]
    end = f"script {probe.path} ended with exit code {result.exit_code}"
    return f"{end}: {output}" if output else end


async def _open(
    protocol: Callable[[], asyncio.Protocol],
    target: tuple[str, int],
) -> None:
    """Connect and close again."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(protocol, *target)
    transport.close()


async def _ask_status(probe: Probe, target: tuple[str, int]) -> int | None:
    loop = asyncio.get_running_loop()
    asking = _StatusLine(_render_request(probe, target), loop.create_future())
    tls = _any_certificate() if probe.kind == "https" else None
    transport, _ = await loop.create_connection(lambda: asking, *target, ssl=tls)
    try:
        return _read_status(await asking.line)
    finally:
        transport.abort()


class _StatusLine(asyncio.Protocol):
    """Sends a request and waits for the first line of the answer; the rest does not matter."""

    def __init__(self, request: bytes, line: asyncio.Future[bytes]) -> None:
        self.line = line
        self._request = request
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Transports of uvloop, on which agents run, are not of asyncio's classes.
        cast(asyncio.WriteTransport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if b"\n" in self._heard or len(self._heard) > _LONGEST_LINE:
            self._answer(self._heard)

    def connection_lost(self, exc: Exception | None) -> None:
        self._answer(self._heard)

    def _answer(self, line: bytes) -> None:
        if not self.line.done():
            self.line.set_result(line)


def _render_request(probe: Probe, target: tuple[str, int]) -> bytes:
    host = f"{_bracketed(probe.host or target[0])}:{probe.port or target[1]}"
    lines = [
        f"GET {probe.path or '/'} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: berth",
        "Accept: */*",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii", "replace")


def _read_status(line: bytes) -> int | None:
    """Read ``HTTP/1.1 200 OK``."""
    words = line.split(b"\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    return int(words[1])


@cache
def _any_certificate() -> ssl.SSLContext:
    """Accept whatever certificate the container has: the check is about its answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
