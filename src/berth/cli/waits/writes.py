"""Writes that wait: each is announced, carried out, and followed until it is true."""

from collections.abc import Awaitable, Callable

from berth.cli.exits import ExitCode
from berth.cli.session import Session
from berth.client import AsyncClient
from berth.client.records.workloads import Deployment, TaskStarted


def change_deployment(
    session: Session,
    name: str,
    *,
    write: Callable[[AsyncClient], Awaitable[Deployment]],
    wait: bool = True,
) -> int:
    """Change a deployment and follow it, and return the exit code."""
    from berth.cli.waits.display import follow_rollout, run  # loads asyncio, which reads need not

    begun: list[Deployment] = []

    async def work() -> int:
        async with session.open_async() as client:
            begun.append(await write(client))
            if wait:
                code = await follow_rollout(session, client, begun=begun[0])
                if session.common.for_machines:
                    now = await client.deployments.get(name)
                    session.output.record(now, name=name)
                return code
        session.output.record(begun[0], lines=[begun[0].task_id], name=begun[0].task_id)
        return ExitCode.DONE

    def hints() -> list[str]:
        task_id = begun[0].task_id if begun else ""
        look = f"{name} goes on; look again: berth why {name}"
        return (
            [look, f"cancel it: berth tasks cancel {task_id}"] if task_id else ["nothing was done"]
        )

    return run(work, hints=hints, session=session)


def start_task(
    session: Session,
    write: Callable[[AsyncClient], Awaitable[TaskStarted]],
    *,
    wait: bool = True,
) -> int:
    """Start a task and follow it, and return the exit code."""
    from berth.cli.waits.display import follow_task, run  # loads asyncio, which reads need not

    begun: list[str] = []

    async def work() -> int:
        async with session.open_async() as client:
            started = await write(client)
            begun.append(started.task_id)
            if not wait:
                session.output.record(started, lines=[started.task_id], name=started.task_id)
                return ExitCode.DONE
            task = await follow_task(session, client, task_id=started.task_id)
            session.output.record(task, lines=[f"{task.name}: {task.message}"], name=task.id)
            return ExitCode.DONE

    def hints() -> list[str]:
        if not begun:
            return ["nothing was done"]
        return [
            f"it goes on; look again: berth tasks wait {begun[0]}",
            f"cancel it: berth tasks cancel {begun[0]}",
        ]

    return run(work, hints=hints, session=session)
