"""Backups of the configuration."""

import os
import sys
from pathlib import Path
from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError, read_text
from berth.cli.session import session_of
from berth.cli.signature import Argument, Option
from berth.client.records.instance import Import

app = new_noun(__doc__)

PassphraseFile = Annotated[
    str, Option(metavar="FILE", help="Passphrase of the secrets in it; - is standard input.")
]


def _read_passphrase(path: str) -> str:
    return read_text(path)[0].rstrip("\r\n") if path else ""


@app.verb("backup")
def back_up(
    ctx: click.Context,
    file: Annotated[str, Argument(help="Where to write it; - is standard output.")],
    *,
    passphrase_file: PassphraseFile = "",
) -> None:
    """Write a backup; without a passphrase its secrets are left out."""
    session = session_of(ctx)
    with session.open() as client:
        data = client.instance.export(passphrase=_read_passphrase(passphrase_file))
    if file == "-":
        session.output.write(data)
        return
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "wb") as target:
            target.write(data)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None
    session.output.show(f"{file} is written, {len(data)} bytes")


@app.verb("restore")
def restore(
    ctx: click.Context,
    file: Annotated[str, Argument(help="A backup; - is standard input.")],
    *,
    passphrase_file: PassphraseFile = "",
    replace: Annotated[
        bool, Option("--replace", help="Remove what the backup does not have.")
    ] = False,
    start: Annotated[bool, Option("--start", help="Start what ran at the backup.")] = False,
    plan: Annotated[bool, Option("--plan", help="Print the changes, and do nothing.")] = False,
) -> None:
    """Bring a backup in: all of it or nothing. The changes are shown first."""
    session = session_of(ctx)
    data, passphrase = _read(file), _read_passphrase(passphrase_file)
    mode = "replace" if replace else "merge"
    with session.open() as client:
        planned = client.instance.restore(
            data, passphrase=passphrase, mode=mode, start=start, dry_run=True
        )
        if plan:
            session.output.record(planned, lines=_describe(planned), name=file)
            return
        session.announce(f"backup {file}")
        session.output.show(*_describe(planned))
        session.confirm("Bring it in?")
        done = client.instance.restore(data, passphrase=passphrase, mode=mode, start=start)
    session.output.record(done, lines=["done"], name=file)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None


def _describe(planned: Import) -> list[str]:
    lines = [f"  {each.action}  {each.kind}  {each.id}" for each in planned.changes or ()]
    lines += [f"  left out  {each.kind}  {each.id}: {each.reason}" for each in planned.skipped]
    lines += [f"  secret missing  {each}" for each in planned.missing_secrets or ()]
    return lines or ["  nothing changes"]
