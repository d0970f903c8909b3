"""One command as it runs: which instance it speaks to, what it prints, and what it asks."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import click

from berth.cli import contexts as kept
from berth.cli.common import Common
from berth.cli.contexts import Context, Project
from berth.cli.exits import ExitCode
from berth.cli.output import Output
from berth.cli.screen.problems import CommandError
from berth.client import Answered, AsyncClient, Client, Options, Retries
from berth.client.clock import SystemClock

#: How often a request is sent again.
PATIENCE = Retries()

NO_CONTEXT = ["berth login https://HOST:8443", "or set BERTH_URL and BERTH_TOKEN"]


class Session:
    """What a command has at hand."""

    def __init__(self, common: Common, environment: Mapping[str, str]) -> None:
        self.common = common
        self.environment = environment
        self.clock = SystemClock()
        self.output = Output(common, now=self.clock.now(), out=sys.stdout, err=sys.stderr)
        self._chosen: tuple[str, Context] | None = None
        self._project: Project | None = None

    @property
    def project(self) -> Project:
        """What the project in this folder says."""
        if self._project is None:
            self._project = kept.read_project(Path.cwd())
        return self._project

    @property
    def context(self) -> Context:
        """The instance that the command speaks to."""
        return self._choose()[1]

    @property
    def context_name(self) -> str:
        """Name of the context; "" where the environment names the instance."""
        return self._choose()[0]

    @property
    def pool(self) -> str | None:
        """The pool where none is named: of the environment, or the project."""
        return self.environment.get("BERTH_POOL") or self.project.pool or None

    def _choose(self) -> tuple[str, Context]:
        if self._chosen is None:
            self._chosen = self._find()
        return self._chosen

    def _find(self) -> tuple[str, Context]:
        url = self.environment.get("BERTH_URL", "")
        if url and not self.common.context:
            token = self.environment.get("BERTH_TOKEN", "")
            return "", self._pinned(Context(url=url, token=token))
        every = kept.read(self.environment)
        name = self.common.context or self.environment.get("BERTH_CONTEXT", "")
        name = name or self.project.context or every.current
        if not name:
            raise CommandError(
                "no instance is known yet", exit_code=ExitCode.NOT_ALLOWED, code="no_context",
                fixes=NO_CONTEXT,
            )  # fmt: skip
        return name, every.get(name)

    def _pinned(self, context: Context) -> Context:
        """Find the authority of an instance that the environment names by its fingerprint."""
        fingerprint = self.environment.get("BERTH_FINGERPRINT", "")
        if not fingerprint:
            return context
        with Client.pinned(context.url, fingerprint=fingerprint, options=self.options) as client:
            authority = client.driver.site.authority
        return Context(url=context.url, token=context.token, authority=authority)

    @property
    def options(self) -> Options:
        """How clients behave."""
        trace = self._trace if self.common.verbose else None
        return Options(agent="berth-cli", on_answer=trace, retries=PATIENCE)

    @contextlib.contextmanager
    def open(self) -> Iterator[Client]:
        """Return a client of the instance."""
        chosen = self.context
        with Client(
            chosen.url, token=chosen.token, authority=chosen.authority, options=self.options
        ) as client:
            yield client

    @contextlib.asynccontextmanager
    async def open_async(self) -> AsyncIterator[AsyncClient]:
        """Return a client of the instance that is awaited."""
        chosen = self.context
        async with AsyncClient(
            chosen.url, token=chosen.token, authority=chosen.authority, options=self.options
        ) as client:
            yield client

    def _trace(self, answered: Answered) -> None:
        status = answered.status or "no answer"
        path = answered.target.partition("?")[0]
        self.output.warn(
            f"{answered.method} {path}: {status}, {answered.seconds * 1000:.0f} ms "
            f"{answered.request_id}".rstrip()
        )

    def announce(self, what: str) -> None:
        """Say what a write is about, and on which instance; ask where the context is guarded."""
        name, chosen = self._choose()
        where = f"{name} ({chosen.url})" if name else chosen.url
        told = f", as {kept.PROJECT_FILE} says" if self._is_of_project(name) else ""
        self.output.show(f"{what} on {where}{told}")
        if chosen.guarded and self.common.yes_to != name:
            self._ask_for_name(name)

    def _is_of_project(self, name: str) -> bool:
        said = self.common.context or self.environment.get("BERTH_CONTEXT", "")
        return bool(name) and not said and self.project.context == name

    def _ask_for_name(self, name: str) -> None:
        if not can_ask():
            raise CommandError(
                f"context {name!r} is guarded", fixes=[f"say --yes={name} to write to it"]
            )
        if ask(f"{name} is guarded. Type its name to go on: ") != name:
            raise CommandError("nothing was done", exit_code=ExitCode.CANCELLED)

    def confirm(self, question: str) -> None:
        """Ask whether to go on; raises CommandError for a no."""
        if self.common.yes:
            return
        if not can_ask():
            raise CommandError(
                "nothing was done, since nobody is here to answer",
                fixes=[question, "say yes with --yes"],
            )
        if ask(f"{question} [y/N] ").lower() not in ("y", "yes"):
            raise CommandError("nothing was done", exit_code=ExitCode.CANCELLED)


def can_ask() -> bool:
    """Return whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """Ask on standard error and return the answer; none at all counts as empty."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def ask_secret(question: str) -> str:
    """Ask for something that is not shown. Raises CommandError where nobody is there."""
    import getpass

    if not can_ask():
        raise CommandError(
            f"{question.rstrip(': ')} is needed", fixes=["use a terminal, or a file"]
        )
    return getpass.getpass(question)


def session_of(ctx: click.Context) -> Session:
    """Return what a command has at hand."""
    common = ctx.obj if isinstance(ctx.obj, Common) else Common()
    return Session(common, os.environ)
