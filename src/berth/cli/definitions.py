"""Verbs of stored definitions, which are the same for services and stacks."""

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import click

from berth.cli.failures import InText
from berth.cli.options import Name, NoWait, Words, fits
from berth.cli.resolve import find_service, find_stack
from berth.cli.screen.problems import CommandError, read_text
from berth.cli.screen.table import TextTable
from berth.cli.session import Session, can_ask, session_of
from berth.cli.signature import Argument, Option, Stop, Verbs
from berth.cli.waits.writes import change_deployment
from berth.client import AsyncClient, Client, Draft, RefusedError
from berth.client.records.workloads import Definition

#: What a file that was refused begins with, so that it can be taken out again.
MARK = "# berth: "


def add_verbs(app: Verbs, *, noun: str) -> None:
    """Add the verbs of a kind of definition to its noun."""
    verbs = DefinitionVerbs(noun)
    for name, verb in (
        ("ls", verbs.list),
        ("show", verbs.show),
        ("new", verbs.create),
        ("save", verbs.save),
        ("edit", verbs.edit),
        ("convert", verbs.convert),
        ("deploy", verbs.deploy),
        ("rm", verbs.remove),
    ):
        text = (verb.__doc__ or "").replace("NOUN", noun.removesuffix("s"))
        app.verb(name, text=text)(verb)


