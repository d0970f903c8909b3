"""Errors of the client as the command line tells them."""

import dataclasses
import tempfile
import traceback

import msgspec

from berth.cli.exits import ExitCode
from berth.cli.screen.problems import CommandError, Fault, ShownProblem
from berth.client import (
    AnswerLostError,
    ClientError,
    DeadlineError,
    NotAllowedError,
    NotFoundError,
    NotLoggedInError,
    RefusedError,
    TaskCancelledError,
    TaskFailedError,
    UnavailableError,
    UnreachableError,
    UsageError,
)

#: Ordered: the first kind that an error is of decides.
_EXITS: tuple[tuple[type[ClientError], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (UnreachableError, ExitCode.UNREACHABLE),
    (AnswerLostError, ExitCode.UNREACHABLE),
    (UnavailableError, ExitCode.UNREACHABLE),
    (NotLoggedInError, ExitCode.NOT_ALLOWED),
    (NotAllowedError, ExitCode.NOT_ALLOWED),
    (NotFoundError, ExitCode.NOT_FOUND),
    (TaskFailedError, ExitCode.FAILED),
    (TaskCancelledError, ExitCode.CANCELLED),
    (DeadlineError, ExitCode.TIMEOUT),
)


def exit_of(error: ClientError) -> ExitCode:
    """Return the exit code of an error of the client."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), ExitCode.REFUSED)


class InText(Exception):
    """An error whose places are in a text that somebody wrote."""

    def __init__(self, error: ClientError, *, text: str, name: str) -> None:
        super().__init__(error.message)
        self.error = error
        self.text = text
        self.name = name


def problem_of(error: ClientError | CommandError | InText) -> ShownProblem:
    """Return an error as it is shown."""
    if isinstance(error, InText):
        inner = problem_of(error.error)
        return dataclasses.replace(inner, text=error.text, name=error.name)
    if isinstance(error, CommandError):
        return ShownProblem(message=error.message, code=error.code, fixes=error.fixes)
    refused = isinstance(error, RefusedError)
    fixes = [error.fix] if error.fix else []
    if isinstance(error, NotLoggedInError):
        fixes.append("berth login")
    return ShownProblem(
        message=error.message,
        code=error.code if refused else "",
        faults=_faults_of(error) if refused else (),
        fixes=fixes,
        request_id=error.request_id if isinstance(error, RefusedError) else "",
    )


def _faults_of(error: ClientError) -> list[Fault]:
    """Return what is wrong one by one, unless the message says it all."""
    faults = error.faults if isinstance(error, RefusedError) else ()
    if len(faults) == 1 and not faults[0].line and not faults[0].place:
        return []
    return [
        Fault(message=each.message, line=each.line, column=each.column, place=each.place)
        for each in faults
    ]


def encode_error(error: ClientError | CommandError | InText) -> bytes:
    """Return an error as the API writes errors."""
    if isinstance(error, InText):
        return encode_error(error.error)
    if isinstance(error, RefusedError):
        return msgspec.json.encode({"errors": error.faults})
    item = {"message": error.message, "code": error.code or "usage"}
    return msgspec.json.encode({"errors": [item]})


def exit_of_any(error: ClientError | CommandError | InText) -> int:
    """Return the exit code of an error."""
    if isinstance(error, InText):
        return exit_of(error.error)
    return error.exit_code if isinstance(error, CommandError) else exit_of(error)


def write_report(error: BaseException) -> str:
    """Keep what a defect's cause is, and return where; "" where that is not possible."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="berth-defect-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.writelines(traceback.format_exception(error))
            return file.name
    except OSError:
        return ""
