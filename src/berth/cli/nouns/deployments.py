"""What is kept running."""

from typing import Annotated, Any

import click

from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.options import (
    Name,
    Names,
    NoWait,
    Pool,
    State,
    Target,
    Words,
    fits,
    read_quantities,
    several,
)
from berth.cli.resolve import find_deployment
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable, render
from berth.cli.screen.words import CONTAINERS, UNKNOWN, WAITING, deployment_state, parse_time, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument, Option, Stop
from berth.cli.waits.writes import change_deployment
from berth.client import AsyncClient, Client, Draft
from berth.client.nouns.events import Wanted
from berth.client.records.workloads import Container, Summary

app = new_noun(__doc__)


@app.verb("ls")
def list_deployments(
    ctx: click.Context, words: Words = None, *, pool: Pool = None, state: State = None
) -> None:
    """List the deployments; --state takes the words of the first column."""
    session = session_of(ctx)
    pools, states = several(pool), several(state)
    with session.open() as client:
        found = client.deployments.summarize().deployments_summary
        says = {} if session.common.for_machines else _summaries_of(client)
    table = TextTable("STATE", "NAME", "POOL", "RUNNING", "CHANGED", "SAYS")
    shown: list[Summary] = []
    for each in found:
        word = deployment_state(each.health, each.pending_state)
        said = says.get(each.deployment_id, "")
        if (pools and each.pool_id not in pools) or (states and word.word not in states):
            continue
        if not fits(words, each.deployment_id, each.deployment_name, said):
            continue
        shown.append(each)
        table.add(
            word,
            each.deployment_id,
            each.pool_id,
            f"{each.containers_running} of {each.containers_total}",
            _age(session, each.desired_state_changed_at),
            said,
        )
    session.output.table(table, records=shown, ids=[each.deployment_id for each in shown])


def _age(session: Session, text: str) -> str:
    return when(parse_time(text), now=session.output.now, exact=session.common.exact)


