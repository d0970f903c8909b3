"""What the endpoint answers to a request: the key/value store, read-only."""

from http import HTTPStatus
from itertools import chain
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec

from berth.agent.gateway.exchange import Request, Response
from berth.agent.gateway.key_copy import KeyCopy
from berth.discovery.key_answers import JSON, TEXT, ReadOptions, answer_read
from berth.domain.errors import RequestError, Unreadable

_CONSUL = "/v1/kv/"
_FAMILIES = ("/api/kv/", _CONSUL)
_METHODS = "GET, HEAD"
_FLAGS = {"": True, "true": True, "1": True, "false": False, "0": False}


class _Item(msgspec.Struct, frozen=True):
    message: str
    code: str


class _Errors(msgspec.Struct, frozen=True):
    errors: list[_Item]


def answer_request(copy: KeyCopy, request: Request) -> Response:
    """Answer a request; the header Authorization is ignored."""
    path, _, query = request.target.partition("?")
    try:
        name = _read_name(path)
        options = _read_options(query)
    except RequestError as error:
        return _refuse(HTTPStatus.BAD_REQUEST, error.message, code=error.code)
    if name is None:
        return _refuse(HTTPStatus.NOT_FOUND, f"there is no {path[:200]}", code="unknown_path")
    if request.method not in ("GET", "HEAD"):
        message = "keys are only read here; they are written at the manager, with its token"
        return _refuse(HTTPStatus.METHOD_NOT_ALLOWED, message, code="method_not_allowed")
    if copy.keys is None:
        # Never an empty list: that would empty every load balancer.
        return Response(HTTPStatus.SERVICE_UNAVAILABLE, media_type=TEXT)
    try:
        consul = path.startswith(_CONSUL)
        answer = answer_read(copy.keys, name, options=options, consul=consul)
    except RequestError as error:
        return _refuse(HTTPStatus.BAD_REQUEST, error.message, code=error.code)
    status = HTTPStatus.OK if answer.found else HTTPStatus.NOT_FOUND
    pieces = iter(answer.pieces)
    body, second = next(pieces, b""), next(pieces, None)
    rest = None if second is None else chain((second,), pieces)
    return Response(status, body, media_type=answer.media_type, rest=rest)


def _read_name(path: str) -> str | None:
    """Return the key that a path names, decoded once; none for a path of no family."""
    family = next((each for each in _FAMILIES if path.startswith(each)), None)
    if family is None:
        return None
    try:
        return unquote_to_bytes(path.removeprefix(family)).decode()
    except UnicodeDecodeError:
        raise Unreadable("the key is not UTF-8", code="invalid_key") from None


def _read_options(query: str) -> ReadOptions:
    flags: dict[str, bool] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in ReadOptions.__struct_fields__:
            if value.lower() not in _FLAGS:
                raise Unreadable(f"{name} must be true or false", code="invalid_value")
            flags[name] = _FLAGS[value.lower()]
    return ReadOptions(**flags)


def _refuse(status: HTTPStatus, message: str, *, code: str) -> Response:
    body = msgspec.json.encode(_Errors([_Item(message, code)]))
    allow = _METHODS if status is HTTPStatus.METHOD_NOT_ALLOWED else ""
    return Response(status, body, media_type=JSON, allow=allow)
