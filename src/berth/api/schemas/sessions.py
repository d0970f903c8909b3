"""Sessions of browsers, and who is signed in."""

import msgspec

from berth.api.http.timestamps import render_time
from berth.api.schemas.users import UserAnswer, render_user
from berth.control.accounts.sessions import session_id_of
from berth.domain.records import Token, TokenKind, User


class SessionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A session, without anything that one could sign in with."""

    session_id: str
    #: ``browser`` for one of the console, ``session`` for one of ``/api/auth``.
    kind: TokenKind
    created_on: str
    last_used_on: str
    expires_on: str
    #: Where it began: the address, and what the browser calls itself.
    address: str
    user_agent: str
    #: Whether it is the one that asks.
    current: bool


class SignedIn(msgspec.Struct, frozen=True):
    """Who asks, and in which session; none with a bearer token."""

    user: UserAnswer
    session: SessionItem | None


class SessionList(msgspec.Struct, frozen=True):
    """A user's sessions, newest first."""

    sessions: list[SessionItem]


class EndedSessions(msgspec.Struct, frozen=True):
    """Ids of sessions that were ended."""

    deleted: list[str]


def render_session(token: Token, *, current: bool) -> SessionItem:
    """Render a session as it is with its last use."""
    return SessionItem(
        session_id=session_id_of(token),
        kind=token.kind,
        created_on=render_time(token.created_at),
        last_used_on=render_time(token.last_used_at or token.created_at),
        expires_on=render_time(token.expires_at),
        address=token.address,
        user_agent=token.user_agent,
        current=current,
    )


def render_signed_in(user: User, session: Token | None) -> SignedIn:
    """Render who asks."""
    item = None if session is None else render_session(session, current=True)
    return SignedIn(render_user(user), item)
