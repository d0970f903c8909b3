"""Programs in containers."""

from dataclasses import dataclass
from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.options import Name
from berth.cli.resolve import find_container
from berth.cli.session import session_of
from berth.cli.signature import Argument, Option, Stop
from berth.cli.waits.terminal import run_program

app = new_noun(__doc__)


@dataclass(frozen=True, kw_only=True)
class How:
    """How a program is run."""

    user: Annotated[str, Option("--user", "-u", help="Who runs it.")] = ""
    workdir: Annotated[str, Option("--workdir", "-w", help="Where it runs.")] = ""
    env: Annotated[list[str] | None, Option("--env", "-e", metavar="NAME=VALUE")] = None
    no_tty: Annotated[bool, Option("--no-tty", "-T", help="Without a terminal.")] = False


@app.verb("exec")
def execute(
    ctx: click.Context,
    name: Name,
    command: Annotated[list[str] | None, Argument(help="Behind --; else a shell.")] = None,
    *,
    how: How,
) -> None:
    """Run a program in a container; berth exec shop/web/0 -- ls -l. Exits as the program does."""
    session = session_of(ctx)
    with session.open() as client:
        container = find_container(client, name)
    variables = dict(each.partition("=")[::2] for each in how.env or ())
    code = run_program(
        session,
        container.container_id,
        command=command or ["sh"],
        tty=not how.no_tty,
        options={"user": how.user, "workdir": how.workdir, "env": variables},
    )
    raise Stop(code)
