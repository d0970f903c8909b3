"""Requests and answers as the endpoint knows them."""

from collections.abc import Iterator
from http import HTTPStatus

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A request, as far as anybody asks."""

    method: str
    #: Path and query as they came.
    target: str


class Response(msgspec.Struct, frozen=True):
    """An answer."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "application/json"
    #: Methods that the path takes, for an answer 405.
    allow: str = ""
    #: What follows the body, made while it is sent; none when the body is all.
    rest: Iterator[bytes] | None = None
