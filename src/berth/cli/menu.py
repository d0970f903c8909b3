"""The words of the command line: which noun is which module, loaded when it is used."""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import click

from berth.cli.common import OPTIONS
from berth.cli.signature import Verbs

#: Nouns with what they are about, in the order of the help. Each has a module of its name.
NOUNS: Mapping[str, str] = {
    "deployments": "what is kept running: list, show, change, scale, start, stop, roll back",
    "services": "stored definitions of one service",
    "stacks": "stored definitions of several services",
    "containers": "what engines run: logs, programs, start, stop, kill",
    "hosts": "machines with an engine: show, drain, pause, move",
    "pools": "sets of hosts",
    "tags": "words on hosts and pools",
    "images": "images on hosts: pull, push, tag, run, remove",
    "registries": "where images come from",
    "kv": "the key/value store",
    "catalog": "where services are reachable",
    "tasks": "long actions: show, wait, cancel",
    "settings": "settings of the instance",
    "users": "accounts and their passwords",
    "token": "the token of your login",
    "tokens": "tokens with names, for programs",
    "context": "the instances that you are logged in to",
    "completion": "completion of words in your shell",
}

#: Words of their own, with the module that has them.
WORDS: Mapping[str, tuple[str, str]] = {
    "deploy": ("deploy", "deploy a file: a new deployment, or a change of the one of that name"),
    "check": ("deploy", "check a definition: what is wrong, and what has no effect"),
    "why": ("why", "say why slots wait, or containers fail"),
    "logs": ("logs", "output of a deployment or container"),
    "exec": ("exec", "run a program in a container"),
    "wait": ("tasks", "wait for a task, or until a deployment runs"),
    "status": ("events", "what needs attention"),
    "events": ("events", "what happened"),
    "top": ("top", "what containers and hosts use, live"),
    "search": ("search", "find a text in everything"),
    "backup": ("backup", "write a backup of the configuration"),
    "restore": ("backup", "bring a backup in"),
    "login": ("login", "log in to an instance"),
    "logout": ("login", "forget the login of an instance"),
    "api": ("api", "send any request, with your login"),
    "version": ("version", "versions of both sides"),
}

#: Programs, which have options of their own.
PROGRAMS: Mapping[str, str] = {
    "manager": "run the manager",
    "agent": "run the agent of this host",
    "up": "run manager and agent together, for one machine",
    "join-token": "print the token with which hosts join",
}

PACKAGE = "berth.cli.nouns"


def load(module: str) -> Verbs:
    """Return the commands of a module."""
    app: Verbs = importlib.import_module(f"{PACKAGE}.{module}").app
    return app


class Menu(click.Group):
    """The first word of a command: a noun, or a word of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words, in the order of the help."""
        return [*WORDS, *NOUNS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load what a word stands for; a noun may stand in the singular."""
        if cmd_name in WORDS:
            return load(WORDS[cmd_name][0]).commands[cmd_name]
        noun = cmd_name if cmd_name in NOUNS else PLURALS.get(cmd_name, "")
        return load(noun) if noun else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a word that does not exist is answered with those that are close."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=2)
            meant = f"; did you mean {' or '.join(close)}?" if close else ""
            ctx.fail(f"there is no command {args[0]!r}{meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; nobody to read what it prints is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeft from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the words with what they do, and load none of them."""
        for title, listed in (
            ("Words for every day", {word: text for word, (_, text) in WORDS.items()}),
            ("Nouns, each with verbs: berth NOUN --help", NOUNS),
            ("Programs", PROGRAMS),
            ("Options of every command", OPTIONS),
        ):
            with formatter.section(title):
                formatter.write_dl(list(listed.items()))


def _singular(noun: str) -> str:
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


PLURALS = {_singular(noun): noun for noun in NOUNS if _singular(noun) != noun}


class ReaderLeft(Exception):
    """Whoever read standard output has left."""


def new_noun(module_doc: str | None) -> Verbs:
    """Return an empty set of verbs; its help is the docstring of the module."""
    return Verbs(help=module_doc, no_args_is_help=True)
