"""Words on hosts and pools."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.resolve import find_host, find_pool
from berth.cli.screen.table import TextTable
from berth.cli.session import Session, session_of
from berth.cli.signature import Option
from berth.client import Client

app = new_noun(__doc__)

OnHost = Annotated[list[str] | None, Option("--host", help="A host.")]
OnPool = Annotated[list[str] | None, Option("--pool", help="A pool.")]


@app.verb("ls")
def list_tags(ctx: click.Context) -> None:
    """List the tags with what has them."""
    session = session_of(ctx)
    with session.open() as client:
        tags, objects = list(client.tags.list()), list(client.tags.objects())
        names = {each.host_id: each.info.hostname for each in client.hosts.list()}
    table = TextTable("TAG", "HOSTS", "POOLS")
    for tag in tags:
        having = [each for each in objects if tag in each.tags]
        hosts = sorted(names.get(each.id, each.id) for each in having if each.kind == "host")
        table.add(tag, " ".join(hosts), " ".join(each.id for each in having if each.kind == "pool"))
    session.output.table(table, records=tags, ids=tags)


@app.verb("new")
def create(ctx: click.Context, tag: str) -> None:
    """Create a tag."""
    session = session_of(ctx)
    session.announce(f"tag {tag}")
    with session.open() as client:
        made = client.tags.create(tag)
    session.output.record(made, lines=[f"tag {tag} is there"], name=tag)


@app.verb("add")
def add(ctx: click.Context, tag: str, *, host: OnHost = None, pool: OnPool = None) -> None:
    """Put a tag on hosts and pools; it is made if it is missing."""
    session = session_of(ctx)
    session.announce(f"tag {tag}")
    with session.open() as client:
        client.tags.create(tag)
        _apply(session, client, tag=tag, targets=_targets(client, host, pool=pool), on=True)


@app.verb("take")
def take(ctx: click.Context, tag: str, *, host: OnHost = None, pool: OnPool = None) -> None:
    """Take a tag off hosts and pools."""
    session = session_of(ctx)
    session.announce(f"tag {tag}")
    with session.open() as client:
        _apply(session, client, tag=tag, targets=_targets(client, host, pool=pool), on=False)


def _targets(
    client: Client, hosts: list[str] | None, *, pool: list[str] | None
) -> list[tuple[str, str]]:
    found = [("host", find_host(client, each)) for each in hosts or ()]
    return found + [("pool", find_pool(client, each)) for each in pool or ()]


def _apply(
    session: Session, client: Client, *, tag: str, targets: list[tuple[str, str]], on: bool
) -> None:
    known = {(each.kind, each.id): set(each.tags) for each in client.tags.objects()}
    for kind, object_id in targets:
        have = known.get((kind, object_id), set())
        wanted = have | {tag} if on else have - {tag}
        applied = client.tags.apply(kind, object_id, tags=sorted(wanted))
        line = f"{kind} {object_id}: {' '.join(applied.tags) or 'no tags'}"
        session.output.record(applied, lines=[line], name=object_id)


@app.verb("rm")
def remove(ctx: click.Context, tag: str) -> None:
    """Delete a tag, and take it off everything."""
    session = session_of(ctx)
    session.announce(f"tag {tag}")
    session.confirm(f"Delete tag {tag}, and take it off every host and pool?")
    with session.open() as client:
        client.tags.delete(tag)
    session.output.show(f"tag {tag} is deleted")
