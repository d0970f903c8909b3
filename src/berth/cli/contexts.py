"""Contexts: the instances that somebody logged in to, in a file that only they can read."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from berth.cli.screen.problems import CommandError

FILE = "contexts.toml"

#: A project's own choices, in the folder that a command is run in.
PROJECT_FILE = "berth.toml"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """An instance, and as whom to speak to it."""

    url: str
    token: str = ""
    user: str = ""
    #: Certificate of the instance's authority as PEM; "" trusts what the system trusts.
    authority: str = ""
    #: Whether each write asks for the context's name.
    guarded: bool = False


class Contexts(msgspec.Struct, frozen=True, kw_only=True):
    """All contexts by name, and which is the current one."""

    current: str = ""
    contexts: Mapping[str, Context] = {}

    def get(self, name: str) -> Context:
        """Return a context. Raises CommandError."""
        found = self.contexts.get(name)
        if found is None:
            names = ", ".join(sorted(self.contexts)) or "none"
            raise CommandError(
                f"there is no context {name!r}",
                exit_code=5,
                code="unknown_context",
                fixes=[f"contexts: {names}", "berth context ls"],
            )
        return found

    def put(self, name: str, context: Context, *, use: bool = False) -> "Contexts":
        """Return them with one more, or another in place of one."""
        current = name if use or not self.current else self.current
        return Contexts(current=current, contexts={**self.contexts, name: context})

    def without(self, name: str) -> "Contexts":
        """Return them without one."""
        rest = {each: context for each, context in self.contexts.items() if each != name}
        return Contexts(current="" if self.current == name else self.current, contexts=rest)


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """What a project says of itself."""

    context: str = ""
    pool: str = ""
    deployment: str = ""


def check_name(name: str) -> str:
    """Return a name that a context may have. Raises CommandError."""
    if not _NAME.fullmatch(name):
        raise CommandError(f"{name!r} is no name of a context: use letters, digits, '.', '_', '-'")
    return name


def folder(environment: Mapping[str, str]) -> Path:
    """Return where contexts are kept. Raises CommandError."""
    chosen = environment.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(chosen):
        return Path(chosen) / "berth"
    home = environment.get("HOME", "")
    if not os.path.isabs(home):
        raise CommandError(
            "there is no HOME to keep contexts in",
            fixes=["set HOME or XDG_CONFIG_HOME, or BERTH_URL and BERTH_TOKEN"],
        )
    return Path(home) / ".config" / "berth"


def read(environment: Mapping[str, str]) -> Contexts:
    """Return the contexts; none where none were kept. Raises CommandError."""
    path = folder(environment) / FILE
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(found, Contexts)
    except (FileNotFoundError, NotADirectoryError):
        return Contexts()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise CommandError(
            f"{path} cannot be read: {error}", fixes=["remove the file and log in again"]
        ) from None


def write(contexts: Contexts, environment: Mapping[str, str]) -> Path:
    """Keep the contexts, and return where. Raises CommandError."""
    path = folder(environment) / FILE
    beside = path.with_name(f"{FILE}.{os.getpid()}")
    try:
        for parent in (*reversed(path.parent.parents), path.parent):
            parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(render(contexts))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True) if path.parent.is_dir() else None
        raise CommandError(
            f"contexts cannot be kept in {path}: {error.strerror}",
            fixes=["set XDG_CONFIG_HOME to a folder of yours, or use BERTH_URL and BERTH_TOKEN"],
        ) from None
    return path


def render(contexts: Contexts) -> str:
    """Write contexts as TOML, whose texts are written as in JSON."""
    lines = [f"current = {json.dumps(contexts.current)}"]
    for name, context in sorted(contexts.contexts.items()):
        lines += ["", f"[contexts.{json.dumps(name)}]"]
        lines += [
            f"{member} = {json.dumps(value, ensure_ascii=False)}"
            for member, value in msgspec.structs.asdict(context).items()
        ]
    return "\n".join(lines) + "\n"


def read_project(directory: Path) -> Project:
    """Return what the project in a folder says; nothing where it says nothing. Raises CommandError."""
    path = directory / PROJECT_FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Project)
    except (FileNotFoundError, NotADirectoryError):
        return Project()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
