"""Images on hosts."""

from typing import Annotated, Any

import click

from berth.cli.menu import new_noun
from berth.cli.options import Host, NoWait, Words, fits, several
from berth.cli.resolve import find_host
from berth.cli.screen.problems import read_text
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import size, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument, Option, Stop
from berth.cli.waits.writes import start_task
from berth.client import AsyncClient

app = new_noun(__doc__)

Image = Annotated[str, Argument(help="Name of the image, with its registry.")]
OneHost = Annotated[str, Option("--host", help="Name or id of the host.")]


@app.verb("ls")
def list_images(ctx: click.Context, words: Words = None, *, host: Host = None) -> None:
    """List the images of all hosts, a row for each host and name."""
    session = session_of(ctx)
    with session.open() as client:
        found = [
            each
            for each in client.images.list(host=several(host))
            if fits(words, *each.image.repo_tags, each.image.id, each.hostname)
        ]
    table = TextTable("NAME", "HOST", "SIZE", "CREATED", "ID", right=["SIZE"])
    for each in found:
        name = each.image.repo_tags[0] if each.image.repo_tags else "(no name)"
        created = when(
            float(each.image.created), now=session.output.now, exact=session.common.exact
        )
        table.add(name, each.hostname, size(each.image.size), created, each.image.id[7:19])
    session.output.table(table, records=found, ids=[each.image.id for each in found])


@app.verb("show")
def show(ctx: click.Context, image: Image, *, host: OneHost) -> None:
    """Show an image of a host with its history."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.images.get(image, find_host(client, host))
    layers = found.history if isinstance(found.history, list) else []
    lines = [f"{image} on {found.hostname}"]
    lines += [
        f"{size(layer.get('Size') or 0):>8}  {layer.get('CreatedBy') or ''}"
        for layer in layers
        if isinstance(layer, dict)
    ]
    session.output.record(found, lines=lines, name=image)


@app.verb("pull")
def pull(ctx: click.Context, image: Image, *, host: OneHost, no_wait: NoWait = False) -> None:
    """Pull an image to a host."""
    session, host_id = _announce(ctx, image, host=host)

    async def write(client: AsyncClient) -> Any:
        return await client.images.pull(image, host_id)

    raise Stop(start_task(session, write, wait=not no_wait))


@app.verb("push")
def push(ctx: click.Context, image: Image, *, host: OneHost, no_wait: NoWait = False) -> None:
    """Push an image from a host to the registry in its name."""
    session, host_id = _announce(ctx, image, host=host)

    async def write(client: AsyncClient) -> Any:
        return await client.images.push(image, host_id)

    raise Stop(start_task(session, write, wait=not no_wait))


@app.verb("tag")
def tag(
    ctx: click.Context,
    image: Image,
    new_name: Annotated[str, Argument(help="Another name, with or without a tag.")],
    *,
    host: OneHost,
    no_wait: NoWait = False,
) -> None:
    """Add another name to an image of a host."""
    session, host_id = _announce(ctx, image, host=host)
    head, colon, last = new_name.rpartition(":")
    named = bool(colon) and "/" not in last
    repository, word = (head, last) if named else (new_name, "latest")

    async def write(client: AsyncClient) -> Any:
        return await client.images.tag(image, host_id, repository=repository, tag=word)

    raise Stop(start_task(session, write, wait=not no_wait))


@app.verb("run")
def run(
    ctx: click.Context,
    image: Image,
    *,
    host: OneHost,
    file: Annotated[str, Option(help="A definition that says how; - is standard input.")] = "",
    no_wait: NoWait = False,
) -> None:
    """Run a container of an image, once and without a deployment."""
    content = read_text(file)[0] if file else None
    session, host_id = _announce(ctx, image, host=host)

    async def write(client: AsyncClient) -> Any:
        return await client.images.run(image, host_id, content=content)

    raise Stop(start_task(session, write, wait=not no_wait))


@app.verb("rm")
def remove(ctx: click.Context, image: Image, *, host: OneHost, no_wait: NoWait = False) -> None:
    """Remove a name of an image from a host, and the image with its last name."""
    session, host_id = _announce(ctx, image, host=host)
    session.confirm(f"Remove {image} from {host}?")

    async def write(client: AsyncClient) -> Any:
        return await client.images.remove(image, host_id)

    raise Stop(start_task(session, write, wait=not no_wait))


def _announce(ctx: click.Context, image: str, *, host: str) -> tuple[Session, str]:
    session = session_of(ctx)
    with session.open() as client:
        host_id = find_host(client, host)
    session.announce(f"{image} on host {host}")
    return session, host_id
