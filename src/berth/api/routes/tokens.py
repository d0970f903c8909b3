"""Token: tokens with names, for programs."""

from starlette.requests import Request

from berth.api.endpoints.audit import Deed, use_deed
from berth.api.endpoints.auth import (
    CurrentPrincipal,
    Principal,
    ServicesOf,
    services_of,
    uses_of,
)
from berth.api.endpoints.idempotency import NO_STORE
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.responses import Deleted, Json
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.tokens import NewToken, TokenBody, TokenItem, TokenList, render_token
from berth.control.accounts.sessions import session_id_of
from berth.control.accounts.tokens import NamedToken, create_named, end_named, list_named
from berth.domain.records import Token, TokenScope
from berth.runtime.ids import hash_token, new_token

endpoints = Endpoints("Token")

#: Begins the text of every named token, so that people and scanners of leaks know it.
PREFIX = "berth_"


@endpoints.get("/api/v2/tokens/")
async def list_tokens(
    page: PageOf, services: ServicesOf, principal: CurrentPrincipal
) -> Json[TokenList]:
    """List the named tokens of who asks, newest first; one that ended goes soon."""
    found = list_named(services.store.memory.tokens, principal.user.id)
    shape = Shape(
        id_of=session_id_of,
        render=one_by_one(lambda token: _show(page.request, principal, token=token)),
        kind=TokenItem,
        envelope="tokens",
        by_id=False,
    )
    return await answer_list(page, found, shape=shape)


@endpoints.post("/api/v2/tokens/", notes=Notes(errors=("409",)))
async def create_token(
    body: TokenBody, request: Request, principal: CurrentPrincipal
) -> Json[NewToken]:
    """Make a token for a program; the answer shows its text, which is never shown again."""
    use_deed(request, Deed("token_made", f"made the token {_quote(body.name)}"))
    text = PREFIX + new_token()
    new = NamedToken(
        token_hash=hash_token(text),
        name=body.name,
        scope=TokenScope(body.scope),
        lifetime_s=body.lifetime_s,
    )
    token = await services_of(request).commands.run(
        lambda draft: create_named(draft, principal.token, new=new)
    )
    answer = Json(NewToken(token=_show(request, principal, token=token), text=text))
    answer.headers["Cache-Control"] = NO_STORE
    return answer


@endpoints.delete(
    "/api/v2/tokens/{token_id}", deed=Deed("token_ended", "ended the token {token_id!r}")
)
async def end_token(
    token_id: str, services: ServicesOf, principal: CurrentPrincipal
) -> Json[Deleted]:
    """End a named token of who asks, by its id or name; what it opened ends with it."""
    user_id = principal.user.id
    token = await services.commands.run(lambda draft: end_named(draft, user_id, token_id=token_id))
    return Json(Deleted(session_id_of(token)))


def _quote(name: str) -> str:
    """Write a name into the text of a deed, in which braces have a meaning."""
    return repr(name).replace("{", "{{").replace("}", "}}")


def _show(request: Request, principal: Principal, *, token: Token) -> TokenItem:
    return render_token(
        uses_of(request).current(token),
        owner=principal.user.username,
        current=token.id == principal.token.id,
        now=services_of(request).clock.now(),
    )
