"""User: the administrator's account."""

import msgspec
from starlette.requests import Request

from berth.api.endpoints.audit import Deed, record_refused_login, use_deed
from berth.api.endpoints.auth import ServicesOf, principal_of, services_of
from berth.api.endpoints.login_throttle import guessing
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.responses import Json
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.users import UserAnswer, UserBody, render_user
from berth.control.accounts.users import UserChange, check_password, get_admin, update_admin
from berth.domain.errors import Forbidden
from berth.domain.records import User

endpoints = Endpoints("User")


@endpoints.get("/api/users/")
async def list_users(page: PageOf, services: ServicesOf) -> Json[list[UserAnswer]]:
    """List the accounts."""
    users = sorted(services.store.memory.users.values(), key=lambda user: user.id)
    shape = Shape(
        id_of=lambda user: str(user.id),
        render=one_by_one(render_user),
        kind=UserAnswer,
        by_id=False,
    )
    return await answer_list(page, users, shape=shape)


_ACCOUNT = Deed("account_changed", "changed the administrator's account")
_PASSWORD = Deed("password_changed", "changed the administrator's password")


@endpoints.put("/api/users/admin", notes=Notes(errors=("429",)))
async def update_administrator(body: UserBody, request: Request) -> Json[UserAnswer]:
    """Change the administrator's names or password; a new password ends all other sessions."""
    change = UserChange(
        first_name=body.first_name,
        last_name=body.last_name,
        kept_session=principal_of(request).token.id,
    )
    if body.password is not None:
        change = await _with_password(request, change, body=body)
    use_deed(request, _ACCOUNT if body.password is None else _PASSWORD)
    user: User = await services_of(request).commands.run(lambda draft: update_admin(draft, change))
    return Json(render_user(user))


async def _with_password(request: Request, change: UserChange, *, body: UserBody) -> UserChange:
    """Compare the old password and hash the new one, before the writer sees them."""
    services = services_of(request)
    admin = get_admin(services.store.memory.users)
    kept, new = admin.password_hash, check_password(body.password or "")
    with guessing(request, admin.username) as guess:
        guess.matched = await services.secrets.verify_password(kept, body.old_password or "")
    if not guess.matched:
        await record_refused_login(request, admin)
        raise Forbidden("the old password is wrong", code="wrong_password", field="old_password")
    hashed = await services.secrets.hash_password(new)
    return msgspec.structs.replace(change, password_hash=hashed, proven_hash=kept)
