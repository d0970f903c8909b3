"""Output of deployments and containers."""

import contextlib
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Annotated

import click
from rich.text import Text

from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.options import Name
from berth.cli.resolve import find_container, find_deployment
from berth.cli.screen.problems import CommandError
from berth.cli.session import Session, session_of
from berth.cli.signature import Option
from berth.client import Client, ClientError
from berth.client.records.workloads import LogLine

app = new_noun(__doc__)

#: Each container's name has one of these, so that lines are told apart.
STYLES = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")


@dataclass(frozen=True, kw_only=True)
class Which:
    """Which lines are meant, and how they are shown."""

    follow: Annotated[bool, Option("--follow", "-f", help="Go on with what is written.")] = False
    tail: Annotated[int | None, Option(min=0, help="The newest lines alone.")] = None
    since: Annotated[str, Option(help="A time, or a span such as 10m.")] = ""
    grep: Annotated[str, Option(help="Lines with this text alone, in any case.")] = ""
    service: Annotated[str, Option(help="One service of the deployment.")] = ""
    times: Annotated[bool, Option("--times", "-t", help="With the time of each line.")] = False

    def fits(self, line: LogLine) -> bool:
        """Return whether a line is meant."""
        of_service = not self.service or line.service_id == self.service
        return of_service and self.grep.lower() in line.text.lower()


@app.verb("logs")
def logs(
    ctx: click.Context,
    name: Name,
    *,
    which: Which,
) -> None:
    """Print the output of a deployment, by time, or that of a container."""
    session = session_of(ctx)
    with session.open() as client:
        lines = _lines(session, client, name=name, which=which)
        printer = Printer(session, times=which.times)
        with contextlib.closing(lines):
            for line in lines:
                if which.fits(line):
                    printer.print(line)


def _lines(
    session: Session, client: Client, *, name: str, which: Which
) -> Generator[LogLine, None, None]:
    try:
        deployment_id = find_deployment(client, name)
    except CommandError as error:
        if error.exit_code != ExitCode.NOT_FOUND:
            raise
        container = find_container(client, name)
        if which.follow:
            return client.containers.follow_logs(
                container.container_id,
                tail=which.tail,
                since=which.since,
                on_lost=_warn_of_loss(session),
            )
        output = client.containers.logs(container.container_id, tail=which.tail, since=which.since)
        return _merge(output.stdout, output.stderr, name=container.container_name)
    if which.follow:
        return client.deployments.follow_logs(
            deployment_id,
            tail=which.tail,
            since=which.since,
            on_lost=_warn_of_loss(session),
        )
    found = client.deployments.logs(deployment_id, tail=which.tail, since=which.since)
    session.output.warn(*(f"not read: {each}" for each in found.unavailable))
    return (line for line in found.lines)


def _merge(stdout: str, stderr: str, *, name: str) -> Generator[LogLine, None, None]:
    lines = [
        LogLine(time=time, stream=stream, text=text, container_name=name)
        for stream, output in (("stdout", stdout), ("stderr", stderr))
        for time, _, text in (each.partition(" ") for each in output.splitlines())
    ]
    yield from sorted(lines, key=lambda line: line.time)


def _warn_of_loss(session: Session) -> Callable[[ClientError], None]:
    def warn(error: ClientError) -> None:
        session.output.warn(f"lost the manager ({error.message}); trying again")

    return warn


class Printer:
    """Prints lines of several containers, with their names in one width."""

    def __init__(self, session: Session, *, times: bool) -> None:
        self._session = session
        self._times = times
        self._names: dict[str, str] = {}
        self._width = 0

    def print(self, line: LogLine) -> None:
        """Print a line."""
        name = f"{line.service_slot}.{line.service_id}" if line.service_id else ""
        style = self._names.setdefault(name, STYLES[len(self._names) % len(STYLES)])
        self._width = max(self._width, len(name))
        text = Text(f"{line.time[:23]} " if self._times else "", style="dim")
        if name:
            text.append(f"{name:<{self._width}}  ", style=style)
        text.append(plain(line.text), style="red" if line.stream == "stderr" else "")
        self._session.output.item(line, text)


#: What changes a terminal instead of showing something.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\r$")


def plain(text: str) -> str:
    """Leave out what would change the terminal: a container may write anything."""
    shown = _ESCAPES.sub("", text)
    return "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in shown
    )
