"""Where a request with a cookie comes from: pages of other origins are refused.

A browser sends the cookie with every request to this address, whichever page makes it, so a call
counts only when the console's own page made it. ``Sec-Fetch-Site`` is what the browser says of
that; one that does not say it, as for WebSockets, sends ``Origin`` with all but plain reads.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from berth.domain.errors import Forbidden

#: The header of the console's own calls: a form or a link of another page cannot set it.
CONSOLE_HEADER = "X-Berth-Console"

#: Methods that change nothing.
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def check_origin(connection: HTTPConnection) -> None:
    """Raise Forbidden unless the console's own page makes this call."""
    reads = connection.scope.get("method") in READING  # a WebSocket has no method
    if not _is_same_origin(connection, reads=reads):
        raise Forbidden(
            "a page of another origin made this call: sign in there with a bearer token; "
            "a proxy must pass on the headers Host and Origin as the browser sent them",
            code="other_origin",
        )
    is_call = connection.scope["type"] == "http"
    if is_call and not reads and connection.headers.get(CONSOLE_HEADER) != "1":
        raise Forbidden(
            f"a call with a cookie that changes something needs the header {CONSOLE_HEADER}: 1",
            code="console_header_missing",
        )


def _is_same_origin(connection: HTTPConnection, *, reads: bool) -> bool:
    """Ordered rules, the first that fits."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (site == "none" and reads)
    origin = connection.headers.get("origin")
    if origin is not None:
        return _is_own(origin, connection)
    # An old browser sends neither with a plain read; its answer can be seen by its own page only.
    return reads


def _is_own(origin: str, connection: HTTPConnection) -> bool:
    """Whether an origin is this address; behind a proxy the scheme is not known."""
    scheme = connection.scope["scheme"]
    try:
        claimed = urlsplit(origin)
        own = urlsplit(f"{claimed.scheme}://{connection.headers.get('host', '')}")
        ports = [each.port or _PORTS[claimed.scheme] for each in (claimed, own)]
    except (ValueError, KeyError):
        return False
    if scheme in ("https", "wss") and claimed.scheme != "https":
        return False
    return claimed.hostname == own.hostname is not None and ports[0] == ports[1]