class DefinitionVerbs:
    """Verbs of services, or of stacks."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._find: Callable[[Client, str], str] = (
            find_service if noun == "services" else find_stack
        )

    def _of(self, client: Client) -> Any:
        return client.services if self._noun == "services" else client.stacks

    def list(self, ctx: click.Context, words: Words = None) -> None:
        """List them."""
        session = session_of(ctx)
        with session.open() as client:
            found = [
                each
                for each in self._of(client).list()
                if fits(words, each.service_id, each.service_name, each.content)
            ]
        table = TextTable("ID", "NAME", "LINES", right=["LINES"])
        for each in found:
            table.add(each.service_id, each.service_name, len(each.content.splitlines()))
        session.output.table(table, records=found, ids=[each.service_id for each in found])

    def show(self, ctx: click.Context, name: Name) -> None:
        """Print the text of a NOUN."""
        session = session_of(ctx)
        with session.open() as client:
            found = self._of(client).get(self._find(client, name))
        session.output.record(found, lines=found.content.splitlines(), name=found.service_id)

    def create(
        self,
        ctx: click.Context,
        file: Annotated[str, Argument(help="The text; - is standard input.")],
        *,
        name: Annotated[str, Option(help="Name; its id is made of it.")] = "",
    ) -> None:
        """Store a NOUN."""
        session = session_of(ctx)
        text, source = read_text(file)
        session.announce(name or source)
        chosen = name or (Path(source).stem if self._noun == "stacks" else None)
        with session.open() as client, _in_text(text, source):
            made = self._of(client).create(text, name=chosen)
        session.output.record(made, lines=[f"{made.service_id} is stored"], name=made.service_id)

    def save(
        self,
        ctx: click.Context,
        name: Name,
        *,
        file: Annotated[str, Argument(help="The text; - is standard input.")],
    ) -> None:
        """Replace the text of a NOUN; deployments keep theirs."""
        session = session_of(ctx)
        text, source = read_text(file)
        with session.open() as client:
            service_id = self._find(client, name)
            session.announce(service_id)
            with _in_text(text, source):
                saved = self._of(client).change(service_id, content=text)
        session.output.record(saved, lines=[f"{service_id} is saved"], name=service_id)

    def edit(self, ctx: click.Context, name: Name) -> None:
        """Change the text of a NOUN in $VISUAL or $EDITOR; what is wrong is offered again."""
        session = session_of(ctx)
        if not can_ask():
            raise CommandError("an editor needs a terminal", fixes=[f"berth {self._noun} save"])
        with session.open() as client:
            before = self._of(client).get(self._find(client, name))
            session.announce(before.service_id)
            saved = self._edit_until_right(session, client, before=before)
        said = "is unchanged" if saved is None else "is saved"
        session.output.show(f"{before.service_id} {said}")

    def _edit_until_right(
        self, session: Session, client: Client, *, before: Definition
    ) -> Definition | None:
        text = before.content
        while True:
            edited = without_marks(open_editor(session, text))
            if edited == before.content or not edited.strip():
                return None
            now = self._of(client).get(before.service_id)
            if now.content != before.content:
                raise CommandError(
                    f"{before.service_id} was changed by somebody else meanwhile", exit_code=6,
                    fixes=[f"your text is kept in {keep(edited)}"],
                )  # fmt: skip
            checked = client.definitions.validate(edited)
            if checked.valid:
                saved: Definition = self._of(client).change(before.service_id, content=edited)
                return saved
            text = with_marks(edited, [f"{e.line}:{e.column} {e.message}" for e in checked.errors])
            session.confirm(f"{checked.errors[0].message}. Edit it again?")

    def convert(
        self,
        ctx: click.Context,
        name: Name,
        *,
        to: Annotated[str, Option(help="yaml or docker-run.")] = "yaml",
    ) -> None:
        """Print a NOUN in another form."""
        session = session_of(ctx)
        with session.open() as client:
            text = self._of(client).get(self._find(client, name)).content
            converted = client.definitions.convert(text)
        forms = {"yaml": converted.yaml, "docker-run": converted.docker_run}
        if not forms.get(to):
            raise CommandError(f"{name} has no form {to!r}", fixes=["forms: yaml, docker-run"])
        session.output.record(converted, lines=forms[to].splitlines(), name=name)

    def deploy(
        self,
        ctx: click.Context,
        name: Name,
        *,
        as_name: Annotated[str, Option("--name", help="Id of the deployment.")] = "",
        pool: Annotated[str, Option(help="Pool to run in.")] = "",
        no_wait: NoWait = False,
    ) -> None:
        """Deploy a stored NOUN."""
        session = session_of(ctx)
        with session.open() as client:
            service_id = self._find(client, name)
        draft = Draft(
            deployment_id=as_name or None,
            pool_id=pool or session.pool,
            service_id=service_id,
            subtype=self._noun.removesuffix("s"),
        )
        session.announce(as_name or service_id)

        async def write(client: AsyncClient) -> Any:
            return await client.deployments.create(draft)

        raise Stop(change_deployment(session, as_name or service_id, write=write, wait=not no_wait))

    def remove(self, ctx: click.Context, name: Name) -> None:
        """Delete a NOUN; deployments keep their own copy."""
        session = session_of(ctx)
        with session.open() as client:
            service_id = self._find(client, name)
            session.announce(service_id)
            session.confirm(f"Delete {service_id}?")
            self._of(client).delete(service_id)
        session.output.show(f"{service_id} is deleted")


@contextlib.contextmanager
def _in_text(text: str, source: str) -> Iterator[None]:
    """Show the places of errors in the text that they are about."""
    try:
        yield
    except RefusedError as error:
        raise InText(error, text=text, name=source) from error


def open_editor(session: Session, text: str) -> str:
    """Let somebody edit a text, and return it. Raises CommandError."""
    variables = session.environment
    editor = variables.get("VISUAL") or variables.get("EDITOR") or "vi"
    with tempfile.NamedTemporaryFile("w+", suffix=".yml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        try:
            ended = subprocess.run([*shlex.split(editor), file.name], check=False)
        except (OSError, ValueError) as error:
            raise CommandError(f"the editor {editor!r} cannot be started: {error}") from None
        if ended.returncode:
            raise CommandError(f"{editor} ended with {ended.returncode}; nothing was done")
        return Path(file.name).read_text("utf-8")


def with_marks(text: str, faults: list[str]) -> str:
    """Return a text with what is wrong in it as comments at its top."""
    return "".join(f"{MARK}{fault}\n" for fault in faults) + text


def without_marks(text: str) -> str:
    """Return a text without those comments."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(MARK))


def keep(text: str) -> str:
    """Keep a text that would be lost, and return where."""
    handle, path = tempfile.mkstemp(prefix="berth-", suffix=".yml")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.abspath(path)
