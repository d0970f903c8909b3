"""Where images come from."""

from typing import Annotated

import click

from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.options import Name, Words, fits
from berth.cli.resolve import find_registry
from berth.cli.screen.problems import read_text
from berth.cli.screen.table import TextTable
from berth.cli.session import ask_secret, session_of
from berth.cli.signature import Argument, Option, Stop

app = new_noun(__doc__)

User = Annotated[str | None, Option("--user", help="Name of the login.")]
PasswordFile = Annotated[
    str, Option(metavar="FILE", help="Read the password from a file; - is standard input.")
]
Description = Annotated[str | None, Option(help="What it is for.")]


def read_password(user: str | None, path: str) -> str | None:
    """Return the password of a login; none where there is no login."""
    if path:
        return read_text(path)[0].rstrip("\r\n")
    return ask_secret(f"Password of {user}: ") if user else None


@app.verb("ls")
def list_registries(ctx: click.Context, words: Words = None) -> None:
    """List the registries."""
    session = session_of(ctx)
    with session.open() as client:
        found = [
            each for each in client.registries.list() if fits(words, each.url, each.description)
        ]
    table = TextTable("URL", "USER", "DESCRIPTION", "ID")
    for each in found:
        table.add(each.url, each.username, each.description, each.registry_id)
    session.output.table(table, records=found, ids=[each.registry_id for each in found])


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a registry; passwords are never shown."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.registries.get(find_registry(client, name))[0]
    lines = [
        f"{found.url} ({found.registry_id})",
        f"user  {found.username or 'none'}",
        found.description,
    ]
    session.output.record(found, lines=lines, name=found.registry_id)


@app.verb("new")
def create(
    ctx: click.Context,
    url: Annotated[str, Argument(help="Host of the registry, with a path if it has one.")],
    *,
    user: User = None,
    password_file: PasswordFile = "",
    description: Description = None,
) -> None:
    """Define a registry."""
    session = session_of(ctx)
    session.announce(f"registry {url}")
    password = read_password(user, password_file)
    with session.open() as client:
        made = client.registries.create(
            url, username=user, password=password, description=description
        )
    session.output.record(made, lines=[f"registry {made.url} is defined"], name=made.registry_id)


@app.verb("edit")
def edit(
    ctx: click.Context,
    name: Name,
    *,
    url: Annotated[str | None, Option(help="Another address.")] = None,
    user: User = None,
    password_file: PasswordFile = "",
    description: Description = None,
) -> None:
    """Change a registry; without a password the one that it has stays."""
    session = session_of(ctx)
    password = read_password(user, password_file)
    with session.open() as client:
        registry_id = find_registry(client, name)
        session.announce(f"registry {name}")
        found = client.registries.change(
            registry_id, url=url, username=user, password=password, description=description
        )[0]
    session.output.record(found, lines=[f"registry {found.url} is changed"], name=registry_id)


@app.verb("validate")
def validate(ctx: click.Context, name: Name) -> None:
    """Log in to a registry with the login that is kept."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.registries.validate(registry_id=find_registry(client, name))
    session.output.record(found, lines=[found.message], name=name)
    raise Stop(ExitCode.DONE if found.valid else ExitCode.FAILED)


@app.verb("rm")
def remove(ctx: click.Context, name: Name) -> None:
    """Delete a registry with its login."""
    session = session_of(ctx)
    with session.open() as client:
        registry_id = find_registry(client, name)
        session.announce(f"registry {name}")
        session.confirm(f"Delete registry {name} and its login?")
        client.registries.delete(registry_id)
    session.output.show(f"registry {name} is deleted")
