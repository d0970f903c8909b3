"""Answers compressed by gzip, for callers that take it."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from berth.api.http.encodings import accepted_encodings
from berth.api.http.responses import Json, Pieces

#: Shorter answers are sent as they are.
MIN_BYTES = 1024

#: Longer ones are compressed in a thread: as many bytes take about half a millisecond.
_THREAD_BYTES = 64 * 1024

#: The fastest; a list of 10,000 containers shrinks from 5 MB to 0.75.
_LEVEL = 1

#: Makes zlib write a gzip head.
_GZIP_BITS = 31


async def compress_answer(request: Request, answer: Response) -> Response:
    """Return an answer in JSON, compressed where it is long and its caller takes that."""
    if not isinstance(answer, Json) or answer.status_code != 200:
        return answer
    is_stream = isinstance(answer, Pieces)
    body = bytes(answer.body)
    if not is_stream and (not answer.whole or len(body) < MIN_BYTES):
        return answer
    answer.headers["Vary"] = "Accept-Encoding"
    if "gzip" not in accepted_encodings(request.headers):
        return answer
    if isinstance(answer, Pieces):
        answer.pieces = _compress_pieces(answer.pieces)
    else:
        packed = (
            await asyncio.to_thread(_compress, body)
            if len(body) > _THREAD_BYTES
            else _compress(body)
        )
        answer.body = packed
        answer.headers["Content-Length"] = str(len(packed))
    answer.headers["Content-Encoding"] = "gzip"
    return answer


def _compress(body: bytes) -> bytes:
    return zlib.compress(body, _LEVEL, _GZIP_BITS)


async def _compress_pieces(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_BITS)
    async for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()
