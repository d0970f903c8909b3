"""Proxies in front of the manager whose word about a request's origin is taken."""

import ipaddress
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_proxies(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and networks, such as 10.0.0.0/8. Raises StartupError."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text.strip()))
        except ValueError as error:
            raise StartupError(
                f"--trusted-proxy takes an address or a network such as 10.0.0.0/8: {error}",
                exit_code=Exit.USAGE,
            ) from None
    return tuple(found)


def is_proxy(address: str, proxies: Iterable[Network]) -> bool:
    """Whether a connection comes from one of the proxies."""
    try:
        parsed = ipaddress.ip_address(_plain(address))
    except ValueError:
        return False
    return any(parsed in network for network in proxies)


def _plain(address: str) -> str:
    """Return an IPv4 address as such, though a socket of IPv6 shows it."""
    bare = address.partition("%")[0]
    return bare.removeprefix("::ffff:") if "." in bare else bare


class TrustedProxies:
    """Takes the client of a request from ``X-Forwarded-For`` when a trusted proxy sends it.

    The last address that is no trusted proxy counts; what its client wrote before it does not.
    """

    def __init__(self, app: ASGIApp, *, proxies: tuple[Network, ...]) -> None:
        self._app = app
        self._reader = ProxyHeadersMiddleware(
            self._answer,  # type: ignore[arg-type]
            trusted_hosts=[str(network) for network in proxies],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = scope.get("client")
        if peer is not None:
            scope["client"] = (_plain(peer[0]), peer[1])
        scope["berth.peer"] = peer
        await self._reader(scope, receive, send)  # type: ignore[arg-type]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with the client as it is known now, or the proxy where that is no address."""
        peer, client = scope.pop("berth.peer"), scope.get("client")
        try:
            if client is not None:
                ipaddress.ip_address(client[0])
        except ValueError:
            scope["client"] = peer
        await self._app(scope, receive, send)
