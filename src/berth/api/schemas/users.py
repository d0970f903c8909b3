"""Users, and logging in."""

from typing import Annotated

import msgspec
from pydantic import Field

from berth.api.http.params import Body
from berth.api.http.timestamps import render_time
from berth.domain.records import User


class LoginBody(Body):
    """Body of a login."""

    username: str
    password: Annotated[str, Field(examples=["correct horse battery"])]


class UserBody(Body):
    """Body of a change of the administrator."""

    first_name: str | None = None
    last_name: str | None = None
    password: Annotated[str | None, Field(examples=["correct horse battery"])] = None
    old_password: str | None = None


class TokenAnswer(msgspec.Struct, frozen=True):
    """A bearer token."""

    token: str


class UserAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An account; ``token`` is there in the answer of a login only."""

    id: int
    first_name: str
    last_name: str
    username: str
    token: str | msgspec.UnsetType = msgspec.UNSET
    type: int = 0
    role: int = 0
    group: str = ""
    last_password_reset_date: str


def render_user(user: User, *, session_token: str | None = None) -> UserAnswer:
    """Render an account, with its session token after a login."""
    return UserAnswer(
        id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username,
        token=msgspec.UNSET if session_token is None else session_token,
        last_password_reset_date=render_time(user.password_changed_at),
    )
