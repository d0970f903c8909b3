"""Who asks: the credentials of requests, and whether they are good for the call."""

import hmac
from typing import Annotated, cast

import msgspec
from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from berth.api.connections.admission import note_known
from berth.api.endpoints.origin import check_origin
from berth.api.endpoints.session_uses import SessionUses
from berth.api.services import Services
from berth.control.accounts.sessions import is_ended
from berth.control.accounts.users import find_user
from berth.domain.deployment_tokens import deployment_id_of, make_deployment_token
from berth.domain.errors import Forbidden, Unauthenticated
from berth.domain.records import Host, Token, TokenKind, TokenScope, Tombstone, User
from berth.runtime.ids import hash_token

#: The console's cookie. A browser keeps one of such a name only for this very host, over HTTPS.
SESSION_COOKIE = "__Host-berth-session"

#: The subprotocol that carries a bearer token to a WebSocket.
TOKEN_PROTOCOL = "berth.bearer."

#: Place in a scope for who asks, where the manager itself makes the call.
_KNOWN = "berth.principal"

#: Place in a scope for the services of this request alone.
_SERVICES = "berth.services"


class Credential(msgspec.Struct, frozen=True):
    """What stands in the header Authorization."""

    #: In lower case.
    scheme: str
    secret: str


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What a token must allow for a call."""

    #: Whether it only reads, and nothing that somebody could act with.
    reads: bool = False
    #: Whether the token of a deployment will do, if the path names no other deployment.
    serves_deployments: bool = False


#: For what a deployment may read with its own token.
FOR_DEPLOYMENTS = Needs(reads=True, serves_deployments=True)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a call, and with which token."""

    user: User
    token: Token


class Presented(msgspec.Struct, frozen=True):
    """A token as it is kept, and its text."""

    token: Token
    secret: str


def services_of(connection: HTTPConnection) -> Services:
    """Return what the application was made with, or what ``use_services`` put in its place."""
    return cast(Services, connection.scope.get(_SERVICES) or connection.app.state.services)


def use_services(request: HTTPConnection, services: Services) -> None:
    """Let the endpoint that answers this request use these services."""
    request.scope[_SERVICES] = services


def uses_of(connection: HTTPConnection) -> SessionUses:
    """Return what notes the uses of sessions."""
    return cast(SessionUses, connection.app.state.session_uses)


def authorize(connection: HTTPConnection, needs: Needs) -> Principal:
    """Return who asks, and note it with the request; raises Unauthenticated or Forbidden.

    The one place where it is decided whether somebody may make a call: routes and WebSockets
    all pass here.
    """
    principal = connection.scope.get(_KNOWN)
    if principal is None:
        principal = _identify(connection)
    _check_scope(connection, principal.token, needs=needs)
    connection.state.principal = principal
    note_known(connection)
    return principal


def principal_of(connection: HTTPConnection) -> Principal:
    """Return who asks, once that was decided."""
    return cast(Principal, connection.state.principal)


def authorize_token(connection: HTTPConnection, text: str, *, needs: Needs) -> Principal:
    """Return who asks with a bearer token that came in a message; raises as ``authorize``."""
    principal = _check_bearer(connection, Credential("bearer", text))
    _check_scope(connection, principal.token, needs=needs)
    note_known(connection)
    return principal


def principal_with(connection: HTTPConnection, token: Token) -> Principal:
    """Return whom a token stands for; raises Unauthenticated when that user no longer exists."""
    return Principal(user=_user_of(services_of(connection), token), token=token)


def pass_on(principal: Principal) -> dict[str, Principal]:
    """Return what goes into the scope of a call that the manager makes for somebody known."""
    return {_KNOWN: principal}


def is_still_good(connection: HTTPConnection, principal: Principal) -> bool:
    """Whether a credential that was good once is not ended, replaced or deleted by now."""
    memory = services_of(connection).store.memory
    if principal.token.kind is TokenKind.DEPLOYMENT:
        deployment = memory.deployments.get(principal.token.name)
        return deployment is not None and deployment.created_at == principal.token.created_at
    token = memory.tokens.get(principal.token.id)
    return token is not None and not uses_of(connection).is_ended(token)


def note_use(connection: HTTPConnection, principal: Principal) -> None:
    """Count the lifetime of a session from now on; of a named token only note the use."""
    if principal.token.kind in (TokenKind.BROWSER, TokenKind.NAMED):
        uses_of(connection).note(principal.token)


def present(connection: HTTPConnection, needs: Needs) -> Presented:
    """Return the token of a session, of a bearer or of the console's cookie.

    For the calls that show tokens; raises Unauthenticated, or Forbidden for another origin and
    for a token that does not allow the call.
    """
    if _is_browser(connection):
        secret = connection.cookies[SESSION_COOKIE]
        presented = Presented(_find_browser_session(connection).token, secret)
    else:
        credential = read_credential(connection)
        presented = Presented(_find_token(services_of(connection), credential), credential.secret)
    _check_scope(connection, presented.token, needs=needs)
    note_known(connection)
    return presented


def read_credential(connection: HTTPConnection) -> Credential:
    """Read the header; raises Unauthenticated when it is missing."""
    scheme, _, secret = connection.headers.get("authorization", "").strip().partition(" ")
    if not secret.strip():
        raise Unauthenticated("this call needs the header Authorization", code="no_credential")
    return Credential(scheme.lower(), secret.strip())


def bears_credential(connection: HTTPConnection) -> bool:
    """Whether a request says who asks, be it true or not."""
    return (
        "authorization" in connection.headers
        or SESSION_COOKIE in connection.cookies
        or bool(_offered_token(connection))
    )


