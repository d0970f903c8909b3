"""Session tokens, which end, and the one bearer token of a user, which does not."""

import msgspec

from berth.control.users import find_user
from berth.domain.errors import Unauthenticated
from berth.domain.records import Token, TokenKind
from berth.store.draft import Draft

#: A user's oldest sessions end when there are more.
MAX_SESSIONS = 100


class NewBearer(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token made outside the writer, for the case that one is needed."""

    token_hash: str
    ciphertext: str


def open_session(draft: Draft, username: str, *, proven_hash: str, token_hash: str) -> Token:
    """Begin a session for a user whose password was compared with ``proven_hash``."""
    user = find_user(draft.users, username)
    if user is None or user.password_hash != proven_hash:
        raise Unauthenticated("the name or the password is wrong", code="wrong_credentials")
    _end_old_sessions(draft, user.id)
    token = Token(
        id=token_hash,
        kind=TokenKind.SESSION,
        user_id=user.id,
        created_at=draft.now,
        expires_at=draft.now + draft.settings.session_lifetime_s,
    )
    draft.tokens.put(token)
    return token


def prolong_session(draft: Draft, token_hash: str) -> Token:
    """Count a session's lifetime from now on; raises Unauthenticated when it ended."""
    token = draft.tokens.get(token_hash)
    if token is None or is_ended(token, draft.now):
        raise Unauthenticated("the session has ended: log in again", code="session_ended")
    if token.kind is TokenKind.BEARER:
        return token
    expires_at = draft.now + draft.settings.session_lifetime_s
    prolonged = msgspec.structs.replace(token, expires_at=expires_at)
    draft.tokens.put(prolonged)
    return prolonged


def show_bearer(draft: Draft, session_hash: str, *, new: NewBearer) -> Token:
    """Give the bearer token of a session's user; the first call puts the new one in."""
    session = prolong_session(draft, session_hash)
    found = draft.tokens.find("user", (session.user_id, TokenKind.BEARER.value))
    return found[0] if found else _put_bearer(draft, session.user_id, new=new)


def replace_bearer(draft: Draft, token_hash: str, *, new: NewBearer) -> Token:
    """Put a new bearer token in the place of the old one, which ends at once."""
    token = prolong_session(draft, token_hash)
    for old in draft.tokens.find("user", (token.user_id, TokenKind.BEARER.value)):
        draft.tokens.drop(old.id)
    return _put_bearer(draft, token.user_id, new=new)


def is_ended(token: Token, now: float) -> bool:
    """Tell whether a token is good for nothing any more."""
    return token.expires_at is not None and token.expires_at <= now


def _put_bearer(draft: Draft, user_id: int, *, new: NewBearer) -> Token:
    token = Token(
        id=new.token_hash,
        kind=TokenKind.BEARER,
        user_id=user_id,
        created_at=draft.now,
        ciphertext=new.ciphertext,
    )
    draft.tokens.put(token)
    return token


def _end_old_sessions(draft: Draft, user_id: int) -> None:
    """Drop ended sessions, and the oldest when there are too many."""
    sessions = draft.tokens.find("user", (user_id, TokenKind.SESSION.value))
    sessions.sort(key=lambda session: session.expires_at or 0.0)
    surplus = len(sessions) - MAX_SESSIONS + 1
    for position, session in enumerate(sessions):
        if position < surplus or is_ended(session, draft.now):
            draft.tokens.drop(session.id)
