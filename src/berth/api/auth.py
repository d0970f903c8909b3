"""Credentials of requests: who asks."""

import hmac
from typing import Annotated, cast

import msgspec
from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from berth.api.services import Services
from berth.control.tokens import is_ended
from berth.domain.errors import Forbidden, Unauthenticated
from berth.domain.records import Host, Token, TokenKind, User
from berth.runtime.ids import hash_token


class Credential(msgspec.Struct, frozen=True):
    """What stands in the header Authorization."""

    #: In small letters.
    scheme: str
    secret: str


def services_of(connection: HTTPConnection) -> Services:
    """Give what the application was made with."""
    return cast(Services, connection.app.state.services)


def read_credential(connection: HTTPConnection) -> Credential:
    """Read the header; raises Unauthenticated when it is missing."""
    scheme, _, secret = connection.headers.get("authorization", "").strip().partition(" ")
    if not secret.strip():
        raise Unauthenticated("this call needs the header Authorization", code="no_credential")
    return Credential(scheme.lower(), secret.strip())


def find_token(services: Services, credential: Credential) -> Token:
    """Give the token of a session or of a bearer; raises Unauthenticated."""
    token = None
    if credential.scheme in ("bearer", "session"):
        token = services.store.memory.tokens.get(hash_token(credential.secret))
    if token is None or is_ended(token, services.clock.now()):
        raise Unauthenticated("the token is unknown or has ended", code="unknown_token")
    return token


def require_bearer(request: Request) -> User:
    """Give the user of a bearer token, and note it with the request."""
    user = check_bearer(services_of(request), read_credential(request))
    request.state.user = user
    return user


def check_bearer(services: Services, credential: Credential) -> User:
    """Give the user of a bearer token; raises Unauthenticated, or Forbidden for a session."""
    token = find_token(services, credential)
    if token.kind is TokenKind.SESSION:
        raise Forbidden(
            "a session token is good for /api/token only: get the bearer token there",
            code="session_token",
        )
    if credential.scheme != "bearer":
        raise Unauthenticated("a bearer token comes with the scheme Bearer", code="wrong_scheme")
    return user_of(services, token)


def user_of(services: Services, token: Token) -> User:
    """Give the user of a token; raises Unauthenticated when there is none any more."""
    user = services.store.memory.users.get(str(token.user_id))
    if user is None:
        raise Unauthenticated("the user of this token exists no more", code="unknown_token")
    return user


def require_join_secret(request: Request) -> None:
    """Raise Unauthenticated unless the join token's secret came along."""
    credential = read_credential(request)
    if credential.scheme != "join":
        raise Unauthenticated("a join comes with the scheme Join", code="wrong_scheme")
    if not services_of(request).join_token.matches(credential.secret):
        raise Unauthenticated(
            "the join token is unknown: read the current one with berth join-token",
            code="unknown_join_token",
        )


def require_host(connection: HTTPConnection) -> Host:
    """Give the host whose credential came along; raises Unauthenticated."""
    credential = read_credential(connection)
    host_id, _, secret = credential.secret.partition(":")
    host = services_of(connection).store.memory.hosts.get(host_id)
    kept = host.credential_hash if host is not None else ""
    matches = hmac.compare_digest(kept.encode(), hash_token(secret).encode())
    if credential.scheme != "host" or host is None or not matches:
        raise Unauthenticated(
            "the host's credential is unknown or was replaced: let the host join again",
            code="unknown_host_credential",
        )
    return host


# Asynchronous, since FastAPI runs what is not in a worker thread.
async def _services(request: Request) -> Services:
    return services_of(request)


async def _current_user(request: Request) -> User:
    return cast(User, request.state.user)


ServicesOf = Annotated[Services, Depends(_services)]
CurrentUser = Annotated[User, Depends(_current_user)]
