"""What both kinds of client have in common when they speak HTTP."""

import ssl
from urllib.parse import urlsplit

import msgspec

from berth.client.errors import (
    AnswerLostError,
    ClientError,
    StrangeAnswerError,
    UnreachableError,
    UntrustedError,
    UsageError,
)
from berth.client.network.http import httpx
from berth.client.network.trust import blind_context, context_of
from berth.client.options import Answered, Options
from berth.client.requests.answers import Reply, plain
from berth.client.requests.flows import Exchange

#: An answer larger than this is none of ours; a backup has 128 MiB at most.
MAX_ANSWER = 256 * 1024 * 1024

#: Deadline of a connection, in seconds.
CONNECT_S = 5.0

#: What the HTTP library raises.
HTTP_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where a manager is, as whom to speak to it, and whom to trust there."""

    url: str
    token: str = ""
    #: Certificate of the instance's authority as PEM; "" trusts what the system trusts.
    authority: str = ""
    #: Trusts everybody: for asking who is there.
    blind: bool = False

    @classmethod
    def read(cls, url: str, *, token: str, authority: str) -> "Site":
        """Check what a caller said. Raises UsageError."""
        return cls(url=read_url(url), token=check_token(token), authority=authority)

    def tls(self) -> ssl.SSLContext | None:
        """Return whom to trust; none without TLS. Raises UntrustedError."""
        if not self.url.startswith("https:"):
            return None
        if self.blind:
            return blind_context()
        return context_of(self.authority) if self.authority else ssl.create_default_context()

    def headers_of(self, exchange: Exchange) -> dict[str, str]:
        """Return the headers of a request, with the credential unless it brings its own."""
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {name: value for name, value in (own | exchange.headers).items() if value}


def read_url(text: str) -> str:
    """Return the address of a manager without what follows its port. Raises UsageError."""
    url = text.strip() if "://" in text else f"https://{text.strip()}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{text!r} is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(f"{text!r} is no address; write it as https://HOST:8443")
    if parts.path.strip("/") or parts.query or not url.isprintable() or " " in url:
        raise UsageError(f"{text!r} is more than an address; write it as https://HOST:8443")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def check_token(token: str) -> str:
    """Return a token that a header can carry. Raises UsageError."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError("the token holds characters that no token has")
    return token


def timeout_of(exchange: Exchange) -> httpx.Timeout:
    """Return how long the parts of a request may take."""
    return httpx.Timeout(exchange.silence_s, connect=CONNECT_S)


def reply_of(response: httpx.Response, content: bytes) -> Reply:
    """Return an answer in words of ours."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, content)


def add(content: bytearray, piece: bytes) -> None:
    """Take more of an answer. Raises StrangeAnswerError for one that does not end."""
    content += piece
    if len(content) > MAX_ANSWER:
        raise StrangeAnswerError("the answer is larger than any of Berth")


def note(options: Options, exchange: Exchange, *, started: float, reply: Reply | None) -> None:
    """Say that a request was sent, to whoever wants to know."""
    if options.on_answer is not None:
        options.on_answer(
            Answered(
                method=exchange.method,
                target=exchange.target,
                seconds=options.clock.monotonic() - started,
                status=reply.status if reply else 0,
                request_id=plain(reply.headers.get("x-request-id", "")) if reply else "",
            )
        )


def translate(error: Exception, url: str) -> ClientError:
    """Return the error of ours for one of the HTTP library."""
    refusal = _certificate_error(error)
    if refusal is not None:
        return UntrustedError(f"the certificate of {url} is not the instance's: {refusal}")
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return UnreachableError(f"{url} does not answer within {CONNECT_S:.0f} s")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return UnreachableError(f"{url} cannot be reached: {_reason(error)}")
    if isinstance(error, httpx.TimeoutException):
        return AnswerLostError(f"{url} has not answered in time")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return UsageError(f"the request cannot be sent: {_reason(error)}")
    if isinstance(error, httpx.DecodingError):
        return StrangeAnswerError(f"the answer of {url} is damaged: {_reason(error)}")
    if isinstance(error, httpx.RemoteProtocolError) and not _is_early_end(error):
        return StrangeAnswerError(f"{url} does not speak HTTP as Berth does: {_reason(error)}")
    return AnswerLostError(f"the connection to {url} broke: {_reason(error)}")


def _is_early_end(error: httpx.RemoteProtocolError) -> bool:
    """Return whether the peer only left; the library has one error for that and for nonsense."""
    return "disconnected" in str(error) or "closed" in str(error)


def _certificate_error(error: BaseException | None) -> str | None:
    """Find the refusal of a certificate among the causes of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


def _reason(error: Exception) -> str:
    return plain(str(error)) or type(error).__name__
