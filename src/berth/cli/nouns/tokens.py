"""Tokens with names, for programs."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.options import Words, fits, read_span
from berth.cli.screen.table import TextTable
from berth.cli.session import session_of
from berth.cli.signature import Argument, Option

app = new_noun(__doc__)

#: What the API writes for a time that never was or comes.
NEVER = "0001-01-01T00:00:00Z"


@app.verb("ls")
def list_tokens(ctx: click.Context, words: Words = None) -> None:
    """List your tokens; their texts are shown nowhere."""
    session = session_of(ctx)
    with session.open() as client:
        found = [each for each in client.tokens.list() if fits(words, each.name, each.scope)]
    table = TextTable("NAME", "SCOPE", "OWNER", "MADE", "LAST USED", "ENDS", "ID")
    for each in found:
        ends = "ended" if each.ended else _time(each.expires_on)
        table.add(
            each.name, each.scope, each.owner, _time(each.created_on), _time(each.last_used_on),
            ends, each.token_id,
        )  # fmt: skip
    session.output.table(table, records=found, ids=[each.token_id for each in found])


@app.verb("new")
def create(
    ctx: click.Context,
    name: Annotated[str, Argument(help="What the token is for.")],
    *,
    read: Annotated[bool, Option("--read", help="Good for reading only.")] = False,
    lifetime: Annotated[
        str, Option("--for", metavar="SPAN", help="When it ends, such as 12h or 90d; else never.")
    ] = "",
) -> None:
    """Make a token and print it, once."""
    session = session_of(ctx)
    lifetime_s = read_span(lifetime) if lifetime else None
    session.announce(name)
    with session.open() as client:
        made = client.tokens.create(name, scope="read" if read else "full", lifetime_s=lifetime_s)
    session.output.record(made, lines=[made.text], name=made.text)


@app.verb("rm")
def remove(
    ctx: click.Context,
    names: Annotated[list[str], Argument(help="Names or ids of tokens.")],
) -> None:
    """End tokens: programs that use them stop working, and what they opened ends."""
    session = session_of(ctx)
    session.announce(", ".join(names))
    session.confirm(f"End {', '.join(names)}? Programs that use them stop working at once.")
    with session.open() as client:
        for name in names:
            client.tokens.end(name)
    session.output.show(f"{', '.join(names)} ended")


def _time(text: str) -> str:
    return "never" if text == NEVER else text[:16].replace("T", " ")
