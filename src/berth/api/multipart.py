"""The one file inside a body of multipart/form-data, recognised by the body alone."""

import re

from berth.domain.errors import Unreadable

#: A boundary in front of a part's headers.
_OPENING = re.compile(rb"--(?P<boundary>[^\r\n]{1,200})\r?\n")


def find_file(body: bytes) -> bytes:
    """Give the content of the first part, or the body itself when it is not multipart.

    Raises Unreadable for a multipart body that ends too early.
    """
    opening = _OPENING.match(body)
    if opening is None:
        return body
    ends = [end for end in (_end_of_headers(body, opening.end())) if end >= 0]
    closing = body.find(b"\n--" + opening["boundary"], opening.end())
    if not ends or closing < 0:
        raise Unreadable("the multipart body is cut off", code="invalid_multipart")
    content = body[min(ends) : closing]
    return content.removesuffix(b"\r")


def _end_of_headers(body: bytes, start: int) -> tuple[int, int]:
    with_returns, bare = body.find(b"\r\n\r\n", start), body.find(b"\n\n", start)
    return (with_returns + 4 if with_returns >= 0 else -1, bare + 2 if bare >= 0 else -1)
