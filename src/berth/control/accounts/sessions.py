"""Sessions: begun with a password, ended by their user, by silence or by age."""

from collections.abc import Mapping

import msgspec

from berth.domain.errors import NotFound, Unauthenticated
from berth.domain.records import Token, TokenKind
from berth.domain.table import TableView
from berth.store.draft import Draft

#: A user's oldest sessions of a kind end when there are more.
MAX_SESSIONS = 100

#: A browser's session ends at this age, however much it is used.
MAX_AGE_S = 30 * 86_400.0

#: Characters kept of the name of a browser, which it sends itself.
MAX_USER_AGENT = 200

#: Digits of a token's fingerprint that name its session.
_ID_DIGITS = 16

_KINDS = (TokenKind.SESSION, TokenKind.BROWSER)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """A browser at the beginning of its session."""

    address: str
    user_agent: str = ""


def open_session(
    draft: Draft,
    username: str,
    *,
    proven_hash: str,
    token_hash: str,
    visitor: Visitor | None = None,
) -> Token:
    """Begin a session for a user whose password was compared with ``proven_hash``.

    With a visitor it is the session of a browser.
    """
    user = next(iter(draft.users.find("username", username)), None)
    if user is None or user.password_hash != proven_hash:
        raise Unauthenticated("the name or the password is wrong", code="wrong_credentials")
    token = Token(
        id=token_hash,
        kind=TokenKind.SESSION if visitor is None else TokenKind.BROWSER,
        user_id=user.id,
        created_at=draft.now,
        address=visitor.address if visitor else "",
        user_agent=visitor.user_agent[:MAX_USER_AGENT] if visitor else "",
    )
    _end_old_sessions(draft, token)
    token = prolong(token, at=draft.now, lifetime_s=draft.settings.session_lifetime_s)
    draft.tokens.put(token)
    return token


def prolong(session: Token, *, at: float, lifetime_s: float) -> Token:
    """Return a session, or a token that has an end of its own, as it is after a use."""
    used_at = max(at, session.last_used_at)
    if session.kind not in _KINDS:
        return msgspec.structs.replace(session, last_used_at=used_at)
    ends_at = used_at + lifetime_s
    if session.kind is TokenKind.BROWSER:
        ends_at = min(ends_at, session.created_at + MAX_AGE_S)
    return msgspec.structs.replace(session, expires_at=ends_at, last_used_at=used_at)


def record_uses(draft: Draft, uses: Mapping[str, float]) -> int:
    """Write when tokens were used, by their id; return how many are there still."""
    known = [token for token in map(draft.tokens.get, uses) if token is not None]
    for token in known:
        lifetime_s = draft.settings.session_lifetime_s
        draft.tokens.put(prolong(token, at=uses[token.id], lifetime_s=lifetime_s))
    return len(known)


def is_ended(token: Token, now: float) -> bool:
    """Whether a token is good for nothing any more."""
    return token.expires_at is not None and token.expires_at <= now


def session_id_of(token: Token) -> str:
    """Return the id of a session or named token that users see; nobody can sign in with it."""
    return token.id[:_ID_DIGITS]


def list_sessions(tokens: TableView[Token], user_id: int) -> list[Token]:
    """Return a user's sessions of both kinds, those that ended too, newest first."""
    found = [token for kind in _KINDS for token in tokens.find("user", (user_id, kind.value))]
    return sorted(found, key=lambda token: (-token.created_at, token.id))


def end_session(draft: Draft, user_id: int, *, session_id: str) -> None:
    """End one session of a user; raises NotFound."""
    for token in list_sessions(draft.tokens, user_id):
        if session_id_of(token) == session_id:
            draft.tokens.drop(token.id)
            return
    raise NotFound(f"there is no session {session_id[:80]!r}", code="unknown_session")


def end_sessions(draft: Draft, user_id: int, *, keep: str) -> list[Token]:
    """End all sessions of a user but the one with that token id; return those that ended."""
    ended = [token for token in list_sessions(draft.tokens, user_id) if token.id != keep]
    for token in ended:
        draft.tokens.drop(token.id)
    return ended


def _end_old_sessions(draft: Draft, new: Token) -> None:
    """Drop ended sessions of a new one's kind, and the oldest when there are too many."""
    sessions = draft.tokens.find("user", (new.user_id, new.kind.value))
    sessions.sort(key=lambda session: session.expires_at or 0.0)
    surplus = len(sessions) - MAX_SESSIONS + 1
    for position, session in enumerate(sessions):
        if position < surplus or is_ended(session, draft.now):
            draft.tokens.drop(session.id)
