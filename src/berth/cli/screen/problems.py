"""What went wrong, as an operator reads it: what failed, where, and what helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: At most this many fixes are offered.
MAX_FIXES = 2

#: Characters of a line of a text that are shown.
SHOWN = 160


class CommandError(Exception):
    """Something that a command finds wrong by itself."""

    def __init__(
        self, message: str, *, exit_code: int = 2, code: str = "", fixes: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.code = code
        #: What helps: sentences, or commands to type.
        self.fixes = tuple(fixes)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in a text."""

    message: str
    line: int = 0
    column: int = 0
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    """An error as it is shown."""

    message: str
    code: str = ""
    faults: Sequence[Fault] = ()
    fixes: Sequence[str] = ()
    request_id: str = ""
    #: The text that the faults are in, and its name.
    text: str = ""
    name: str = ""


def render(problem: ShownProblem, *, width: int, verbose: bool = False) -> list[str]:
    """Return the lines of an error; what a stranger wrote in it changes no terminal."""
    return [clean(line) for line in _render(problem, width=width, verbose=verbose)]


def clean(text: str) -> str:
    """Write a text as one line that does nothing to a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _render(problem: ShownProblem, *, width: int, verbose: bool) -> list[str]:
    head = f"berth: {problem.message}"
    code = f"({problem.code})" if problem.code else ""
    gap = width - len(head) - len(code)
    lines = [f"{head}{' ' * gap}{code}" if code and gap >= 2 else f"{head}  {code}".rstrip()]
    for fault in problem.faults:
        lines += _render_fault(fault, problem)
    lines += [f"  {line}" for line in problem.fixes[:MAX_FIXES]]
    if verbose and problem.request_id:
        lines.append(f"  request {problem.request_id}")
    return lines


def _render_fault(fault: Fault, problem: ShownProblem) -> list[str]:
    name = problem.name or "text"
    if not fault.line:
        return [f"  {fault.place}: {fault.message}" if fault.place else f"  {fault.message}"]
    place = ":".join(str(each) for each in (name, fault.line, fault.column) if each)
    lines = [f"{place}  {fault.message}"]
    source = problem.text.splitlines()
    if fault.line <= len(source):
        shown = source[fault.line - 1].replace("\t", " ")[:SHOWN]
        lines.append(f"    {shown}")
        if 0 < fault.column <= len(shown) + 1:
            lines.append(f"    {' ' * (fault.column - 1)}^")
    return lines


def read_text(path: str) -> tuple[str, str]:
    """Return a text with its name: a file's, or standard input's for ``-``. Raises CommandError."""
    import sys

    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode(), "standard input" if path == "-" else path
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text (byte {error.start})") from None
