"""Follows what was asked for to its end, and shows how far it is."""

import asyncio
import contextlib
import datetime
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import msgspec

from berth.cli.exits import ExitCode
from berth.cli.screen.problems import CommandError
from berth.cli.screen.progress import KINDS, Rollout, summarize_reasons, task_line
from berth.cli.screen.words import many
from berth.cli.session import Session
from berth.client import AsyncClient, Change, ClientError, NotFoundError
from berth.client.nouns.events import CANCELLED, FAILED
from berth.client.records.workloads import Deployment, Task

T = TypeVar("T")

#: How often the time on the screen goes on, in seconds.
TICK_S = 1.0

#: Numbers of statuses in which a task has ended.
CLOSED = (3, 4, 5)

#: Lines of a failed container that are shown.
LAST_LINES = 20


def run(work: Callable[[], Awaitable[T]], *, hints: Callable[[], list[str]], session: Session) -> T:
    """Run something that is awaited; Ctrl-C leaves what it waits for, and says how to look again."""

    async def begin() -> T:
        return await work()

    try:
        return asyncio.run(begin())
    except KeyboardInterrupt:
        session.output.warn("", *hints())
        raise


class Screen:
    """Where progress is shown: redrawn on a terminal, line by line elsewhere."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.silent = session.common.for_machines
        self._live = None
        if session.output.on_terminal and not self.silent:
            from rich.live import Live

            self._live = Live(console=session.output.console, auto_refresh=False)

    def __enter__(self) -> "Screen":
        """Begin to draw."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave what was drawn last."""
        if self._live is not None:
            self._live.stop()

    def show(self, lines: Callable[[int], list[str]], news: Callable[[str], list[str]]) -> None:
        """Draw: lines of a width on a terminal, or else what is new at a time."""
        if self.silent:
            return
        if self._live is None:
            now = datetime.datetime.fromtimestamp(self._session.clock.now(), datetime.UTC)
            self._session.output.print(*news(f"{now.astimezone():%H:%M:%S}"))
        else:
            from rich.text import Text

            width = self._session.output.console.width
            text = Text("\n".join(lines(width)), no_wrap=True, overflow="crop")
            self._live.update(text, refresh=True)


async def follow_rollout(session: Session, client: AsyncClient, *, begun: Deployment) -> int:
    """Show how a deployment gets where it should be, and return the exit code."""
    rollout = Rollout(begun, began_at=session.clock.monotonic())
    if not begun.task_id:
        session.output.show("nothing to do: it is as it should be")
        return ExitCode.DONE
    deadline = _deadline(session)
    changes = _changes(session, client, deadline=deadline, kinds=KINDS)
    with Screen(session) as screen:
        async with contextlib.aclosing(changes):
            async for change in changes:
                if change is not None and not await _take(client, rollout, change=change):
                    continue
                screen.show(
                    lambda width: rollout.screen(now=session.clock.monotonic(), width=width),
                    lambda clock: rollout.news(clock=clock),
                )
                if rollout.task is not None and rollout.task.status in CLOSED:
                    break
                if deadline is not None and session.clock.monotonic() >= deadline:
                    return _report_timeout(session, rollout)
    return await _report_end(session, client, rollout=rollout)


async def _take(client: AsyncClient, rollout: Rollout, *, change: Change) -> bool:
    if change.type != "begin":
        return rollout.take(change)
    name = rollout.deployment.deployment_id
    try:
        deployment = await client.deployments.get(name)
        containers = [each async for each in client.deployments.containers(name)]
        waiting = [each async for each in client.deployments.list_waiting(deployment=(name,))]
    except NotFoundError:
        deployment, containers, waiting = rollout.deployment, [], []
    task = await client.tasks.get(rollout.task_id)
    rollout.load(deployment, containers, waiting=waiting, task=task)
    return True


def _deadline(session: Session) -> float | None:
    timeout_s = session.common.timeout_s
    return None if timeout_s is None else session.clock.monotonic() + timeout_s


async def _changes(
    session: Session, client: AsyncClient, *, deadline: float | None, kinds: tuple[str, ...]
) -> AsyncGenerator[Change | None, None]:
    """Return changes as they come, and none at each tick."""
    waiting: asyncio.Queue[Change | ClientError] = asyncio.Queue(1000)

    def warn_of_loss(error: ClientError) -> None:
        session.output.warn(f"lost the manager ({error.message}); trying again")

    async def read() -> None:
        try:
            async for change in client.watch(kinds=kinds, on_lost=warn_of_loss):
                await waiting.put(change)
        except ClientError as error:
            await waiting.put(error)

    reading = asyncio.create_task(read())
    try:
        while True:
            tick_s = TICK_S
            if deadline is not None:
                tick_s = min(TICK_S, max(0.0, deadline - session.clock.monotonic()))
            try:
                item = await asyncio.wait_for(waiting.get(), tick_s)
            except TimeoutError:
                yield None
                continue
            if isinstance(item, ClientError):
                raise item
            yield item
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading


