"""What engines run."""

from typing import Annotated, Any

import click

from berth.cli.menu import new_noun
from berth.cli.options import (
    Deployment,
    Host,
    Name,
    Names,
    NoWait,
    Pool,
    State,
    Words,
    fits,
    several,
)
from berth.cli.resolve import find_container
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import CONTAINERS, UNKNOWN, parse_time, size, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Option
from berth.cli.waits.writes import start_task
from berth.client import AsyncClient

app = new_noun(__doc__)

#: Members of the list; the engine's documents are left out, which are most of it.
FIELDS = (
    "container_id", "container_name", "deployment_id", "service_id", "service_slot", "hostname",
    "host_id", "host_group", "state", "health", "image", "started_at", "message", "failures",
)  # fmt: skip


@app.verb("ls")
def list_containers(
    ctx: click.Context,
    words: Words = None,
    *,
    deployment: Deployment = None,
    host: Host = None,
    pool: Pool = None,
    state: State = None,
) -> None:
    """List the containers of all hosts."""
    session = session_of(ctx)
    with session.open() as client:
        listed = client.containers.list(
            deployment=several(deployment),
            host=several(host),
            pool=several(pool),
            state=several(state),
            fields=() if session.common.json else FIELDS,
        )
        found = [
            each
            for each in listed
            if fits(words, each.container_name, each.image, each.hostname, each.message)
        ]
    table = TextTable("STATE", "NAME", "HOST", "IMAGE", "HEALTH", "SINCE", "ID", "SAYS")
    for each in found:
        word = CONTAINERS.get(each.state, UNKNOWN)
        since = when(
            parse_time(each.started_at), now=session.output.now, exact=session.common.exact
        )
        health = "" if each.health == "none" else each.health
        table.add(
            word, each.container_name, each.hostname, each.image, health, since,
            each.container_id[:12], each.message,
        )  # fmt: skip
    session.output.table(table, records=found, ids=[each.container_id for each in found])


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a container as its engine describes it."""
    session = session_of(ctx)
    with session.open() as client:
        found = find_container(client, name)
        document = client.containers.document(found.container_id, found.host_id)
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document.container), indent=2).decode()
    session.output.record(document, lines=[text], name=found.container_id)


@app.verb("stats")
def stats(ctx: click.Context, name: Name) -> None:
    """Show what a container uses now."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.containers.stats(find_container(client, name).container_id)
    now = found.latest
    lines = ["nothing was measured yet"] if now is None else [
        f"cpu      {now.cpu_percent:.1f} %",
        f"memory   {size(now.memory_bytes)} of {size(now.memory_limit_bytes)}",
        f"network  {size(now.received_bytes_s)}/s in, {size(now.sent_bytes_s)}/s out",
        f"disks    {size(now.read_bytes_s)}/s read, {size(now.written_bytes_s)}/s written",
    ]  # fmt: skip
    session.output.record(found, lines=lines, name=found.container_id)


def _act(ctx: click.Context, names: list[str], *, verb: str, wait: bool, ask: bool = False) -> None:
    """Act on containers, one task after the other."""
    session = session_of(ctx)
    with session.open() as client:
        found = [find_container(client, name) for name in names]
    shown = ", ".join(each.container_name for each in found)
    session.announce(shown)
    if ask:
        session.confirm(f"{verb.capitalize()} {shown}?")
    for each in found:
        _act_on_one(session, each.container_id, verb=verb, wait=wait)


def _act_on_one(session: Session, container_id: str, *, verb: str, wait: bool) -> None:
    async def write(client: AsyncClient) -> Any:
        return await getattr(client.containers, verb)(container_id)

    start_task(session, write, wait=wait)


@app.verb("start")
def start(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Start stopped containers."""
    _act(ctx, names, verb="start", wait=not no_wait)


@app.verb("stop")
def stop(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Stop containers; those of running deployments are replaced."""
    _act(ctx, names, verb="stop", wait=not no_wait)


@app.verb("kill")
def kill(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Kill containers; those of running deployments are replaced."""
    _act(ctx, names, verb="kill", wait=not no_wait, ask=True)


@app.verb("restart")
def restart(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Stop containers and start them again under the same ids."""
    _act(ctx, names, verb="restart", wait=not no_wait)


@app.verb("pause")
def pause(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Freeze containers."""
    _act(ctx, names, verb="pause", wait=not no_wait)


@app.verb("unpause")
def unpause(ctx: click.Context, names: Names, *, no_wait: NoWait = False) -> None:
    """Let paused containers go on."""
    _act(ctx, names, verb="unpause", wait=not no_wait)


@app.verb("rm")
def remove(
    ctx: click.Context,
    names: Names,
    *,
    force: Annotated[bool, Option("--force", help="Running ones too.")] = False,
    no_wait: NoWait = False,
) -> None:
    """Remove stopped containers."""
    session = session_of(ctx)
    with session.open() as client:
        found = [find_container(client, name) for name in names]
    shown = ", ".join(each.container_name for each in found)
    session.announce(shown)
    session.confirm(f"Remove {shown}?")
    for each in found:
        _remove_one(session, each.container_id, force=force, wait=not no_wait)


def _remove_one(session: Session, container_id: str, *, force: bool, wait: bool) -> None:
    async def write(client: AsyncClient) -> Any:
        return await client.containers.remove(container_id, force=force)

    start_task(session, write, wait=wait)
