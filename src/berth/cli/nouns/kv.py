"""The key/value store."""

import sys
from pathlib import Path
from typing import Annotated

import click

from berth.cli.definitions import open_editor
from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument, Option
from berth.client import Client
from berth.client.records.instance import KeyPair

app = new_noun(__doc__)

Key = Annotated[str, Argument(help="Name of the key, with its slashes.")]
Prefix = Annotated[str, Argument(help="What the names begin with.")]


def _get(client: Client, key: str) -> KeyPair:
    found = client.keys.read(key)
    if not found:
        raise CommandError(
            f"key {key!r} does not exist", exit_code=ExitCode.NOT_FOUND, code="unknown_key",
            fixes=["berth kv ls"],
        )  # fmt: skip
    return found[0]


@app.verb("get")
def get(ctx: click.Context, key: Key) -> None:
    """Print the value of a key, byte for byte."""
    session = session_of(ctx)
    with session.open() as client:
        found = _get(client, key)
    if session.common.for_machines:
        session.output.record(found, name=key)
        return
    session.output.write(found.value)
    if session.output.on_terminal and not found.value.endswith(b"\n"):
        session.output.write(b"\n")


@app.verb("put")
def put(
    ctx: click.Context,
    key: Key,
    value: Annotated[str, Argument(help="The value; @FILE reads it, - is standard input.")],
    *,
    cas: Annotated[
        int | None, Option(min=0, help="Only if this is its ModifyIndex; 0 if there is none.")
    ] = None,
) -> None:
    """Write a key."""
    session = session_of(ctx)
    data = _read_value(value)
    session.announce(f"key {key}")
    with session.open() as client:
        _write(client, key, data=data, cas=cas)
    session.output.show(f"key {key} is written, {len(data)} bytes")


def _write(client: Client, key: str, *, data: bytes, cas: int | None) -> None:
    if not client.keys.write(key, data, cas=cas):
        raise CommandError(
            f"key {key!r} was changed meanwhile, and is not written", exit_code=ExitCode.REFUSED,
            code="changed", fixes=[f"berth kv get {key} --json"],
        )  # fmt: skip


def _read_value(text: str) -> bytes:
    try:
        if text == "-":
            return sys.stdin.buffer.read()
        return Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()
    except OSError as error:
        raise CommandError(f"{text[1:]} cannot be read: {error.strerror}") from None


@app.verb("rm")
def remove(
    ctx: click.Context,
    key: Key,
    *,
    below: Annotated[bool, Option("--below", help="Every key that begins like that.")] = False,
) -> None:
    """Remove a key, or all keys that begin with a text."""
    session = session_of(ctx)
    session.announce(f"key {key}")
    with session.open() as client:
        if below:
            count = len(client.keys.names(key))
            session.confirm(f"Remove {count} keys below {key!r}?")
            client.keys.remove_below(key)
            session.output.show(f"{count} keys are removed")
        else:
            client.keys.remove(key)
            session.output.show(f"key {key} is removed")


@app.verb("ls")
def list_keys(ctx: click.Context, prefix: Prefix = "") -> None:
    """List keys with their sizes."""
    session = session_of(ctx)
    found = _below(session, prefix)
    table = TextTable("KEY", "BYTES", "CHANGED", right=["BYTES", "CHANGED"])
    for each in found:
        table.add(each.key, len(each.value), each.modify_index)
    session.output.table(table, records=found, ids=[each.key for each in found])


def _below(session: Session, prefix: str) -> list[KeyPair]:
    with session.open() as client:
        return client.keys.below(prefix or "")


@app.verb("tree")
def tree(ctx: click.Context, prefix: Prefix = "") -> None:
    """List keys as a tree."""
    session = session_of(ctx)
    with session.open() as client:
        names = client.keys.names(prefix)
    if session.common.for_machines:
        session.output.table(TextTable("KEY"), records=names, ids=names)
        return
    shown: tuple[str, ...] = ()
    for name in names:
        parts = tuple(name.split("/"))
        for depth, part in enumerate(parts):
            if parts[: depth + 1] != shown[: depth + 1]:
                slash = "/" if depth < len(parts) - 1 else ""
                session.output.print(f"{'  ' * depth}{part}{slash}")
        shown = parts


@app.verb("edit")
def edit(ctx: click.Context, key: Key) -> None:
    """Change the value of a key in $VISUAL or $EDITOR, unless somebody else does."""
    session = session_of(ctx)
    with session.open() as client:
        found = _get(client, key)
        try:
            before = found.value.decode()
        except UnicodeDecodeError:
            raise CommandError(f"the value of {key!r} is no text", fixes=["berth kv put"]) from None
        session.announce(f"key {key}")
        after = open_editor(session, before)
        if after == before:
            session.output.show(f"key {key} is unchanged")
            return
        _write(client, key, data=after.encode(), cas=found.modify_index)
    session.output.show(f"key {key} is written")


@app.verb("watch")
def watch(ctx: click.Context, prefix: Prefix = "") -> None:
    """Print each change of keys, until Ctrl-C."""
    session = session_of(ctx)
    with session.open() as client:
        for change in client.watch(kinds=["key"]):
            if change.type != "begin" and change.id.startswith(prefix):
                word = "removed" if change.object is None else "written"
                session.output.item(change, f"{word}  {change.id}")
