"""Puts whatever went wrong on the way to an engine into the one error tree."""

import re
from typing import NamedTuple

import aiodocker
import aiohttp

from berth.domain.errors import (
    EngineConflict,
    EngineError,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    NameTaken,
    PortTaken,
    SubnetTaken,
)

#: ``user:password@`` inside an address.
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
#: Where an engine names the port that it could not bind.
_TAKEN = re.compile(r"(?:bind for|listen \w+|host port for) \S+?:(\d+)", re.IGNORECASE)
#: What an engine says is quoted up to this length.
_LONGEST_QUOTE = 1000


class _Rule(NamedTuple):
    """One way to read an engine's refusal."""

    error: type[EngineError]
    #: 0 means any status.
    status: int = 0
    #: Searched in the message regardless of case; "" means any.
    pattern: str = ""


#: First match wins.
_RULES = (
    # The status of a port conflict is 500 on Docker and differs on Podman: only the text shows it.
    _Rule(
        PortTaken,
        pattern="port is already allocated|address already in use|failed to bind host port",
    ),
    _Rule(
        NameTaken,
        pattern=r"container name \S+ is already in use|name \S+ is in use"
        r"|network with name \S+ already exists",
    ),
    _Rule(
        SubnetTaken, pattern="pool overlaps|subnet \\S+ (is )?already (used|in use)|conflicts with"
    ),
    _Rule(EngineConflict, pattern="has active endpoints|network is in use"),
    # Shortages of the host hide behind the same words as bad settings, and pass.
    _Rule(
        EngineError,
        pattern="no space left|temporarily unavailable|too many open files|cannot allocate memory"
        "|deadline exceeded",
    ),
    _Rule(EngineNotFound, 404, "no such (container|image)|no container with|image not known"),
    # Anything else that is missing is named by the settings: a network, a plugin, a device.
    _Rule(EngineRefused, 404),
    _Rule(EngineConflict, 409),
    # Some versions answer 500 to a wrong state.
    _Rule(
        EngineConflict,
        pattern="is not running|is not paused|is already paused|state improper",
    ),
    _Rule(EngineRefused, 400),
    _Rule(EngineRefused, 501),
    # The low-level runtime could not make a process out of the settings.
    _Rule(
        EngineRefused,
        pattern="runtime create failed|failed to create (shim|task)|executable file not found"
        "|no such file or directory|permission denied|not a directory|invalid mount config"
        "|could not select device driver|error gathering device|cannot assign requested address"
        "|does not support reading|conflicting options|unknown runtime",
    ),
)


def redact(text: str, *secrets: str) -> str:
    """Strike passwords out of a text: these, and any inside an address."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _USERINFO.sub("***@", text)


def from_refusal(status: int, said: str, *, what: str, secret: str = "") -> EngineError:
    """Read an engine's answer of 400 or more; ``what`` names the operation and its object."""
    quote = redact(said, secret).strip()[:_LONGEST_QUOTE] or f"status {status} without a reason"
    message = f"cannot {what}: the engine says: {quote}"
    for error, wanted, pattern in _RULES:
        if wanted not in (0, status):
            continue
        if re.search(pattern, said, re.IGNORECASE):
            return error(_port_first(quote) + message if error is PortTaken else message)
    return EngineError(message)


def _port_first(quote: str) -> str:
    """Return which port is taken, in front of what may be cut where it is shown."""
    match = _TAKEN.search(quote)
    return f"host port {match[1]} is in use: " if match else "a host port is in use: "


def from_exception(error: Exception, what: str, *, address: str, deadline_s: float) -> EngineError:
    """Read a failure of the connection or of the answer's form."""
    if isinstance(error, EngineError):
        return error
    place = redact(address)
    detail = redact(_detail(error))
    # Before OSError: a timeout is one, too.
    if isinstance(error, TimeoutError):
        return EngineTimeout(
            f"cannot {what}: the engine at {place} gave no answer within {deadline_s:g} s"
        )
    # A payload error is a connection that broke in the middle of an answer.
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError):
        return EngineUnreachable(
            f"cannot {what}: the engine at {place} does not answer ({detail}); "
            "check that it runs and that this user may use its socket"
        )
    if isinstance(error, aiodocker.DockerError):
        return from_refusal(error.status, error.message, what=what)
    return EngineError(f"cannot {what}: the answer of the engine at {place} is unusable ({detail})")


def _detail(error: Exception) -> str:
    # The library wraps the system's plain word into one about TLS, also for a socket file.
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.strerror:
        return error.os_error.strerror
    return str(error) or type(error).__name__


#: What the client libraries raise; all of it is turned into an ``EngineError``.
LIBRARY_ERRORS = (
    OSError,
    aiohttp.ClientError,
    aiodocker.DockerError,
    ValueError,
)
