"""Settings of the instance."""

from typing import Annotated, Any

import click
import msgspec

from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable
from berth.cli.session import session_of
from berth.cli.signature import Argument

app = new_noun(__doc__)


@app.verb("ls")
def list_settings(ctx: click.Context) -> None:
    """List the settings; times are in seconds."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.call("GET", "/api/v2/settings")["settings"]
    if session.common.for_machines:
        session.output.record(found, name="settings")
        return
    table = TextTable("SETTING", "VALUE")
    for name, value in found.items():
        table.add(name, f"{value:g}" if isinstance(value, float) else str(value))
    session.output.table(table, records=[found], ids=list(found))


@app.verb("set")
def set_settings(
    ctx: click.Context,
    pairs: Annotated[list[str], Argument(metavar="NAME=VALUE...")],
) -> None:
    """Change settings; they are in force at once."""
    session = session_of(ctx)
    changes = dict(_read(pair) for pair in pairs)
    session.announce("settings")
    with session.open() as client:
        found = client.instance.change_settings(changes)
    said = ", ".join(f"{name} is {value}" for name, value in changes.items())
    session.output.record(found, lines=[said], name="settings")


def _read(pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    if not equals:
        raise CommandError(f"{pair!r} is no setting: write NAME=VALUE")
    try:
        return name, msgspec.json.decode(text)
    except msgspec.DecodeError:
        return name, text
