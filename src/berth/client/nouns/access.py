"""Who asks: log-ins, tokens and users."""

from berth.client.records.instance import (
    EndedSessions,
    NewToken,
    SessionItem,
    SignedIn,
    Token,
    TokenItem,
    User,
)
from berth.client.records.workloads import Deleted
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put
from berth.client.requests.flows import Flow, send
from berth.client.verbs import Listing, M_co, Noun, Steps, Verb


class Access(Noun[M_co]):
    """Log-ins and tokens."""

    @Verb
    def open_session(self, username: str, password: str) -> Call[User]:
        """Log in; the user's ``token`` is good for ``show_token`` and ``renew_token`` alone."""
        body = given(username=username, password=password)
        return post("/api/auth", User, body=body, keyed=False, repeatable=False, credential="")

    @Verb
    def show_token(self, *, session: str = "") -> Call[Token]:
        """Return the bearer token of the user, as whom the client or a session is logged in."""
        credential = f"Session {session}" if session else None
        return get("/api/token", Token, credential=credential)

    @Verb
    def renew_token(self, *, session: str = "") -> Call[Token]:
        """Make a new bearer token; the one before ends at once, wherever it is used."""
        credential = f"Session {session}" if session else None
        return post("/api/token/new", Token, keyed=False, repeatable=False, credential=credential)

    @Steps
    def log_in(self, username: str, password: str) -> Flow[str]:
        """Log in and return the bearer token."""
        user = yield from send(Access.open_session.make(self, username, password), self.context)
        token = yield from send(Access.show_token.make(self, session=user.token), self.context)
        return token.token


class Sessions(Noun[M_co]):
    """Who is logged in: sessions of browsers and the bearer token."""

    @Verb
    def show(self) -> Call[SignedIn]:
        """Return as whom this client is logged in, and with what."""
        return get("/api/v2/session", SignedIn)

    @Verb
    def list(self) -> Call[Many[SessionItem]]:
        """Return the sessions of the user."""
        return get("/api/v2/sessions/", Many[SessionItem], member="sessions")

    @Verb
    def end(self, session_id: str) -> Call[Deleted]:
        """End a session."""
        where = {"session_id": session_id}
        return delete("/api/v2/sessions/{session_id}", Deleted, where=where)

    @Verb
    def end_others(self) -> Call[EndedSessions]:
        """End all sessions but the one that asks."""
        return delete("/api/v2/sessions/", EndedSessions)


class Tokens(Noun[M_co]):
    """Named tokens of programs; each acts as its user, within its scope."""

    @Verb
    def list(self) -> Call[Many[TokenItem]]:
        """Return the named tokens of the user."""
        return get("/api/v2/tokens/", Many[TokenItem], member="tokens")

    @Verb
    def create(
        self, name: str, *, scope: str = "full", lifetime_s: float | None = None
    ) -> Call[NewToken]:
        """Make a token; its text is in this answer alone. ``scope`` is full or read."""
        body = given(name=name, scope=scope, lifetime_s=lifetime_s)
        return post("/api/v2/tokens/", NewToken, body=body)

    @Verb
    def end(self, token_id: str) -> Call[Deleted]:
        """End a token, by its id or name."""
        return delete("/api/v2/tokens/{token_id}", Deleted, where={"token_id": token_id})


class Users(Noun[M_co]):
    """Accounts."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[User]]:
        """Return the users."""
        return get("/api/users/", Many[User], query={"fields": fields})

    @Verb
    def change_administrator(
        self,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        password: str | None = None,
        old_password: str | None = None,
    ) -> Call[User]:
        """Change the administrator; a new password wants the old one, and ends all sessions."""
        body = given(
            first_name=first_name,
            last_name=last_name,
            password=password,
            old_password=old_password,
        )
        return put("/api/users/admin", User, body=body, repeatable=password is None)