def _summaries_of(client: Client) -> dict[str, str]:
    """Return what is the matter with each deployment, the worst first."""
    wanted = Wanted(severity=("warning", "error", "critical"))
    said: dict[str, tuple[int, str]] = {}
    for status in client.statuses.list(wanted):
        name = status.details.get("deployment_id", "")
        if name and status.severity > said.get(name, (0, ""))[0]:
            said[name] = (status.severity, status.summary)
    return {name: text for name, (_, text) in said.items()}


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a deployment with its slots."""
    session = session_of(ctx)
    with session.open() as client:
        deployment_id = find_deployment(client, name)
        deployment = client.deployments.get(deployment_id)
        rows = (
            []
            if session.common.for_machines
            else list(client.deployments.containers(deployment_id))
        )
    created = _age(session, deployment.created_on)
    lines: list[Any] = [
        f"{deployment.deployment_name} ({deployment_id}) in pool {deployment.placement.pool_id}",
        f"generation {deployment.generation}, created {created} ago by {deployment.created_by}",
        "",
        *render(_slots(session, rows), width=session.output.width),
    ]
    said = [f"{row.container_name}: {row.message}" for row in rows if row.message]
    session.output.record(deployment, lines=[*lines, *said], name=deployment_id)


def _slots(session: Session, rows: list[Container]) -> TextTable:
    table = TextTable("STATE", "SLOT", "HOST", "HEALTH", "SINCE", "IMAGE", "ID")
    for row in rows:
        state = CONTAINERS.get(row.state, UNKNOWN if row.container_id else WAITING)
        health = "" if row.health == "none" else row.health
        since = _age(session, row.started_at)
        slot = f"{row.service_slot}.{row.service_id}"
        table.add(state, slot, row.hostname, health, since, row.image, row.container_id[:12])
    return table


@app.verb("create")
def create(
    ctx: click.Context,
    definition: Annotated[str, Argument(help="Id of a stored service or stack.")],
    *,
    target: Target,
    no_wait: NoWait = False,
) -> None:
    """Deploy a stored service or stack; to deploy a file see berth deploy."""
    session = session_of(ctx)
    draft = Draft(
        deployment_id=target.name or None,
        pool_id=target.pool or session.pool,
        quantities=target.quantities(),
        service_id=definition,
    )
    name = target.name or definition
    session.announce(name)

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.create(draft)

    raise Stop(change_deployment(session, name, write=write, wait=not no_wait))


@app.verb("change")
def change(
    ctx: click.Context,
    name: Name,
    *,
    new_name: Annotated[str, Option("--name", help="Another name to show.")] = "",
    pool: Annotated[str, Option(help="Another pool: everything is replaced there.")] = "",
    no_wait: NoWait = False,
) -> None:
    """Change the name or the pool of a deployment; to change its text see berth deploy."""
    draft = Draft(deployment_name=new_name or None, pool_id=pool or None)
    if draft == Draft():
        raise CommandError("nothing to change is named: say --name or --pool")
    _change(ctx, name, draft=draft, wait=not no_wait)


@app.verb("scale")
def scale(
    ctx: click.Context,
    name: Name,
    quantities: Annotated[list[str], Argument(metavar="SERVICE=N...")],
    *,
    no_wait: NoWait = False,
) -> None:
    """Change the number of slots: berth deployments scale shop web=4."""
    _change(ctx, name, draft=Draft(quantities=read_quantities(quantities)), wait=not no_wait)


def _change(ctx: click.Context, name: str, *, draft: Draft, wait: bool) -> None:
    session, deployment_id = _announce(ctx, name)

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.change(deployment_id, draft)

    raise Stop(change_deployment(session, deployment_id, write=write, wait=wait))


def _announce(ctx: click.Context, name: str) -> tuple[Session, str]:
    session = session_of(ctx)
    with session.open() as client:
        deployment_id = find_deployment(client, name)
    session.announce(deployment_id)
    return session, deployment_id


@app.verb("start")
def start(ctx: click.Context, name: Name, *, no_wait: NoWait = False) -> None:
    """Start a deployment with new containers."""
    session, deployment_id = _announce(ctx, name)

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.start(deployment_id)

    raise Stop(change_deployment(session, deployment_id, write=write, wait=not no_wait))


@app.verb("stop")
def stop(ctx: click.Context, name: Name, *, no_wait: NoWait = False) -> None:
    """Stop a deployment: its containers are removed."""
    session, deployment_id = _announce(ctx, name)
    session.confirm(f"Stop {deployment_id}, and remove its containers?")

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.stop(deployment_id)

    raise Stop(change_deployment(session, deployment_id, write=write, wait=not no_wait))


@app.verb("restart")
def restart(ctx: click.Context, name: Name, *, no_wait: NoWait = False) -> None:
    """Replace the containers slot by slot, with images pulled again."""
    session, deployment_id = _announce(ctx, name)

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.restart(deployment_id)

    raise Stop(change_deployment(session, deployment_id, write=write, wait=not no_wait))


@app.verb("rollback")
def roll_back(
    ctx: click.Context,
    name: Name,
    *,
    generation: Annotated[int | None, Option(min=1, help="Which one; else the one before.")] = None,
    no_wait: NoWait = False,
) -> None:
    """Return to a generation."""
    session, deployment_id = _announce(ctx, name)

    async def write(client: AsyncClient) -> Any:
        return await client.deployments.rollback(deployment_id, generation=generation)

    raise Stop(change_deployment(session, deployment_id, write=write, wait=not no_wait))


@app.verb("rm")
def remove(
    ctx: click.Context,
    names: Names,
    *,
    stop_first: Annotated[bool, Option("--stop", help="Stop it first.")] = False,
) -> None:
    """Delete stopped deployments."""
    session = session_of(ctx)
    with session.open() as client:
        found = [find_deployment(client, name) for name in names]
    session.announce(", ".join(found))
    session.confirm(f"Delete {', '.join(found)}?")
    for deployment_id in found:
        if stop_first:
            _stop_now(session, deployment_id)
        with session.open() as client:
            client.deployments.delete(deployment_id)
        session.output.show(f"{deployment_id} is deleted")


def _stop_now(session: Session, deployment_id: str) -> None:
    async def write(client: AsyncClient) -> Any:
        return await client.deployments.stop(deployment_id)

    code = change_deployment(session, deployment_id, write=write)
    if code:
        raise Stop(code)


@app.verb("generations")
def list_generations(ctx: click.Context, name: Name) -> None:
    """List what the deployment was after each of its last changes."""
    session = session_of(ctx)
    with session.open() as client:
        found = list(client.deployments.generations(find_deployment(client, name)))
    table = TextTable("GENERATION", "CREATED", "BY", "OUTCOME", "SLOTS", right=["GENERATION"])
    for each in found:
        slots = ", ".join(f"{service} {number}" for service, number in each.quantities.items())
        outcome = each.outcome or "under way"
        table.add(each.generation, _age(session, each.created_on), each.created_by, outcome, slots)
    session.output.table(table, records=found, ids=[str(each.generation) for each in found])


@app.verb("diff")
def diff(
    ctx: click.Context,
    name: Name,
    generations: Annotated[list[int] | None, Argument(metavar="[OLD [NEW]]")] = None,
) -> None:
    """Compare the texts of two generations; without numbers the last two."""
    session = session_of(ctx)
    with session.open() as client:
        found = {
            g.generation: g for g in client.deployments.generations(find_deployment(client, name))
        }
    numbers = sorted(generations or ()) or sorted(found)[-2:]
    if len(numbers) == 1 and generations:
        numbers.append(max(found, default=0))
    if len(numbers) != 2 or not found.keys() >= {*numbers}:
        kept = ", ".join(map(str, sorted(found)))
        raise CommandError(
            "there are no two such generations to compare",
            exit_code=ExitCode.NOT_FOUND,
            code="unknown_generation",
            fixes=[f"kept are: {kept}"],
        )
    old, new = (found[number] for number in numbers)
    session.output.print(
        *compare(old.content, new.content, names=[f"generation {n}" for n in numbers])
    )


def compare(old: str, new: str, *, names: list[str]) -> list[Any]:
    """Return the lines in which two texts differ."""
    import difflib

    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), fromfile=names[0], tofile=names[1], lineterm=""
    )
    return [Text(line, style=styles.get(line[:1], "")) for line in lines]


@app.verb("webhook")
def webhook(
    ctx: click.Context,
    name: Name,
    *,
    on: Annotated[bool | None, Option("--on/--off", help="Switch it.")] = None,
    renew: Annotated[bool, Option("--renew", help="Give it a new token.")] = False,
) -> None:
    """Show the webhook that restarts a deployment, or switch it."""
    session = session_of(ctx)
    with session.open() as client:
        deployment_id = find_deployment(client, name)
        if on is not None or renew:
            session.announce(f"webhook of {deployment_id}")
            client.deployments.change_webhook(
                deployment_id, enabled=on, token="" if renew else None
            )
        details = client.deployments.webhook_details(deployment_id)
    state = "on" if details.restart.enabled else "off"
    lines = [f"POST {session.context.url}{details.restart.full_url_path}", f"it is {state}"]
    lines += [
        f"{_age(session, call.at)} ago  {call.status}  {call.outcome}  {call.source}"
        for call in details.deliveries
    ]
    session.output.record(details, lines=lines, name=details.restart.full_url_path)
