"""A small client of Berth's REST API, on one connection that stays open."""

from __future__ import annotations

import http.client
import json
import select
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit


class ApiRefusedError(Exception):
    """The API answered another status than 200."""

    def __init__(self, request: str, answer: Answer) -> None:
        super().__init__(f"{request} was answered {answer.status}: {answer.text[:2000]}")
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    """An answer with its status, whatever that is."""

    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Api:
    """One user of one manager; not for several threads at once."""

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None, timeout: float = 10) -> None:
        self.url = url
        #: Sent with every request unless empty.
        self.authorization = ""
        self._tls = tls
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def another(self) -> Api:
        """Return the same user on a connection of its own, for another thread."""
        other = Api(self.url, tls=self._tls, timeout=self._timeout)
        other.authorization = self.authorization
        return other

    def log_in(self, user: str, password: str) -> None:
        """Get the user's bearer token and send it from now on."""
        self.authorization = ""
        session = self.post("/api/auth", {"username": user, "password": password})["token"]
        self.authorization = f"Session {session}"
        self.authorization = f"Bearer {self.get('/api/token')['token']}"

    def get(self, path: str) -> Any:
        """Return the parsed answer; raises ApiRefusedError unless the status is 200."""
        return self._call("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        """Send JSON and return the parsed answer; raises as `get` does."""
        return self._call("POST", path, body=body)

    def put(self, path: str, body: object = None) -> Any:
        """Send JSON and return the parsed answer; raises as `get` does."""
        return self._call("PUT", path, body=body)

    def delete(self, path: str) -> Any:
        """Return the parsed answer; raises as `get` does."""
        return self._call("DELETE", path)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer whatever its status; bytes are sent as they are, else JSON.

        Raises OSError or HTTPException when there is no answer. A GET is asked again once, since
        a manager that was killed left the connection half open.
        """
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        own = {"Authorization": self.authorization} if self.authorization else {}
        sent = {**own, **(headers or {})}
        again = method == "GET" and self._connection is not None
        try:
            return self._ask_once(method, path, data=data, headers=sent)
        except (OSError, http.client.HTTPException):
            self.close()
            if not again:
                raise
        return self._ask_once(method, path, data=data, headers=sent)

    def answers(self, path: str = "/readyz") -> bool:
        """Return whether the manager answers 200 to a GET of the path."""
        try:
            return self.ask("GET", path).status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _call(self, method: str, path: str, *, body: object = None) -> Any:
        answer = self.ask(method, path, body=body)
        if answer.status != HTTPStatus.OK:
            raise ApiRefusedError(f"{method} {path}", answer)
        return answer.json

    def _ask_once(
        self, method: str, path: str, *, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._connection is not None and _is_closed_by_peer(self._connection):
            self.close()  # it was idle for long, or the manager was restarted
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, path, data, dict(headers))
        with self._connection.getresponse() as response:
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                parts.netloc, timeout=self._timeout, context=self._tls
            )
        return http.client.HTTPConnection(parts.netloc, timeout=self._timeout)


def _is_closed_by_peer(connection: http.client.HTTPConnection) -> bool:
    """Return whether there is something to read before anything was asked: that is the end."""
    return connection.sock is not None and bool(select.select([connection.sock], [], [], 0)[0])
