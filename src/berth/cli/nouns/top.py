"""What containers and hosts use."""

import asyncio
from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable, render
from berth.cli.screen.words import host_state
from berth.cli.session import Session, session_of
from berth.cli.signature import Option
from berth.client import AsyncClient
from berth.client.records.instance import Host

app = new_noun(__doc__)

#: Seconds between two looks.
INTERVAL_S = 2.0


@app.verb("top")
def top(
    ctx: click.Context,
    *,
    sort: Annotated[str, Option(help="cpu, memory, containers or name.")] = "cpu",
    once: Annotated[bool, Option("--once", help="Print it once, and do not follow.")] = False,
) -> None:
    """Show what the hosts use, again and again until Ctrl-C."""
    session = session_of(ctx)
    asyncio.run(_show(session, sort=sort, once=once or not session.output.on_terminal))


async def _show(session: Session, *, sort: str, once: bool) -> None:
    async with session.open_async() as client:
        if once:
            table, records = await _read(client, sort)
            session.output.table(table, records=records, ids=[each.host_id for each in records])
            return
        from rich.live import Live
        from rich.text import Text

        with Live(console=session.output.console, auto_refresh=False, screen=True) as live:
            while True:
                table, _ = await _read(client, sort)
                lines = render(table, width=session.output.width)[: session.output.console.height]
                live.update(Text("\n").join(lines), refresh=True)
                await session.clock.rest(INTERVAL_S)


async def _read(client: AsyncClient, sort: str) -> tuple[TextTable, list[Host]]:
    """Return the hosts as a table, those that use most first."""
    keys = {
        "cpu": lambda host: -host.info.cpu,
        "memory": lambda host: -host.info.memory,
        "containers": lambda host: -host.info.running_cnts,
        "name": lambda host: host.info.hostname,
    }
    if sort not in keys:
        raise CommandError(f"{sort!r} is no order", fixes=[f"orders: {', '.join(keys)}"])
    hosts = sorted([each async for each in client.hosts.list()], key=keys[sort])
    table = TextTable(
        "NAME", "CPU", "MEMORY", "LOAD", "CONTAINERS", "POOL", "STATE",
        right=["CPU", "MEMORY", "LOAD", "CONTAINERS"],
    )  # fmt: skip
    for each in hosts:
        info = each.info
        state = host_state(active=info.is_active, duty=each.duty)
        table.add(
            info.hostname, f"{info.cpu} %", f"{info.memory} %", f"{each.load:.2f}",
            info.running_cnts, info.pool_id, state,
        )  # fmt: skip
    return table, hosts
