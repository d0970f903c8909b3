"""Versions of both sides."""

import click

from berth import __version__
from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.session import session_of

app = new_noun(__doc__)


@app.verb("version")
def version(ctx: click.Context) -> None:
    """Print the version of this program, and that of the manager where there is one."""
    session = session_of(ctx)
    lines, found = [f"berth {__version__}"], {"client": __version__, "manager": ""}
    try:
        chosen = session.context
    except CommandError:
        chosen = None
    if chosen is not None:
        with session.open() as client:
            found["manager"] = client.instance.version().version
        lines.append(f"manager {found['manager']} at {chosen.url}")
        if found["manager"] != __version__:
            lines.append("the two differ: some commands may not fit the manager")
    session.output.record(found, lines=lines, name=__version__)
