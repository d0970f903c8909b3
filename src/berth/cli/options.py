"""Options and arguments that several verbs have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from berth.cli.screen.problems import CommandError
from berth.cli.signature import Argument, Option

NoWait = Annotated[bool, Option("--no-wait", help="Return at once, with the id of the task.")]
Plan = Annotated[
    bool,
    Option("--plan", help="Print what would happen, and do nothing. Exit 8 if slots would wait."),
]
Words = Annotated[list[str] | None, Argument(help="Words to look for in the rows.")]
Pool = Annotated[list[str] | None, Option("--pool", help="Of these pools alone.")]
Host = Annotated[list[str] | None, Option("--host", help="On these hosts alone.")]
State = Annotated[list[str] | None, Option("--state", help="In these states alone.")]
Tag = Annotated[list[str] | None, Option("--tag", help="With these tags alone.")]
Deployment = Annotated[list[str] | None, Option("--deployment", help="Of these deployments alone.")]
Name = Annotated[str, Argument(help="Name, id, or the beginning of one.")]
Names = Annotated[list[str], Argument(help="Names, ids, or beginnings of them.")]


#: A span of time, as in 90d.
_SPAN = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[mhdw])")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a new deployment is called, where it runs, and how large it is."""

    name: Annotated[str, Option(help="Id of the deployment; else made of the text's name.")] = ""
    pool: Annotated[str, Option(help="Pool to run in.")] = ""
    quantity: Annotated[
        list[str] | None, Option("--set", metavar="SERVICE=N", help="Number of slots.")
    ] = None

    def quantities(self) -> dict[str, int] | None:
        """Return the number of slots by service. Raises CommandError."""
        return read_quantities(self.quantity)


def read_quantities(pairs: Sequence[str] | None) -> dict[str, int] | None:
    """Read ``web=4``. Raises CommandError."""
    found = {}
    for pair in pairs or ():
        service, equals, number = pair.partition("=")
        if not equals or not service or not number.isascii() or not number.isdecimal():
            raise CommandError(
                f"{pair!r} is no number of slots: write SERVICE=N, for example web=4"
            )
        found[service] = int(number)
    return found or None


def read_span(text: str) -> float:
    """Return the seconds of a span such as 90d. Raises CommandError."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not int(found["number"]):
        raise CommandError(f"{text!r} is no span of time: write it as 30m, 12h, 90d or 4w")
    return int(found["number"]) * _UNITS[found["unit"]]


def several(values: list[str] | None) -> tuple[str, ...]:
    """Return what an option that may come several times was given."""
    return tuple(values or ())


def fits(words: list[str] | None, *texts: str) -> bool:
    """Return whether a row has all words that were asked for, in any case."""
    row = "\n".join(texts).lower()
    return all(word.lower() in row for word in words or ())
