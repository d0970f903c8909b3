"""Session: signing in and out in a browser, and the sessions of a user."""

from starlette.requests import Request

from berth.api.connections.admission import note_known
from berth.api.endpoints.audit import Deed, describe_login
from berth.api.endpoints.auth import (
    SESSION_COOKIE,
    CurrentPrincipal,
    Principal,
    ServicesOf,
    uses_of,
)
from berth.api.endpoints.callers import address_of
from berth.api.endpoints.login_throttle import check_login
from berth.api.endpoints.origin import check_origin
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.responses import Deleted, Json
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.routes.authentication import LOGIN_BYTES
from berth.api.schemas.sessions import (
    EndedSessions,
    SessionItem,
    SessionList,
    SignedIn,
    render_session,
    render_signed_in,
)
from berth.api.schemas.users import LoginBody
from berth.control.accounts.sessions import (
    Visitor,
    end_session,
    end_sessions,
    list_sessions,
    open_session,
    session_id_of,
)
from berth.domain.errors import Conflict
from berth.domain.records import Token, TokenKind
from berth.runtime.ids import hash_token, new_token
from berth.store.draft import Draft

endpoints = Endpoints("Session")

PATH = "/api/v2/session"


@endpoints.post(
    PATH,
    access=Access.PUBLIC,
    max_body=LOGIN_BYTES,
    notes=Notes(errors=("401", "403", "429")),
)
async def sign_in(body: LoginBody, request: Request, services: ServicesOf) -> Json[SignedIn]:
    """Sign in with name and password; the answer sets the console's cookie.

    Needs the header `X-Berth-Console: 1`, from a page of this address. Scripts never see the
    cookie. It ends when it was not used for the setting `session_lifetime_s`, after 30 days, and
    when the password is changed elsewhere.
    """
    check_origin(request)
    user = await check_login(request, body)
    note_known(request)
    text = new_token()
    visitor = Visitor(
        address=address_of(request),
        user_agent=request.headers.get("user-agent", ""),
    )
    login = describe_login(request, user, key="login", text="signed in with a browser")

    def open_it(draft: Draft) -> Token:
        draft.record_event(login)
        return open_session(
            draft,
            body.username,
            proven_hash=user.password_hash,
            token_hash=hash_token(text),
            visitor=visitor,
        )

    token = await services.commands.run(open_it)
    answer = Json(render_signed_in(user, token))
    answer.set_cookie(SESSION_COOKIE, text, secure=True, httponly=True, samesite="strict")
    return answer


@endpoints.get(PATH)
async def show_session(request: Request, principal: CurrentPrincipal) -> Json[SignedIn]:
    """Get who asks, and the session; with a bearer token there is none."""
    session = uses_of(request).current(principal.token) if _is_browser(principal) else None
    return Json(render_signed_in(principal.user, session))


@endpoints.delete(PATH, deed=Deed("session_ended", "signed out"), notes=Notes(errors=("409",)))
async def sign_out(services: ServicesOf, principal: CurrentPrincipal) -> Json[Deleted]:
    """Sign out: the session of the cookie ends at once."""
    if not _is_browser(principal):
        raise Conflict(
            "a bearer token has no session: POST /api/token/new puts another in its place",
            code="no_session",
        )
    session_id = session_id_of(principal.token)
    user_id = principal.user.id
    await services.commands.run(lambda draft: end_session(draft, user_id, session_id=session_id))
    answer = Json(Deleted(session_id))
    answer.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="strict")
    return answer


@endpoints.get("/api/v2/sessions/")
async def list_all_sessions(
    page: PageOf, services: ServicesOf, principal: CurrentPrincipal
) -> Json[SessionList]:
    """List the sessions of who asks, newest first."""
    uses = uses_of(page.request)
    found = list_sessions(services.store.memory.tokens, principal.user.id)
    shape = Shape(
        id_of=session_id_of,
        render=one_by_one(
            lambda token: render_session(
                uses.current(token), current=token.id == principal.token.id
            )
        ),
        kind=SessionItem,
        envelope="sessions",
        by_id=False,
    )
    return await answer_list(
        page, [token for token in found if not uses.is_ended(token)], shape=shape
    )


@endpoints.delete("/api/v2/sessions/", deed=Deed("session_ended", "ended all other sessions"))
async def end_other_sessions(
    services: ServicesOf, principal: CurrentPrincipal
) -> Json[EndedSessions]:
    """End all sessions of who asks but the one that asks."""
    user_id, keep = principal.user.id, principal.token.id
    ended = await services.commands.run(lambda draft: end_sessions(draft, user_id, keep=keep))
    return Json(EndedSessions([session_id_of(token) for token in ended]))


@endpoints.delete(
    "/api/v2/sessions/{session_id}", deed=Deed("session_ended", "ended the session {session_id}")
)
async def end_one_session(
    session_id: str, services: ServicesOf, principal: CurrentPrincipal
) -> Json[Deleted]:
    """End a session of who asks, such as that of a browser left behind."""
    user_id = principal.user.id
    await services.commands.run(lambda draft: end_session(draft, user_id, session_id=session_id))
    return Json(Deleted(session_id))


def _is_browser(principal: Principal) -> bool:
    return principal.token.kind is TokenKind.BROWSER