def _report_timeout(session: Session, rollout: Rollout) -> int:
    name = rollout.deployment.deployment_id
    for (service, reason), slots in summarize_reasons(rollout.waiting).items():
        verb = "waits" if len(slots) == 1 else "wait"
        session.output.warn(f"{many(len(slots), 'slot')} of {service} {verb}: {reason}")
    session.output.warn(f"{name} goes on without you; berth why {name}")
    return ExitCode.WAITS if rollout.waiting else ExitCode.TIMEOUT


async def _report_end(session: Session, client: AsyncClient, *, rollout: Rollout) -> int:
    """Say how it ended, and return the exit code."""
    task, name = rollout.task, rollout.deployment.deployment_id
    if task is None or task.status not in (CANCELLED, FAILED):
        word = "is stopped" if rollout.stopping else "runs"
        session.output.show(f"{name} {word}: generation {rollout.deployment.generation}")
        return ExitCode.DONE
    session.output.warn(f"berth: {task.name} {task.status_description.lower()}: {task.message}")
    if task.status == CANCELLED:
        return ExitCode.CANCELLED
    await _report_failure(session, client, rollout=rollout)
    return ExitCode.FAILED


async def _report_failure(session: Session, client: AsyncClient, *, rollout: Rollout) -> None:
    """Say what the failed container wrote last, and what the deployment returns to."""
    name, bad = rollout.deployment.deployment_id, rollout.failing()
    if bad is not None:
        with contextlib.suppress(ClientError):
            logs = await client.deployments.logs(name, tail=1000, timestamps=False)
            said = [
                line.text
                for line in logs.lines
                if (line.service_id, line.service_slot) == (bad.service_id, bad.service_slot)
            ]
            session.output.warn(*(f"  {text}" for text in said[-LAST_LINES:]))
    with contextlib.suppress(ClientError):
        now = await client.deployments.get(name)
        if now.rollout == "rollback" and now.generation != rollout.deployment.generation:
            session.output.warn(f"it returns to what it was, as generation {now.generation}")
    session.output.warn(f"berth why {name}")


class TaskView:
    """A task as it is shown while it runs."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._told = ""

    def lines(self, width: int) -> list[str]:
        """Return the line of a terminal."""
        return [task_line(self.task, width=width)]

    def news(self, clock: str) -> list[str]:
        """Return a line for a log, if the task says something new."""
        if self.task.message == self._told:
            return []
        self._told = self.task.message
        return [f"{clock} {self.task.percent} % {self.task.message}"]

    def take(self, change: Change) -> None:
        """Take a change of the task."""
        if change.id == self.task.id and change.object is not None:
            self.task = msgspec.convert(change.object, Task)


async def follow_task(session: Session, client: AsyncClient, *, task_id: str) -> Task:
    """Show how far a task is, and return it when it has ended.

    Raises CommandError when it did not end well, or the time is over.
    """
    view = TaskView(await client.tasks.get(task_id))
    if view.task.status not in CLOSED:
        await _follow_open_task(session, client, view=view)
    task = view.task
    if task.status == FAILED:
        raise CommandError(f"{task.name} failed: {task.message}", exit_code=ExitCode.FAILED)
    if task.status == CANCELLED:
        raise CommandError(f"{task.name} was cancelled", exit_code=ExitCode.CANCELLED)
    return task


async def _follow_open_task(session: Session, client: AsyncClient, *, view: TaskView) -> None:
    deadline = _deadline(session)
    changes = _changes(session, client, deadline=deadline, kinds=("task",))
    with Screen(session) as screen:
        async with contextlib.aclosing(changes):
            async for change in changes:
                if change is not None and change.type == "begin":
                    view.task = await client.tasks.get(view.task.id)
                elif change is not None:
                    view.take(change)
                screen.show(view.lines, view.news)
                if view.task.status in CLOSED:
                    return
                if deadline is not None and session.clock.monotonic() >= deadline:
                    task = view.task
                    raise CommandError(
                        f"{task.name} goes on: {task.percent} %, {task.message}",
                        exit_code=ExitCode.TIMEOUT,
                        fixes=[f"berth tasks wait {task.id}"],
                    )
