"""Machines with an engine and an agent."""

from typing import Annotated, Any

import click

from berth.cli.menu import new_noun
from berth.cli.options import Name, Names, NoWait, Pool, State, Tag, Words, fits, read_span, several
from berth.cli.resolve import find_host, find_pool
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import host_state, size, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument, Option, Stop
from berth.cli.waits.writes import start_task
from berth.client import AsyncClient
from berth.client.records.instance import Host

app = new_noun(__doc__)


@app.verb("ls")
def list_hosts(
    ctx: click.Context,
    words: Words = None,
    *,
    pool: Pool = None,
    state: State = None,
    tag: Tag = None,
) -> None:
    """List the hosts."""
    session = session_of(ctx)
    with session.open() as client:
        listed = client.hosts.list(pool=several(pool), state=several(state), tag=several(tag))
        found = [each for each in listed if fits(words, each.info.hostname, each.info.ip_addresses)]
    found.sort(key=lambda each: each.info.hostname)
    table = TextTable(
        "STATE", "NAME", "POOL", "CONTAINERS", "CPU", "MEMORY", "TAGS", "ENGINE", "SAYS",
        right=["CONTAINERS", "CPU", "MEMORY"],
    )  # fmt: skip
    for each in found:
        info = each.info
        table.add(
            host_state(active=info.is_active, duty=each.duty), info.hostname, info.pool_id,
            info.running_cnts, f"{info.cpu} %", f"{info.memory} %", " ".join(each.tags or ()),
            info.docker_version, each.reason,
        )  # fmt: skip
    session.output.table(table, records=found, ids=[each.host_id for each in found])


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a host."""
    session = session_of(ctx)
    with session.open() as client:
        host = client.hosts.get(find_host(client, name))
    session.output.record(host, lines=_lines_of(session, host), name=host.host_id)


def _lines_of(session: Session, host: Host) -> list[str]:
    info = host.info
    heard = when(float(info.last_seen), now=session.output.now, exact=session.common.exact)
    lines = [
        f"{info.hostname} ({host.host_id}) in pool {info.pool_id}",
        f"state       {host_state(active=info.is_active, duty=host.duty)}, heard of {heard} ago",
        f"containers  {info.running_cnts} run, {info.num_images} images",
        f"cpu         {info.cpu} % of {info.num_cpus}, load {host.load:g}",
        f"memory      {info.memory} % of {size(info.memory_mb * 1024 * 1024)}",
        f"addresses   {info.ip_addresses}",
        f"engine      {info.docker_version}, agent {info.host_version}, up {info.uptime}",
        f"tags        {' '.join(host.tags or ()) or 'none'}",
    ]
    return [*lines, f"takes nothing: {host.reason}"] if host.reason else lines


@app.verb("stats")
def stats(ctx: click.Context, name: Name) -> None:
    """Show what a host uses now."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.hosts.stats(find_host(client, name))
    now = found.latest
    lines = ["nothing was measured yet"] if now is None else [
        f"cpu      {now.cpu_percent:.1f} %",
        f"memory   {size(now.memory_bytes)} of {size(now.memory_limit_bytes)}",
        f"network  {size(now.received_bytes_s)}/s in, {size(now.sent_bytes_s)}/s out",
        f"disks    {size(now.read_bytes_s)}/s read, {size(now.written_bytes_s)}/s written",
    ]  # fmt: skip
    session.output.record(found, lines=lines, name=found.host_id)


@app.verb("join-command")
def join_command(
    ctx: click.Context,
    *,
    rotate: Annotated[bool, Option("--rotate", help="Make a new token first.")] = False,
    lifetime: Annotated[
        str, Option("--for", metavar="SPAN", help="Make a new token that ends, such as in 1h.")
    ] = "",
    uses: Annotated[
        int, Option("--uses", metavar="N", help="Make a new token, for N hosts alone.")
    ] = 0,
) -> None:
    """Print the command with which another host joins; it holds the join token."""
    session = session_of(ctx)
    lifetime_s = read_span(lifetime) if lifetime else None
    with session.open() as client:
        if rotate or lifetime or uses:
            session.announce("join token")
            session.confirm("Make a new join token? The one before ends.")
            token = client.hosts.rotate_join_token(lifetime_s=lifetime_s, uses=uses or None)
        else:
            token = client.hosts.join_token()
    # By standard input: arguments can be read by every user of that machine.
    line = (
        f"echo {token.join_token} | berth agent --data /var/lib/berth-agent "
        f"--manager {session.context.url} --join-file -"
    )
    session.output.record(token, lines=[line], name=token.join_token)


