"""Sets of hosts."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.options import Name, Words, fits
from berth.cli.resolve import find_pool
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import host_state
from berth.cli.session import session_of
from berth.cli.signature import Option

app = new_noun(__doc__)

Shown = Annotated[str | None, Option("--name", help="Name to show.")]
Description = Annotated[str | None, Option(help="What it is for.")]


@app.verb("ls")
def list_pools(ctx: click.Context, words: Words = None) -> None:
    """List the pools."""
    session = session_of(ctx)
    with session.open() as client:
        found = [
            each
            for each in client.pools.list()
            if fits(words, each.id, each.name, each.description)
        ]
    table = TextTable(
        "POOL", "NAME", "HOSTS", "CPU", "MEMORY", "TAGS", "DESCRIPTION", right=["CPU", "MEMORY"]
    )
    for each in found:
        table.add(
            each.id, each.name, f"{each.active_hosts} of {each.total_hosts}",
            f"{each.resources.cpu_percent} %", f"{each.resources.memory_percent} %",
            " ".join(each.tags or ()), each.description,
        )  # fmt: skip
    session.output.table(table, records=found, ids=[each.id for each in found])


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a pool."""
    session = session_of(ctx)
    with session.open() as client:
        pool = client.pools.get(find_pool(client, name))
    lines = [
        f"{pool.name} ({pool.id}) {pool.description}".rstrip(),
        f"hosts   {pool.active_hosts} of {pool.total_hosts} active",
        f"memory  {pool.resources.memory_used} of {pool.resources.memory_max} MB",
        f"tags    {' '.join(pool.tags or ()) or 'none'}",
    ]
    session.output.record(pool, lines=lines, name=pool.id)


@app.verb("hosts")
def list_hosts(ctx: click.Context, name: Name) -> None:
    """List the hosts of a pool."""
    session = session_of(ctx)
    with session.open() as client:
        found = list(client.pools.hosts(find_pool(client, name)))
    table = TextTable("STATE", "NAME", "CONTAINERS", "TAGS", right=["CONTAINERS"])
    for each in found:
        state = host_state(active=each.info.is_active, duty=each.duty)
        table.add(state, each.info.hostname, each.info.running_cnts, " ".join(each.tags or ()))
    session.output.table(table, records=found, ids=[each.host_id for each in found])


@app.verb("new")
def create(
    ctx: click.Context, pool_id: str, *, name: Shown = None, description: Description = None
) -> None:
    """Create a pool."""
    session = session_of(ctx)
    session.announce(f"pool {pool_id}")
    with session.open() as client:
        pool = client.pools.create(pool_id, name=name, description=description)
    session.output.record(pool, lines=[f"pool {pool.id} is created"], name=pool.id)


@app.verb("edit")
def edit(
    ctx: click.Context, pool: Name, *, name: Shown = None, description: Description = None
) -> None:
    """Change the name or the description of a pool."""
    session = session_of(ctx)
    with session.open() as client:
        pool_id = find_pool(client, pool)
        session.announce(f"pool {pool_id}")
        changed = client.pools.change(pool_id, name=name, description=description)
    session.output.record(changed, lines=[f"pool {pool_id} is changed"], name=pool_id)


@app.verb("rm")
def remove(ctx: click.Context, name: Name) -> None:
    """Delete a pool without hosts and deployments."""
    session = session_of(ctx)
    with session.open() as client:
        pool_id = find_pool(client, name)
        session.announce(f"pool {pool_id}")
        session.confirm(f"Delete pool {pool_id}?")
        client.pools.delete(pool_id)
    session.output.show(f"pool {pool_id} is deleted")
