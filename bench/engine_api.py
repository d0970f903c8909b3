"""The engine's HTTP API over its Unix socket, on one connection that stays open."""

from __future__ import annotations

import http.client
import socket
from http import HTTPStatus
from typing import TypeVar, overload

import msgspec

from testbed import Host

_T = TypeVar("_T")
#: Starting a container on a busy engine takes seconds.
_TIMEOUT_S = 120.0


class EngineError(Exception):
    """An engine refused a request."""


class EngineApi:
    """One connection to one engine; not for several threads at once."""

    def __init__(self, host: Host) -> None:
        self._connection = _SocketConnection(host.socket.removeprefix("unix://"))

    @overload
    def call(self, method: str, path: str, *, body: object = None) -> object: ...

    @overload
    def call(self, method: str, path: str, *, answer: type[_T], body: object = None) -> _T: ...

    def call(self, method: str, path: str, *, answer: type = object, body: object = None) -> object:
        """Send a request, the body as JSON, and return the answer decoded as `answer`.

        An answer without content is decoded from `null`. Raises EngineError.
        """
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if data else {}
        self._connection.request(method, f"/v1.41{path}", data, headers)
        with self._connection.getresponse() as response:
            said = response.read()
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise EngineError(f"{method} {path}: {response.status} {said.decode()}")
        return msgspec.json.decode(said or b"null", type=answer)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("engine", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
