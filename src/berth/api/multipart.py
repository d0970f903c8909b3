"""The one file inside a body of multipart/form-data, recognised by the body alone."""

import re

from berth.domain.errors import Unreadable

#: A boundary in front of a part's headers.
_OPENING = re.compile(rb"--(?P<boundary>[^\r\n]{1,200})\r?\n")
_OPENING_BYTES = 256
#: The headers of a part are not longer.
_HEADERS_BYTES = 16 * 1024


def cut_out_file(body: bytearray) -> None:
    """Leave the content of the first part alone in the body; all of it when it is not multipart.

    Raises Unreadable for a multipart body that ends too early.
    """
    opening = _OPENING.match(bytes(body[:_OPENING_BYTES]))
    if opening is None:
        return
    ends = [end for end in (_end_of_headers(body, opening.end())) if end >= 0]
    closing = body.find(b"\n--" + opening["boundary"], opening.end())
    if not ends or closing < 0:
        raise Unreadable("the multipart body is cut off", code="invalid_multipart")
    del body[closing - (body[closing - 1 : closing] == b"\r") :]
    del body[: min(ends)]


def _end_of_headers(body: bytearray, start: int) -> tuple[int, int]:
    end = start + _HEADERS_BYTES
    with_returns, bare = body.find(b"\r\n\r\n", start, end), body.find(b"\n\n", start, end)
    return (with_returns + 4 if with_returns >= 0 else -1, bare + 2 if bare >= 0 else -1)
