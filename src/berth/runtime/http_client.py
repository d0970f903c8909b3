"""Small requests to HTTP servers outside of the instance."""

import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
import msgspec
from yarl import URL

#: Deadline of one connection, and of each wait for a part of an answer.
CONNECT_S = 5.0
#: An answer larger than this is not read to its end.
MAX_ANSWER_BYTES = 256 * 1024


class NotReached(Exception):
    """No answer came; the text names the reason."""

    def __init__(self, message: str, *, distrusted: bool = False) -> None:
        super().__init__(message)
        #: Whether a server answered whose certificate is not trusted.
        self.distrusted = distrusted


class HttpAnswer(msgspec.Struct, frozen=True):
    """What a server said; a redirect is not followed."""

    status: int
    body: bytes
    #: Which credential it wants, as the header ``WWW-Authenticate`` has it.
    challenge: str = ""


class HttpClient:
    """A client for a few requests one after another; use it as a context manager."""

    def __init__(self, context: ssl.SSLContext, *, direct: bool) -> None:
        """``context`` decides what is trusted; ``direct`` ignores proxies of the environment."""
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=CONNECT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=not direct,
        )

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._client.close()

    async def get(
        self, url: str, *, authorization: str = "", query: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """GET an address. Raises NotReached."""
        headers = {"Authorization": authorization} if authorization else {}
        try:
            target = URL(url)
            async with self._client.get(
                target.update_query(dict(query)) if query else target,
                headers=headers,
                allow_redirects=False,
            ) as response:
                body = await _read(response)
                return HttpAnswer(
                    response.status, body, response.headers.get("WWW-Authenticate", "")
                )
        except aiohttp.ClientConnectorCertificateError as error:
            reason = getattr(error.certificate_error, "verify_message", "") or error
            raise NotReached(
                f"its certificate is not trusted ({reason})", distrusted=True
            ) from None
        except TimeoutError:
            raise NotReached(f"no answer within {CONNECT_S:.0f} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotReached(str(error) or type(error).__name__) from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            break
    return body