def _identify(connection: HTTPConnection) -> Principal:
    offered = _offered_token(connection)
    if offered:
        return _check_bearer(connection, Credential("bearer", offered))
    if _is_browser(connection):
        return _find_browser_session(connection)
    return _check_bearer(connection, read_credential(connection))


def _check_scope(connection: HTTPConnection, token: Token, *, needs: Needs) -> None:
    """Raise Forbidden when a token does not allow what a call needs."""
    if token.scope is TokenScope.DEPLOYMENT:
        asked_for = connection.path_params.get("deployment_id", token.name)
        if not needs.serves_deployments or asked_for != token.name:
            raise Forbidden(
                f"this token reads keys, the catalog and the deployment {token.name!r} alone",
                code="deployment_token",
            )
    if token.scope is TokenScope.READ and not needs.reads:
        raise Forbidden("this token is for reading only", code="read_only_token")


def _offered_token(connection: HTTPConnection) -> str:
    """Return the token among the subprotocols of a WebSocket, since browsers can set no header."""
    for offered in connection.scope.get("subprotocols", ()):
        if offered.startswith(TOKEN_PROTOCOL):
            return str(offered.removeprefix(TOKEN_PROTOCOL))
    return ""


def _is_browser(connection: HTTPConnection) -> bool:
    return "authorization" not in connection.headers and SESSION_COOKIE in connection.cookies


def _find_browser_session(connection: HTTPConnection) -> Principal:
    services = services_of(connection)
    check_origin(connection)
    uses = uses_of(connection)
    token = services.store.memory.tokens.get(hash_token(connection.cookies[SESSION_COOKIE]))
    if token is None or token.kind is not TokenKind.BROWSER or uses.is_ended(token):
        raise Unauthenticated("the session has ended: sign in again", code="session_ended")
    uses.note(token)
    return Principal(user=_user_of(services, token), token=token)


def _find_token(services: Services, credential: Credential) -> Token:
    token = None
    if credential.scheme in ("bearer", "session"):
        token = services.store.memory.tokens.get(hash_token(credential.secret))
    if token is None or token.kind is TokenKind.BROWSER or is_ended(token, services.clock.now()):
        raise Unauthenticated("the token is unknown or has ended", code="unknown_token")
    return token


def _check_bearer(connection: HTTPConnection, credential: Credential) -> Principal:
    services = services_of(connection)
    if deployment_id_of(credential.secret):
        return _check_deployment_token(services, credential.secret)
    token = _find_token(services, credential)
    if token.kind is TokenKind.SESSION:
        raise Forbidden(
            "a session token is good for /api/token only: get the bearer token there",
            code="session_token",
        )
    if credential.scheme != "bearer":
        raise Unauthenticated("a bearer token comes with the scheme Bearer", code="wrong_scheme")
    principal = Principal(user=_user_of(services, token), token=token)
    note_use(connection, principal)
    return principal


def _check_deployment_token(services: Services, text: str) -> Principal:
    """Return whom a deployment's own token stands for: its user, for very little."""
    deployment = services.store.memory.deployments.get(deployment_id_of(text))
    good = make_deployment_token(deployment, services.secrets.sign) if deployment else ""
    if deployment is None or not hmac.compare_digest(good.encode(), text.encode()):
        raise Unauthenticated("the token is unknown or has ended", code="unknown_token")
    user = find_user(services.store.memory.users, deployment.created_by)
    if user is None:
        raise Unauthenticated("the user of this token no longer exists", code="unknown_token")
    token = Token(
        id=hash_token(text),
        kind=TokenKind.DEPLOYMENT,
        user_id=user.id,
        created_at=deployment.created_at,
        name=deployment.id,
        scope=TokenScope.DEPLOYMENT,
    )
    return Principal(user=user, token=token)


def _user_of(services: Services, token: Token) -> User:
    user = services.store.memory.users.get(str(token.user_id))
    if user is None:
        raise Unauthenticated("the user of this token no longer exists", code="unknown_token")
    return user


def require_join_secret(request: Request) -> None:
    """Raise Unauthenticated unless the join token's secret came along."""
    credential = read_credential(request)
    if credential.scheme != "join":
        raise Unauthenticated("a join comes with the scheme Join", code="wrong_scheme")
    services = services_of(request)
    if not services.join_token.matches(credential.secret):
        raise Unauthenticated(
            "the join token is unknown: read the current one with berth join-token",
            code="unknown_join_token",
        )
    if services.join_token.read_limits().is_over(services.clock.now()):
        raise Unauthenticated(
            "the join token has ended, or was used as often as it may be: make a new one with "
            "POST /api/v2/hosts/join_token/rotate",
            code="join_token_ended",
        )
    note_known(request)


def require_host(connection: HTTPConnection) -> Host | Tombstone:
    """Return the host, or deleted host, whose credential came along; raises Unauthenticated."""
    credential = read_credential(connection)
    host_id, _, secret = credential.secret.partition(":")
    memory = services_of(connection).store.memory
    host = memory.hosts.get(host_id) or memory.tombstones.get(host_id)
    kept = host.credential_hash if host is not None else ""
    matches = hmac.compare_digest(kept.encode(), hash_token(secret).encode())
    if credential.scheme != "host" or host is None or not matches:
        raise Unauthenticated(
            "the host's credential is unknown or was replaced: let the host join again",
            code="unknown_host_credential",
        )
    note_known(connection)
    return host


# Asynchronous, since FastAPI runs what is not in a worker thread.
async def _services(request: Request) -> Services:
    return services_of(request)


async def _current_principal(request: Request) -> Principal:
    return principal_of(request)


async def _current_user(request: Request) -> User:
    return principal_of(request).user


ServicesOf = Annotated[Services, Depends(_services)]
CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
CurrentUser = Annotated[User, Depends(_current_user)]
