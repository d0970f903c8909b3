"""Where services are reachable."""

from typing import Annotated

import click

from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.options import Words, fits
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable
from berth.cli.session import session_of
from berth.cli.signature import Option

app = new_noun(__doc__)


@app.verb("ls")
def list_services(ctx: click.Context, words: Words = None) -> None:
    """List the names in the catalog."""
    session = session_of(ctx)
    with session.open() as client:
        found = {
            name: tags for name, tags in client.catalog.services().items() if fits(words, name)
        }
    table = TextTable("SERVICE", "TAGS")
    for name, tags in sorted(found.items()):
        table.add(name, " ".join(tags))
    records = [{"service": name, "tags": tags} for name, tags in sorted(found.items())]
    session.output.table(table, records=records, ids=sorted(found))


@app.verb("show")
def show(ctx: click.Context, service: str) -> None:
    """List the entries of a name."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.catalog.entries(service)
    if not found:
        raise CommandError(
            f"service {service!r} has no entry in the catalog", exit_code=ExitCode.NOT_FOUND,
            code="unknown_entry", fixes=["berth catalog ls"],
        )  # fmt: skip
    table = TextTable("ADDRESS", "TAGS", "ID")
    for each in found:
        table.add(f"{each.address}:{each.port}", " ".join(each.tags), each.id)
    session.output.table(table, records=found, ids=[each.id for each in found])


@app.verb("register")
def register(
    ctx: click.Context,
    service: str,
    *,
    address: Annotated[str, Option(help="IP address.")],
    port: Annotated[int, Option(min=0, max=65535)],
    entry_id: Annotated[str, Option("--id", help="Id of the entry; else the name.")] = "",
    tag: Annotated[list[str] | None, Option("--tag", help="A tag; once for each.")] = None,
) -> None:
    """Add an entry, or replace the one of the same id."""
    session = session_of(ctx)
    session.announce(f"catalog entry {entry_id or service}")
    with session.open() as client:
        client.catalog.register(
            service, address=address, port=port, entry_id=entry_id or None, tags=tag or []
        )
    session.output.show(f"{entry_id or service} is registered")


@app.verb("deregister")
def deregister(ctx: click.Context, entry_id: str) -> None:
    """Remove an entry that was registered."""
    session = session_of(ctx)
    session.announce(f"catalog entry {entry_id}")
    with session.open() as client:
        client.catalog.deregister(entry_id)
    session.output.show(f"{entry_id} is deregistered")
