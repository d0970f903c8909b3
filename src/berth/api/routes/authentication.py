"""Authenticate: a password for a session token, that for the bearer token."""

from starlette.requests import Request

from berth.api.connections.admission import note_known
from berth.api.endpoints.audit import Deed, describe_deed, describe_login
from berth.api.endpoints.auth import Needs, ServicesOf, present, principal_with
from berth.api.endpoints.login_throttle import check_login
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.responses import Indented, Json
from berth.api.schemas.users import LoginBody, TokenAnswer, UserAnswer, render_user
from berth.api.services import Services
from berth.control.accounts.sessions import open_session
from berth.control.accounts.tokens import NewBearer, replace_bearer, show_bearer
from berth.domain.records import TokenKind
from berth.runtime.ids import hash_token, new_token
from berth.runtime.secrets import Undecipherable
from berth.store.draft import Draft

endpoints = Endpoints("Authenticate", access=Access.TOKEN)

#: A login is small.
LOGIN_BYTES = 64 * 1024


@endpoints.post(
    "/api/auth",
    access=Access.PUBLIC,
    max_body=LOGIN_BYTES,
    notes=Notes(errors=("401", "429")),
)
async def log_in(body: LoginBody, request: Request, services: ServicesOf) -> Json[UserAnswer]:
    """Authenticate with name and password; the answer has a session token."""
    user = await check_login(request, body)
    note_known(request)
    token = new_token()
    login = describe_login(request, user, key="login", text="logged in")

    def open_it(draft: Draft) -> None:
        draft.record_event(login)
        open_session(
            draft, body.username, proven_hash=user.password_hash, token_hash=hash_token(token)
        )

    await services.commands.run(open_it)
    return Indented(render_user(user, session_token=token))


@endpoints.get("/api/token")
@endpoints.post("/api/token")
async def get_token(request: Request, services: ServicesOf) -> Json[TokenAnswer]:
    """Get the bearer token; the first call makes it. A named token gets itself."""
    presented = present(request, Needs(reads=True))
    if presented.token.kind in (TokenKind.BEARER, TokenKind.NAMED):
        return Indented(TokenAnswer(presented.secret))
    text, new = make_bearer(services)
    session_hash = presented.token.id
    token = await services.commands.run(lambda draft: show_bearer(draft, session_hash, new=new))
    if token.id == new.token_hash:
        return Indented(TokenAnswer(text))
    try:
        return Indented(TokenAnswer(services.secrets.decrypt(token.ciphertext)))
    except Undecipherable:  # the secret key was lost: the old token cannot be shown any more
        await services.commands.run(lambda draft: replace_bearer(draft, session_hash, new=new))
        return Indented(TokenAnswer(text))


@endpoints.post("/api/token/new")
async def new_bearer_token(request: Request, services: ServicesOf) -> Json[TokenAnswer]:
    """Get a new bearer token; the old one ends at once."""
    presented = present(request, Needs())
    text, new = make_bearer(services)
    renewal = describe_deed(
        request,
        principal_with(request, presented.token),
        deed=Deed("token_renewed", "renewed the bearer token"),
    )

    def renew(draft: Draft) -> None:
        draft.record_event(renewal)
        replace_bearer(draft, presented.token.id, new=new)

    await services.commands.run(renew)
    return Indented(TokenAnswer(text))


def make_bearer(services: Services) -> tuple[str, NewBearer]:
    """Make a bearer token, and what is kept of it."""
    text = new_token()
    kept = NewBearer(token_hash=hash_token(text), ciphertext=services.secrets.encrypt(text))
    return text, kept
