"""JSON answers: compact and on one line, but for those that shell scripts take apart."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeVar, cast

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

T_co = TypeVar("T_co", covariant=True)

_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Encode records, plain values and ready-made JSON."""
    return _encoder.encode(value)


class Json(Response, Generic[T_co]):
    """An answer in JSON; endpoints name its content, which their description is made of."""

    media_type = "application/json"
    #: Whether the body is there as a whole, and is one that a caller may have already.
    whole = True
    #: The part of the body that says how long the answer took; its name leaves that out.
    timing = b""

    def __init__(
        self,
        content: T_co,
        status_code: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return encode(content)


class Indented(Json[T_co]):
    """An answer in JSON with a member a line, as scripts expect it that read it with ``sed``."""

    def render(self, content: Any) -> bytes:
        """Encode the content over several lines."""
        return msgspec.json.format(encode(content), indent=2)


class Ready(Json[T_co]):
    """An answer whose bytes are there already; they need not be JSON."""

    def __init__(self, body: bytes, status_code: int = 200, *, media_type: str) -> None:
        self.media_type = media_type
        super().__init__(cast(T_co, body), status_code)

    def render(self, content: Any) -> bytes:
        """Return the bytes as they are."""
        return bytes(content)


class Pieces(Json[Any]):
    """An answer in JSON that is made and sent piece by piece."""

    whole = False

    def __init__(self, pieces: AsyncIterator[bytes], *, headers: Mapping[str, str]) -> None:
        super().__init__(None, headers=headers)
        del self.headers["Content-Length"]
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces; ends early when the caller hangs up."""
        await StreamingResponse(self.pieces, headers=self.headers)(scope, receive, send)


class Deleted(msgspec.Struct, frozen=True):
    """Answer of a deletion."""

    deleted: str
