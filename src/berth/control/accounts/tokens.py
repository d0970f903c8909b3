"""The tokens of programs: the one bearer of a user, which does not end, and those with names."""

import msgspec

from berth.control.accounts.sessions import is_ended, prolong, session_id_of
from berth.control.naming import check_name
from berth.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from berth.domain.records import Token, TokenKind, TokenScope
from berth.domain.table import TableView
from berth.store.draft import Draft

#: A user has at most this many named tokens.
MAX_NAMED = 1000


class NewBearer(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token made outside the writer, for the case that one is needed."""

    token_hash: str
    ciphertext: str


def prolong_session(draft: Draft, token_hash: str) -> Token:
    """Count a session's lifetime from now on; raises Unauthenticated when it ended."""
    token = draft.tokens.get(token_hash)
    if token is None or is_ended(token, draft.now):
        raise Unauthenticated("the session has ended: log in again", code="session_ended")
    if token.kind in (TokenKind.BEARER, TokenKind.NAMED):
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
    """Put a new bearer token in the place of the old one, which ends at once.

    Raises Forbidden for a token that ends, since the bearer does not.
    """
    token = prolong_session(draft, token_hash)
    _check_end(token, None)
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


class NamedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A named token to make."""

    token_hash: str
    name: str
    scope: TokenScope
    #: None never ends.
    lifetime_s: float | None = None


def create_named(draft: Draft, maker: Token, *, new: NamedToken) -> Token:
    """Make a token for the user of the one that asks; those of theirs that ended are dropped.

    Raises Conflict for a name that is taken, Forbidden for a token that outlasts its maker.
    """
    name = check_name(new.name, field="name")
    for old in draft.tokens.find("user", (maker.user_id, TokenKind.NAMED.value)):
        if is_ended(old, draft.now):
            draft.tokens.drop(old.id)
    kept = list_named(draft.tokens, maker.user_id)
    if any(token.name == name for token in kept):
        raise Conflict(
            f"there is a token {name!r}: end it first, or choose another name",
            code="name_in_use",
            field="name",
        )
    if len(kept) >= MAX_NAMED:
        raise Conflict(f"a user has at most {MAX_NAMED} tokens", code="too_many_tokens")
    ends_at = None if new.lifetime_s is None else draft.now + new.lifetime_s
    _check_end(maker, ends_at, field="lifetime_s")
    token = Token(
        id=new.token_hash,
        kind=TokenKind.NAMED,
        user_id=maker.user_id,
        created_at=draft.now,
        expires_at=ends_at,
        name=name,
        scope=new.scope,
    )
    draft.tokens.put(token)
    return token


def list_named(tokens: TableView[Token], user_id: int) -> list[Token]:
    """Return a user's named tokens, those that ended too, newest first."""
    found = tokens.find("user", (user_id, TokenKind.NAMED.value))
    return sorted(found, key=lambda token: (-token.created_at, token.id))


def end_named(draft: Draft, user_id: int, *, token_id: str) -> Token:
    """End a named token of a user, by its id or else its name; return it, or raise NotFound.

    A token whose name is the id of another is not taken for that one.
    """
    named = list_named(draft.tokens, user_id)
    found = [token for token in named if session_id_of(token) == token_id]
    found += [token for token in named if token.name == token_id]
    if not found:
        raise NotFound(f"there is no token {token_id[:80]!r}", code="unknown_token")
    draft.tokens.drop(found[0].id)
    return found[0]


def _check_end(maker: Token, ends_at: float | None, *, field: str = "") -> None:
    """Let no named token make one that lives on after its own end."""
    if maker.kind is not TokenKind.NAMED or maker.expires_at is None:
        return
    if ends_at is None or ends_at > maker.expires_at:
        raise Forbidden(
            "a token that ends can make none that lasts longer",
            code="outlasts_maker",
            field=field,
        )
