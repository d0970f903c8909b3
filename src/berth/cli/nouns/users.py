"""Accounts and their passwords."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError, read_text
from berth.cli.screen.table import TextTable
from berth.cli.session import ask_secret, session_of
from berth.cli.signature import Option

app = new_noun(__doc__)


@app.verb("ls")
def list_users(ctx: click.Context) -> None:
    """List the accounts."""
    session = session_of(ctx)
    with session.open() as client:
        found = list(client.users.list())
    table = TextTable("NAME", "FIRST NAME", "LAST NAME", "ID")
    for each in found:
        table.add(each.username, each.first_name, each.last_name, each.id)
    session.output.table(table, records=found, ids=[str(each.id) for each in found])


@app.verb("show")
def show(ctx: click.Context) -> None:
    """Show as whom you are logged in."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.sessions.show()
    kind = found.session.kind if found.session else "token"
    lines = [f"{found.user.username}, by {kind}"]
    session.output.record(found, lines=lines, name=found.user.username)


@app.verb("password")
def change_password(
    ctx: click.Context,
    *,
    file: Annotated[
        str,
        Option(metavar="FILE", help="Old and new password, a line each; - is standard input."),
    ] = "",
) -> None:
    """Change your password; it ends the sessions of browsers."""
    session = session_of(ctx)
    session.announce("password")
    if file:
        lines = read_text(file)[0].splitlines()
        if len(lines) != 2:
            raise CommandError(f"{file} must have two lines: the old and the new password")
        old, new = lines
    else:
        old, new = ask_secret("Old password: "), ask_secret("New password: ")
        if ask_secret("New password again: ") != new:
            raise CommandError("the two new passwords differ; nothing was done")
    with session.open() as client:
        client.users.change_administrator(old_password=old, password=new)
    session.output.show("the password is changed")
