"""The one bearer token of a user, which does not end, and the sessions that show it."""

import msgspec

from berth.control.accounts.sessions import is_ended, prolong
from berth.domain.errors import Unauthenticated
from berth.domain.records import Token, TokenKind
from berth.store.draft import Draft


class NewBearer(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token made outside the writer, for the case that one is needed."""

    token_hash: str
    ciphertext: str


def prolong_session(draft: Draft, token_hash: str) -> Token:
    """Count a session's lifetime from now on; raises Unauthenticated when it ended."""
    token = draft.tokens.get(token_hash)
    if token is None or is_ended(token, draft.now):
        raise Unauthenticated("the session has ended: log in again", code="session_ended")
    if token.kind is TokenKind.BEARER:
        return token
    prolonged = prolong(token, at=draft.now, lifetime_s=draft.settings.session_lifetime_s)
    draft.tokens.put(prolonged)
    return prolonged


def show_bearer(draft: Draft, session_hash: str, *, new: NewBearer) -> Token:
    """Return the bearer token of a session's user; the first call puts the new one in."""
    session = prolong_session(draft, session_hash)
    found = draft.tokens.find("user", (session.user_id, TokenKind.BEARER.value))
    return found[0] if found else _put_bearer(draft, session.user_id, new=new)


def replace_bearer(draft: Draft, token_hash: str, *, new: NewBearer) -> Token:
    """Put a new bearer token in the place of the old one, which ends at once."""
    token = prolong_session(draft, token_hash)
    for old in draft.tokens.find("user", (token.user_id, TokenKind.BEARER.value)):
        draft.tokens.drop(old.id)
    return _put_bearer(draft, token.user_id, new=new)


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
