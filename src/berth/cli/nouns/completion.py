"""Completion of words in your shell."""

import os
from pathlib import Path
from typing import Annotated

import click

from berth.cli.completion import render
from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument

app = new_noun(__doc__)

#: Where each shell looks, below the folder of a user's data.
PLACES = {
    "bash": "bash-completion/completions/berth",
    "fish": "fish/vendor_completions.d/berth.fish",
    "zsh": "berth/completion.zsh",
}

Shell = Annotated[str, Argument(help="bash, zsh or fish; else the one of SHELL.")]


def _shell_of(session: Session, shell: str) -> str:
    chosen = shell or Path(session.environment.get("SHELL", "")).name
    if chosen not in PLACES:
        raise CommandError(f"there is no completion for {chosen or 'an unnamed shell'!r}",
                           fixes=[f"shells: {', '.join(PLACES)}"])  # fmt: skip
    return chosen


@app.verb("show")
def show(ctx: click.Context, shell: Shell = "") -> None:
    """Print the script."""
    session = session_of(ctx)
    session.output.write(render(_shell_of(session, shell)).encode())


@app.verb("install")
def install(ctx: click.Context, shell: Shell = "") -> None:
    """Write the script where the shell looks for it."""
    session = session_of(ctx)
    chosen = _shell_of(session, shell)
    data = session.environment.get("XDG_DATA_HOME") or os.path.join(
        session.environment.get("HOME", "/"), ".local", "share"
    )
    path = Path(data) / PLACES[chosen]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(chosen), "utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from None
    session.output.show(f"{path} is written; it counts in new shells")
    if chosen == "zsh":
        session.output.show(f"add to ~/.zshrc: source {path}")
