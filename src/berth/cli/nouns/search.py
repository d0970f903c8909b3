"""Find a text in everything."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.screen.table import TextTable
from berth.cli.session import session_of
from berth.cli.signature import Argument, Option

app = new_noun(__doc__)


@app.verb("search")
def search(
    ctx: click.Context,
    text: Annotated[str, Argument(help="What to look for, in any case.")],
    *,
    kind: Annotated[list[str] | None, Option("--kind", help="In these kinds alone.")] = None,
) -> None:
    """Find a text in names and texts of all objects; secrets are never found."""
    session = session_of(ctx)
    with session.open() as client:
        found = client.instance.search(text, kinds=kind)
    table = TextTable("KIND", "NAME", "ID", "WHERE")
    for each in found.results:
        match = each.matches[0] if each.matches else None
        where = f"{match.field}: {match.text}" if match else ""
        table.add(each.kind, each.name, each.id, where)
    session.output.table(table, records=found.results, ids=[each.id for each in found.results])
    if found.total_results > len(found.results):
        session.output.show(f"{len(found.results)} of {found.total_results} are shown")
