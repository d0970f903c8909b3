"""Deploy and check files."""

import re
from pathlib import Path
from typing import Annotated, Any

import click

from berth.cli.exits import ExitCode
from berth.cli.failures import InText
from berth.cli.menu import new_noun
from berth.cli.nouns.deployments import compare
from berth.cli.options import NoWait, Plan, Target
from berth.cli.screen.problems import CommandError, Fault, ShownProblem, read_text, render
from berth.cli.session import Session, session_of
from berth.cli.signature import Argument, Option, Stop
from berth.cli.waits.plan_text import show_plan
from berth.cli.waits.writes import change_deployment
from berth.client import AsyncClient, Draft, NotFoundError, RefusedError
from berth.client.records.workloads import Checked, Deployment

app = new_noun(__doc__)

File = Annotated[str, Argument(help="A definition; - is standard input.")]


@app.verb("deploy")
def deploy(
    ctx: click.Context,
    file: File,
    *,
    target: Target,
    plan: Plan = False,
    no_wait: NoWait = False,
) -> None:
    """Deploy a file: a new deployment, or a change of the one of that name."""
    session = session_of(ctx)
    text, source = read_text(file)
    deployment_id = target.name or session.project.deployment or _name_of(file)
    known = None
    with session.open() as client:
        try:
            known = client.deployments.get(deployment_id)
        except NotFoundError:
            known = None
    draft = Draft(
        deployment_id=None if known else deployment_id,
        pool_id=target.pool or (None if known else session.pool),
        quantities=target.quantities(),
        content=text,
    )
    try:
        if plan:
            raise Stop(_plan(session, deployment_id, known=known, draft=draft))
        code = _write(session, deployment_id, known=known, draft=draft, wait=not no_wait)
    except RefusedError as error:
        raise InText(error, text=text, name=source) from error
    raise Stop(code)


def _name_of(file: str) -> str:
    stem = Path(file).name.partition(".")[0]
    if file == "-" or not stem or stem in ("compose", "docker-compose"):
        folder = Path.cwd().name if file == "-" else Path(file).resolve().parent.name
        if file == "-" or not folder:
            raise CommandError("a text from standard input needs --name")
        return folder
    return stem


def _write(
    session: Session, deployment_id: str, *, known: Deployment | None, draft: Draft, wait: bool
) -> int:
    _show_difference(session, known, draft=draft)
    session.announce(deployment_id)

    async def write(client: AsyncClient) -> Any:
        if known is None:
            return await client.deployments.create(draft)
        return await client.deployments.change(deployment_id, draft)

    return change_deployment(session, deployment_id, write=write, wait=wait)


def _show_difference(session: Session, known: Deployment | None, *, draft: Draft) -> None:
    """Show in which lines the text differs from the one that runs."""
    if known is not None and draft.content is not None:
        names = [f"generation {known.generation}", "this file"]
        before = without_defaults(known.stack.content, written=draft.content)
        session.output.show(*compare(before, draft.content, names=names))


#: What the manager adds to a deployment's copy of a text where it says nothing of the kind.
_ADDED = re.compile(r"""\s*-\s*['"]?occs:(availability=per-pool|scheduler=random)['"]?\s*""")


def without_defaults(text: str, *, written: str) -> str:
    """Leave out what the manager added to a text, unless its author wrote the same."""
    if _ADDED.search(written):
        return text
    lines = [line for line in text.splitlines() if not _ADDED.fullmatch(line)]
    kept = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.strip() != "environment:" or _indent(following) > _indent(line)
    ]
    return "\n".join(kept)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _plan(session: Session, deployment_id: str, *, known: Deployment | None, draft: Draft) -> int:
    with session.open() as client:
        if known is None:
            planned = client.deployments.plan(draft)
        else:
            planned = client.deployments.plan_change(deployment_id, draft)
    return show_plan(session, deployment_id, planned=planned, known=known)


@app.verb("check")
def check(
    ctx: click.Context,
    file: File,
    *,
    strict: Annotated[bool, Option("--strict", help="Fail where something has no effect.")] = False,
) -> None:
    """Check a definition: what is wrong in it, and what has no effect here."""
    session = session_of(ctx)
    text, source = read_text(file)
    with session.open() as client:
        checked = client.definitions.validate(text)
    ignored = [entry for entry in checked.report if entry.outcome == "ignored"]
    failed = not checked.valid or (strict and bool(ignored))
    if session.common.for_machines:
        session.output.record(checked, name="valid" if not failed else "invalid")
    else:
        session.output.print(*_lines_of(checked, text=text, source=source))
    raise Stop(ExitCode.REFUSED if failed else ExitCode.DONE)


def _lines_of(checked: Checked, *, text: str, source: str) -> list[str]:
    if not checked.valid:
        faults = [
            Fault(message=each.message, line=each.line, column=each.column, place=each.field)
            for each in checked.errors
        ]
        problem = ShownProblem(
            message=f"{source} is no valid definition", faults=faults, text=text, name=source
        )
        return render(problem, width=0)
    lines = [f"{source} is valid: {', '.join(checked.services)}"]
    for entry in checked.report:
        place = f"{source}:{entry.line}" if entry.line else source
        lines.append(f"{place}  {entry.field} is {entry.outcome}: {entry.reason}")
    return lines