@app.verb("drain")
def drain(ctx: click.Context, name: Name, *, no_wait: NoWait = False) -> None:
    """Let what a host runs go elsewhere; replacements start first."""
    session = session_of(ctx)
    with session.open() as client:
        host_id = find_host(client, name)
        host = client.hosts.get(host_id)
        running = list(client.containers.list(host=(host_id,), fields=("deployment_id",)))
    moving = sum(1 for each in running if each.deployment_id)
    session.announce(host.info.hostname)
    session.confirm(f"Drain {host.info.hostname}? {moving} of its containers go elsewhere.")

    async def write(client: AsyncClient) -> Any:
        return await client.hosts.drain(host_id)

    raise Stop(start_task(session, write, wait=not no_wait))


@app.verb("pause")
def pause(ctx: click.Context, names: Names) -> None:
    """Let hosts keep what they run, and take nothing new."""
    _set_duty(ctx, names, verb="pause", said="is paused")


@app.verb("activate")
def activate(ctx: click.Context, names: Names) -> None:
    """Let hosts take containers again."""
    _set_duty(ctx, names, verb="activate", said="takes containers")


def _set_duty(ctx: click.Context, names: list[str], *, verb: str, said: str) -> None:
    session = session_of(ctx)
    with session.open() as client:
        found = [find_host(client, name) for name in names]
        session.announce(", ".join(names))
        for host_id in found:
            host = getattr(client.hosts, verb)(host_id)
            session.output.record(host, lines=[f"{host.info.hostname} {said}"], name=host_id)


@app.verb("confirm")
def confirm(ctx: click.Context, name: Name) -> None:
    """Confirm to a host that this manager is right, after its data was restored."""
    session = session_of(ctx)
    with session.open() as client:
        host_id = find_host(client, name)
        session.announce(name)
        session.confirm(f"Confirm {name}? Its agent then removes what this manager does not want.")
        host = client.hosts.confirm(host_id)
    session.output.record(host, lines=[f"{host.info.hostname} obeys this manager"], name=host_id)


@app.verb("revoke")
def revoke(ctx: click.Context, name: Name) -> None:
    """Throw a host out that you no longer trust: its credential ends, its work goes elsewhere."""
    session = session_of(ctx)
    with session.open() as client:
        host_id = find_host(client, name)
        session.announce(name)
        session.confirm(f"Revoke the access of {name}? It can only come back by joining again.")
        host = client.hosts.revoke(host_id)
    lines = [
        f"{host.info.hostname} has no access any more; what runs on it goes elsewhere",
        "change what it knew: the join token (berth hosts join-command --rotate),",
        "logins of registries, passwords in definitions and keys",
    ]
    session.output.record(host, lines=lines, name=host_id)


@app.verb("move")
def move(ctx: click.Context, name: Name, pool: str) -> None:
    """Move a host to another pool; what it runs for the old one is replaced there."""
    session = session_of(ctx)
    with session.open() as client:
        host_id, pool_id = find_host(client, name), find_pool(client, pool)
        session.announce(name)
        session.confirm(f"Move {name} to pool {pool_id}? What it runs is replaced in its old pool.")
        host = client.hosts.move(host_id, pool_id)
    session.output.record(host, lines=[f"{host.info.hostname} is in pool {pool_id}"], name=host_id)


@app.verb("tag")
def tag(
    ctx: click.Context,
    name: Name,
    tags: Annotated[list[str], Argument(help="Tags to add; those with a - before are taken off.")],
) -> None:
    """Add tags to a host, or take them off: berth hosts tag h1 ssd, or berth hosts tag h1 -- -ssd."""
    session = session_of(ctx)
    with session.open() as client:
        host_id = find_host(client, name)
        have = set(client.hosts.get(host_id).tags or ())
        wanted = have | {each for each in tags if not each.startswith("-")}
        wanted -= {each[1:] for each in tags if each.startswith("-")}
        session.announce(name)
        for each in sorted(wanted - have):
            client.tags.create(each)
        applied = client.tags.apply("host", host_id, tags=sorted(wanted))
    session.output.record(
        applied, lines=[f"{name}: {' '.join(applied.tags) or 'no tags'}"], name=host_id
    )


@app.verb("rm")
def remove(ctx: click.Context, names: Names) -> None:
    """Forget hosts that are inactive or revoked."""
    session = session_of(ctx)
    with session.open() as client:
        found = [find_host(client, name) for name in names]
        session.announce(", ".join(names))
        session.confirm(f"Forget {', '.join(names)}? Their agents' credentials end.")
        for host_id in found:
            client.hosts.delete(host_id)
    session.output.show(f"{', '.join(names)} forgotten")
