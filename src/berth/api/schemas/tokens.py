"""Named tokens of programs."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from berth.api.http.params import Body, Line
from berth.api.http.timestamps import render_time
from berth.control.accounts.sessions import is_ended, session_id_of
from berth.domain.records import Token, TokenScope

#: Ten years.
LONGEST_LIFETIME_S = 10 * 365 * 86_400


class TokenBody(Body):
    """Body of a new token."""

    name: Annotated[
        Line,
        Field(min_length=1, max_length=100, description="What it is for; unique.", examples=["ci"]),
    ]
    scope: Annotated[
        Literal["full", "read"],
        Field(
            description="`full`: all that its user may do; `read`: nothing that changes anything."
        ),
    ] = "full"
    lifetime_s: Annotated[
        float | None,
        Field(
            gt=0,
            le=LONGEST_LIFETIME_S,
            description="Seconds after which it ends; without them it does not.",
            examples=[7_776_000],
        ),
    ] = None


class TokenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A named token, without its text."""

    token_id: str
    name: str
    scope: TokenScope
    #: Name of the user who made it, and as whom it acts.
    owner: str
    created_on: str
    last_used_on: str
    #: Never where it is the year 1.
    expires_on: str
    ended: bool
    #: Whether it is the one that asks.
    current: bool


class TokenList(msgspec.Struct, frozen=True):
    """A user's named tokens, newest first."""

    tokens: list[TokenItem]


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was just made."""

    token: TokenItem
    #: The token itself, which is shown here and never again.
    text: str


def render_token(token: Token, *, owner: str, current: bool, now: float) -> TokenItem:
    """Render a named token as it is with its last use."""
    return TokenItem(
        token_id=session_id_of(token),
        name=token.name,
        scope=token.scope,
        owner=owner,
        created_on=render_time(token.created_at),
        last_used_on=render_time(token.last_used_at or None),
        expires_on=render_time(token.expires_at),
        ended=is_ended(token, now),
        current=current,
    )
