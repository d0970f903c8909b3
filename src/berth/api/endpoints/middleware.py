"""The outermost layer: spelling of paths, ids of requests, and defects that must not show."""

import logging
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from berth.api.endpoints.callers import REQUEST_ID
from berth.api.endpoints.metrics import Metrics
from berth.api.endpoints.routing import strip_slash
from berth.api.http.errors import render_failure
from berth.runtime.ids import new_uuid

log = logging.getLogger(__name__)

#: Below these a slash at the end is part of the key.
_KEY_PREFIXES = ("/api/kv/", "/v1/kv/")

#: Stands for the route of requests that none matched.
NO_ROUTE = "none"

#: What a caller may name a request with; logs have it.
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

#: Answers are sent in pieces of at most this size.
PIECE_BYTES = 64 * 1024

#: Everything else is counted as one, since callers may send any word.
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


#: Messages that an answer begins with: a plain one, and those to whom wants a WebSocket.
_BEGINNINGS = frozenset(
    {"http.response.start", "websocket.http.response.start", "websocket.accept"}
)


#: Of every answer that says nothing else: no page shows it, nothing in it runs, and a browser
#: takes it for nothing but what it says it is.
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class RequestMiddleware:
    """Serves both spellings of a path, names each request, and answers for defects."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if not scope["path"].startswith(_KEY_PREFIXES):
            scope["path"] = strip_slash(scope["path"])
        await _Exchange(scope, send, metrics=self._metrics).run(self._app, receive)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, *, metrics: Metrics) -> None:
        self._scope = scope
        self._send = send
        self._metrics = metrics
        self._id = scope[REQUEST_ID] = _find_id(scope) or new_uuid()
        self._code = 0

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        """Answer; a defect is logged under the request's id and shown without its details."""
        try:
            await app(self._scope, receive, self.send)
        except Exception:
            log.exception("request %s %s failed (%s)", self._method, self._route, self._id)
            if self._code:
                raise  # the answer has begun: only an end of the connection tells the caller
            await render_failure()(self._scope, receive, self.send)
        finally:
            if self._code and self._scope["type"] == "http":
                self._metrics.count_request(self._route, self._method, code=self._code)

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, with the request's id in its headers."""
        if message["type"] in _BEGINNINGS:
            self._code = message.get("status", 101)
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._id
            for name, value in _SAFE.items():
                headers.setdefault(name, value)
        if message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))
        else:
            await self._send(message)

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        """Send in pieces, so that a client who takes nothing does not have all of it waiting."""
        starts = range(0, len(body), PIECE_BYTES) or (0,)
        for start in starts:
            end = start + PIECE_BYTES
            piece = body[start:end]
            await self._send(
                {
                    "type": "http.response.body",
                    "body": piece,
                    "more_body": more or end < len(body),
                }
            )

    @property
    def _route(self) -> str:
        return getattr(self._scope.get("route"), "path", NO_ROUTE)

    @property
    def _method(self) -> str:
        method: str = self._scope.get("method", "GET")
        return method if method in _METHODS else "other"


def _find_id(scope: Scope) -> str:
    """Return the id that the caller named its request with; "" for none, or one that is no word."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return ""
