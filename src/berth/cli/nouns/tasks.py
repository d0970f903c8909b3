"""Long actions that somebody asked for."""

from typing import Annotated

import click

from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.options import Name, State, Words, fits, several
from berth.cli.resolve import find_deployment, find_task
from berth.cli.screen.problems import CommandError
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import TASKS, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Option, Stop
from berth.cli.waits.display import follow_rollout, follow_task, run

app = new_noun(__doc__)


@app.verb("ls")
def list_tasks(
    ctx: click.Context,
    words: Words = None,
    *,
    state: State = None,
    user: Annotated[list[str] | None, Option("--user", help="Of these users alone.")] = None,
) -> None:
    """List the newest tasks."""
    session = session_of(ctx)
    with session.open() as client:
        listed = client.tasks.list(state=several(state), user=several(user))
        found = [each for each in listed if fits(words, each.name, each.message, each.user)]
    table = TextTable("STATE", "WHAT", "DONE", "BEGUN", "USER", "ID", "SAYS", right=["DONE"])
    for each in found:
        begun = when(
            float(each.created_at.seconds), now=session.output.now, exact=session.common.exact
        )
        word = TASKS.get(each.status, TASKS[0])
        table.add(word, each.name, f"{each.percent} %", begun, each.user, each.id[:8], each.message)
    session.output.table(table, records=found, ids=[each.id for each in found])


@app.verb("show")
def show(ctx: click.Context, name: Name) -> None:
    """Show a task."""
    session = session_of(ctx)
    with session.open() as client:
        task = client.tasks.get(find_task(client, name))
    lines = [
        f"{task.name} ({task.id}), asked for by {task.user}",
        f"{TASKS.get(task.status, TASKS[0])}, {task.percent} %  {task.message}".rstrip(),
    ]
    session.output.record(task, lines=lines, name=task.id)


@app.verb("wait")
def wait(ctx: click.Context, name: Name) -> None:
    """Wait for a task, or until a deployment is as it should be."""
    session = session_of(ctx)
    with session.open() as client:
        try:
            task_id, deployment_id = find_task(client, name), ""
        except CommandError:
            deployment_id = find_deployment(client, name)
            task_id = client.deployments.get(deployment_id).task_id
    if deployment_id:
        raise Stop(_wait_for_deployment(session, deployment_id))

    async def work() -> int:
        async with session.open_async() as client:
            done = await follow_task(session, client, task_id=task_id)
            session.output.record(done, lines=[f"{done.name}: {done.message}"], name=done.id)
        return ExitCode.DONE

    raise Stop(run(work, hints=lambda: [f"berth tasks cancel {task_id}"], session=session))


def _wait_for_deployment(session: Session, deployment_id: str) -> int:
    async def work() -> int:
        async with session.open_async() as client:
            now = await client.deployments.get(deployment_id)
            if not now.task_id and now.current_state != now.desired_state:
                raise CommandError(
                    f"{deployment_id} is not as it should be, and no task is under way",
                    exit_code=ExitCode.FAILED, fixes=[f"berth why {deployment_id}"],
                )  # fmt: skip
            return await follow_rollout(session, client, begun=now)

    return run(work, hints=lambda: [f"berth why {deployment_id}"], session=session)


@app.verb("cancel")
def cancel(ctx: click.Context, name: Name) -> None:
    """Cancel a task; what it did stays done."""
    session = session_of(ctx)
    with session.open() as client:
        task_id = find_task(client, name)
        session.announce(f"task {task_id}")
        task = client.tasks.cancel(task_id)
    session.output.record(
        task, lines=[f"{task.name}: {task.status_description.lower()}"], name=task_id
    )
