"""Logs in at a registry, to find out whether it takes a user name and a password.

Certificates are verified against the authorities of the machine, and those that stand in
``/etc/docker/certs.d/<host>/*.crt``, where Docker reads them too. A registry on a loopback or
private address that does not speak TLS is asked over plain HTTP; any other never is.
"""

import asyncio
import base64
import contextlib
import ipaddress
import re
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from berth.domain.images import DOCKER_HUB, HUB_ALIASES
from berth.runtime.http_client import HttpAnswer, HttpClient, NotReached

#: Deadline of the whole login.
LOGIN_S = 15.0
#: Where further authorities stand, by the registry's host and port.
CERTIFICATES = Path("/etc/docker/certs.d")
#: The host that answers for Docker Hub.
HUB_HOST = "registry-1.docker.io"

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_TOKEN = re.compile(r"[!-~]{1,65536}")


class LoginOutcome(msgspec.Struct, frozen=True):
    """How a login went; the message is for people and holds no password."""

    valid: bool
    message: str


class LoginRefused(Exception):
    """The login cannot succeed; the text says why."""


class _Token(msgspec.Struct):
    token: str = ""
    access_token: str = ""


async def log_in(
    url: str,
    *,
    username: str,
    password: str,
    certificates: Path = CERTIFICATES,
    deadline_s: float = LOGIN_S,
) -> LoginOutcome:
    """Ask the registry at ``url`` (no scheme) as https://distribution.github.io/distribution says.

    Without a user name it is only asked whether it lets everybody in.
    """
    host = url.partition("/")[0]
    if host == DOCKER_HUB or host in HUB_ALIASES:
        host = HUB_HOST
    try:
        async with asyncio.timeout(deadline_s):
            return await _log_in(host, username, password=password, certificates=certificates)
    except TimeoutError:
        return LoginOutcome(False, f"registry {host} did not answer within {deadline_s:.0f} s")
    except LoginRefused as refused:
        return LoginOutcome(False, str(refused))


async def _log_in(host: str, username: str, *, password: str, certificates: Path) -> LoginOutcome:
    context = await asyncio.to_thread(_trust, certificates / host)
    private = await _is_private(host)
    login = _basic(username, password) if username else ""
    async with HttpClient(context, direct=private) as asker:
        scheme, answer = await _reach(asker, host, private=private)
        if answer.status == 401:
            kind, _, rest = answer.challenge.partition(" ")
            if kind.lower() == "bearer":
                challenge = dict(_PARAMETER.findall(rest))
                token = await _get_token(asker, challenge, login=login, plain=scheme == "http")
                answer = await asker.get(f"{scheme}://{host}/v2/", authorization=f"Bearer {token}")
            elif login:
                answer = await asker.get(f"{scheme}://{host}/v2/", authorization=login)
    return _judge(host, answer, with_login=bool(login))


def _judge(host: str, answer: HttpAnswer, *, with_login: bool) -> LoginOutcome:
    if answer.status == 200:
        return LoginOutcome(True, "Validated successfully.")
    if answer.status in (401, 403) and not with_login:
        return LoginOutcome(False, f"registry {host} wants a user name and a password")
    if answer.status in (401, 403):
        return LoginOutcome(False, f"registry {host} refuses this user name or password")
    return LoginOutcome(
        False, f"{host} is no registry that can be used: it answers {answer.status} to /v2/"
    )


async def _reach(asker: HttpClient, host: str, *, private: bool) -> tuple[str, HttpAnswer]:
    """Ask over TLS, and over plain HTTP where TLS is not spoken and the address is private."""
    try:
        return "https", await asker.get(f"https://{host}/v2/")
    except NotReached as failure:
        if failure.distrusted or not private:
            raise LoginRefused(f"registry {host} cannot be reached: {failure}") from None
    try:
        return "http", await asker.get(f"http://{host}/v2/")
    except NotReached as failure:
        raise LoginRefused(f"registry {host} cannot be reached: {failure}") from None


async def _get_token(
    asker: HttpClient, challenge: dict[str, str], *, login: str, plain: bool
) -> str:
    """Get a token from the service that the registry names."""
    realm = challenge.get("realm", "")
    scheme, host = urlsplit(realm).scheme, urlsplit(realm).hostname or ""
    if not host or scheme not in (("https", "http") if plain else ("https",)):
        raise LoginRefused("the registry names no token service that may get a password")
    query = {"service": challenge.get("service", ""), "client_id": "berth"}
    try:
        answer = await asker.get(realm, authorization=login, query=query)
    except NotReached as failure:
        raise LoginRefused(f"the token service {host} cannot be reached: {failure}") from None
    if answer.status in (401, 403):
        why = "this user name or password" if login else "callers without a user name"
        raise LoginRefused(f"the token service {host} refuses {why}")
    try:
        token = msgspec.json.decode(answer.body, type=_Token)
    except msgspec.DecodeError:
        token = _Token()
    found = token.token or token.access_token
    if answer.status != 200 or not _TOKEN.fullmatch(found):
        raise LoginRefused(
            f"the token service {host} returned no token: it answers {answer.status}"
        )
    return found


def _trust(directory: Path) -> ssl.SSLContext:
    """Trust the machine's authorities, and those that stand in a directory."""
    context = ssl.create_default_context()
    for file in sorted(directory.glob("*.crt")):
        with contextlib.suppress(OSError, ssl.SSLError):  # the handshake shows what is missing
            context.load_verify_locations(cafile=file)
    return context


async def _is_private(host: str) -> bool:
    """Return whether a name or address means loopback or private addresses alone."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    except (OSError, ValueError):
        return False
    return bool(addresses) and all(each.is_private or each.is_loopback for each in addresses)


def _basic(username: str, password: str) -> str:
    pair = f"{username}:{password}".encode("utf-8", "replace")
    return f"Basic {base64.b64encode(pair).decode('ascii')}"
