"""Options that every command takes, wherever they stand in the line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from berth.cli.screen.problems import CommandError


@dataclass(frozen=True, kw_only=True)
class Common:
    """What was said for any command."""

    #: Name of the context; "" takes the current one.
    context: str = ""
    #: Prints what the API answers.
    json: bool = False
    #: Paths of members to print, one line each.
    fields: tuple[str, ...] = ()
    #: Prints ids only.
    quiet: bool = False
    #: Prints every column.
    wide: bool = False
    #: Prints times in full.
    exact: bool = False
    color: bool = True
    #: Answers questions with yes; the name of a guarded context answers for that one too.
    yes: bool = False
    yes_to: str = ""
    #: How long a command waits at most, in seconds.
    timeout_s: float | None = None
    #: Prints requests.
    verbose: bool = False

    @property
    def for_machines(self) -> bool:
        """Whether standard output is for a program."""
        return self.json or self.quiet or bool(self.fields)


#: Options with their help; those that end in ``=`` take a value.
OPTIONS = {
    "--context=NAME": "the instance to speak to; else BERTH_CONTEXT, else the current one",
    "--json": "print what the API answers, as JSON",
    "--field=PATH": "print these members alone, as plain text; once for each",
    "--quiet": "print ids alone",
    "--wide": "print every column, whatever the width",
    "--exact": "print times as they are, not as ages",
    "--no-color": "print no colors; so does NO_COLOR",
    "--yes": "answer yes to questions; --yes=NAME does for a guarded context",
    "--timeout=TIME": "wait no longer than this, for example 90s or 5m",
    "--verbose": "print requests with their times and ids",
}

_FLAGS = {
    "--json": "json", "--quiet": "quiet", "--wide": "wide", "--exact": "exact", "--yes": "yes",
    "--verbose": "verbose",
}  # fmt: skip
_VALUES = ("--context", "--field", "--timeout")

_SPAN = re.compile(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")


def split(words: Sequence[str]) -> tuple[Common, list[str]]:
    """Take the options of every command out of a line; those behind ``--`` are not ours.

    Raises CommandError.
    """
    found: dict[str, Any] = {}
    fields: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, equals, value = word.partition("=")
        if word == "--":
            return _make(found, fields), [*rest, word, *waiting]
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif word == "--no-color":
            found["color"] = False
        elif name == "--yes" and equals:
            found |= {"yes": True, "yes_to": value}
        elif name in _VALUES:
            value = value if equals else next(waiting, "")
            if not value:
                raise CommandError(f"{name} needs a value")
            _take(found, fields, option=(name, value))
        else:
            rest.append(word)
    return _make(found, fields), rest


def _take(found: dict[str, Any], fields: list[str], *, option: tuple[str, str]) -> None:
    name, value = option
    if name == "--field":
        fields.append(value)
    elif name == "--timeout":
        found["timeout_s"] = read_span(value)
    else:
        found["context"] = value


def _make(found: dict[str, Any], fields: list[str]) -> Common:
    return Common(**found, fields=tuple(fields))


def read_span(text: str) -> float:
    """Read a time such as ``90s``, ``5m`` or ``1h30m`` in seconds. Raises CommandError."""
    parts = _SPAN.fullmatch(text)
    if parts is None or not any(parts.groups()):
        raise CommandError(f"{text!r} is no time: write 90s, 5m or 1h30m")
    hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds
