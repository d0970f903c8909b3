"""The token of your login."""

import click
from msgspec.structs import replace

from berth.cli import contexts as kept
from berth.cli.menu import new_noun
from berth.cli.session import session_of

app = new_noun(__doc__)


@app.verb("show")
def show(ctx: click.Context) -> None:
    """Print the bearer token; whoever has it can do all that you can."""
    session = session_of(ctx)
    with session.open() as client:
        token = client.access.show_token()
    session.output.record(token, lines=[token.token], name=token.token)


@app.verb("renew")
def renew(ctx: click.Context) -> None:
    """Make a new bearer token, and keep it in the context."""
    session = session_of(ctx)
    session.announce("bearer token")
    session.confirm(
        "Make a new token? The old one ends at once: programs and containers that use it stop working."
    )
    with session.open() as client:
        token = client.access.renew_token()
    if session.context_name:
        every = kept.read(session.environment)
        changed = replace(session.context, token=token.token)
        kept.write(every.put(session.context_name, changed), session.environment)
    session.output.record(token, lines=["the token is new"], name=token.token)
