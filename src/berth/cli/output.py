"""What a command prints: lines and tables for people, JSON and plain fields for programs."""

import os
import shutil
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from berth.cli.common import Common
from berth.cli.screen.problems import CommandError, clean
from berth.cli.screen.table import TextTable, render


class Output:
    """Standard output and error of a command."""

    def __init__(self, common: Common, *, now: float, out: TextIO, err: TextIO) -> None:
        self.common = common
        self.now = now
        self._out, self._err = out, err
        colored = common.color and not os.environ.get("NO_COLOR")
        self.console = _console(out, colored=colored)
        self._errors = _console(err, colored=colored)

    @property
    def on_terminal(self) -> bool:
        """Whether a person looks at standard output."""
        return self.console.is_terminal

    @property
    def width(self) -> int | None:
        """How wide a line may be; none where nobody measures."""
        if self.common.wide or not self.on_terminal:
            return None
        return max(20, shutil.get_terminal_size().columns)

    def show(self, *lines: str | Text) -> None:
        """Print lines for people; nothing where a program reads."""
        if not self.common.for_machines:
            self.print(*lines)

    def print(self, *lines: str | Text) -> None:
        """Print lines, whoever reads."""
        for line in lines:
            text = (
                line if isinstance(line, Text) and is_plain(line.plain) else Text(plain_line(line))
            )
            self.console.print(text, soft_wrap=True, no_wrap=True, crop=False, highlight=False)

    def warn(self, *lines: str) -> None:
        """Print lines to standard error."""
        for line in lines:
            self._errors.print(Text(clean(line)), soft_wrap=True, crop=False, highlight=False)

    def table(self, table: TextTable, *, records: Iterable[Any], ids: Iterable[str]) -> None:
        """Print a list: as a table, or its records or ids for a program."""
        if self.common.quiet:
            self._plain(*ids)
        elif self.common.for_machines:
            self.records(records)
        else:
            self.print(*render(table, width=self.width))

    def records(self, records: Iterable[Any]) -> None:
        """Print the objects of a list as one document, or their fields a line each."""
        objects = [msgspec.to_builtins(record) for record in records]
        if self.common.fields:
            for each in objects:
                self._plain("\t".join(self._fields(each)))
        else:
            self._json(objects)

    def record(self, record: Any, *, lines: Sequence[str | Text] = (), name: str = "") -> None:
        """Print an object: as lines, or what a program asked for."""
        if self.common.quiet:
            self._plain(name)
        elif self.common.fields:
            self._plain(*self._fields(msgspec.to_builtins(record)))
        elif self.common.json:
            self._json(msgspec.to_builtins(record))
        else:
            self.print(*lines)

    def item(self, record: Any, line: str | Text) -> None:
        """Print one of several that follow: a line, or one line of JSON."""
        if self.common.fields:
            self._plain("\t".join(self._fields(msgspec.to_builtins(record))))
        elif self.common.json:
            self.write(msgspec.json.encode(record) + b"\n")
        else:
            self.print(line)

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._out.flush()
        self._out.buffer.write(data)
        self._out.buffer.flush()

    def _plain(self, *lines: str) -> None:
        """Print lines for a program, as they are."""
        self.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    def _json(self, value: Any) -> None:
        text = msgspec.json.encode(value)
        if self.on_terminal:
            text = msgspec.json.format(text, indent=2)
        self.write(text + b"\n")

    def _fields(self, value: Any) -> list[str]:
        return [plain(reach(value, path)) for path in self.common.fields]


def _console(file: TextIO, *, colored: bool) -> Console:
    return Console(
        file=file, no_color=not colored, highlight=False, markup=False, emoji=False, soft_wrap=True
    )


def is_plain(text: str) -> bool:
    """Return whether a line does nothing to a terminal."""
    return text.replace("\t", "").isprintable()


def plain_line(line: str | Text) -> str:
    """Write a line so that it does nothing to a terminal; tabs stay."""
    return "\t".join(clean(part) for part in str(line).split("\t"))


def reach(value: Any, path: str) -> Any:
    """Return a member by its path, such as ``placement.pool_id``. Raises CommandError."""
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            known = ", ".join(sorted(value)) if isinstance(value, dict) else "none"
            raise CommandError(f"there is no field {path!r}", fixes=[f"fields there: {known}"])
    return value


def plain(value: Any) -> str:
    """Write a member as plain text; what has members of its own is written as JSON."""
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()
