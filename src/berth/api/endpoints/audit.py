"""The trace of what users do: an event with who, from where, and in which request."""

import logging
from collections import OrderedDict
from dataclasses import replace

import msgspec
from starlette.requests import HTTPConnection

from berth.api.endpoints.auth import Principal, principal_of, services_of, use_services
from berth.api.endpoints.callers import address_of, request_id_of
from berth.control.accounts.sessions import session_id_of
from berth.domain.errors import BerthError
from berth.domain.records import Actor, Token, TokenKind, User
from berth.domain.states import Severity
from berth.runtime.addresses import source_of
from berth.runtime.clock import Clock
from berth.store.draft import NewEvent

log = logging.getLogger(__name__)

#: Characters of a name in an event.
MAX_NAME = 100


class Deed(msgspec.Struct, frozen=True):
    """What a call does, as its event tells it: after the user's name, with the path's parts."""

    #: One of ``AUDIT_KEYS``.
    key: str
    text: str
    #: The same of the same is told at most this often.
    every_s: float = 0.0


class EventThrottle:
    """Lets the same event pass once in a while, in bounded memory."""

    def __init__(self, clock: Clock, *, remembered: int = 4096) -> None:
        self._clock = clock
        self._remembered = remembered
        #: When each passed last, and how many were held back since.
        self._passed: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def count(self, event: tuple[str, ...], every_s: float) -> int:
        """Return how many there were with this one since the last that passed; 0 holds it back."""
        now = self._clock.monotonic()
        at, held_back = self._passed.pop(event, (now - every_s, 0))
        passes = now - at >= every_s
        self._passed[event] = (now, 0) if passes else (at, held_back + 1)
        while len(self._passed) > self._remembered:
            self._passed.popitem(last=False)
        return held_back + 1 if passes else 0


def use_deed(connection: HTTPConnection, deed: Deed) -> None:
    """Let an event be written together with what the commands of this request change."""
    principal = principal_of(connection)
    if deed.every_s:
        throttle: EventThrottle = connection.app.state.event_throttle
        parts = _cut_parts(connection).values()
        told = (deed.key, principal.token.id, address_of(connection), *parts)
        if not throttle.count(told, deed.every_s):
            return
    event = describe_deed(connection, principal, deed=deed)
    use_services(connection, replace(services_of(connection), deed=event))


async def record_deed(connection: HTTPConnection, principal: Principal, *, deed: Deed) -> None:
    """Write the event of what no command does. Raises Unavailable."""
    event = describe_deed(connection, principal, deed=deed)
    await services_of(connection).store.run(lambda draft: draft.record_event(event))


def describe_deed(connection: HTTPConnection, principal: Principal, *, deed: Deed) -> NewEvent:
    """Return the event of what somebody known does."""
    text = deed.text.format(**_cut_parts(connection))
    event = describe_login(connection, principal.user, key=deed.key, text=text)
    credential = {"credential": _describe_token(principal.token)}
    return msgspec.structs.replace(event, details=event.details | credential)


def describe_login(connection: HTTPConnection, user: User, *, key: str, text: str) -> NewEvent:
    """Return the event of what somebody does whose password was right."""
    return NewEvent(
        key=key,
        severity=Severity.INFO,
        summary=f"{user.username} {text}",
        actor=Actor("user", str(user.id), user.username),
        details={"caller": user.username} | _describe_origin(connection),
    )


async def record_refused_login(connection: HTTPConnection, user: User | None) -> None:
    """Write the event of a wrong password, once a minute for each address and name.

    A name that nobody has is not told: it may be a password in the wrong place.
    """
    services, address = services_of(connection), address_of(connection)
    throttle: EventThrottle = connection.app.state.event_throttle
    key = ("login_refused", source_of(address), user.username if user else "")
    count = throttle.count(key, 60.0)
    if not count:
        return
    who = user.username if user else "an unknown name"
    times = "" if count == 1 else f" ({count} times)"
    event = NewEvent(
        key="login_refused",
        severity=Severity.WARNING,
        summary=f"a login as {who} from {address or 'somewhere'} was refused{times}",
        actor=Actor("user", str(user.id) if user else "unknown", who),
        details={"count": str(count)} | _describe_origin(connection),
    )
    try:
        await services.store.run(lambda draft: draft.record_event(event))
    except BerthError as failure:  # the refusal is answered all the same
        log.warning("a refused login was not recorded: %s", failure)


def _describe_origin(connection: HTTPConnection) -> dict[str, str]:
    return {"address": address_of(connection), "request_id": request_id_of(connection)}


def _cut_parts(connection: HTTPConnection) -> dict[str, str]:
    return {name: str(value)[:MAX_NAME] for name, value in connection.path_params.items()}


def _describe_token(token: Token) -> str:
    if token.kind is TokenKind.NAMED:
        return f"token {token.name}"
    if token.kind is TokenKind.BEARER:
        return "bearer token"
    return f"session {session_id_of(token)}"
