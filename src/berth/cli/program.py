"""The command line as a whole: from words to an exit code."""

import contextlib
import shutil
import sys
from collections.abc import Callable, Sequence

import click

from berth.cli.common import Common, split
from berth.cli.exits import ExitCode
from berth.cli.menu import Menu, ReaderLeft
from berth.cli.screen.problems import CommandError, ShownProblem, render

EPILOG = "Exit codes and examples: docs/guides/cli.md"


def run(words: Sequence[str]) -> int:
    """Run a command and return its exit code; no error leaves it."""
    common = Common()
    try:
        common, rest = split(words)
        code = _invoke(common, rest)
        sys.stdout.flush()
        return code
    except (BrokenPipeError, ReaderLeft):
        _let_go()
        return ExitCode.DONE
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return ExitCode.INTERRUPTED
    except CommandError as error:
        return _show_command_error(error, common)
    except Exception as error:  # whatever a command raises is told here
        return _show_error(error, common)


def _invoke(common: Common, words: Sequence[str]) -> int:
    menu = Menu(
        name="berth",
        help="Runs containers on a fleet of Docker hosts.",
        epilog=EPILOG,
        no_args_is_help=True,
        subcommand_metavar="WORD ...",
    )
    width = min(110, shutil.get_terminal_size().columns)
    result = menu.main(
        list(words),
        prog_name="berth",
        standalone_mode=False,
        obj=common,
        max_content_width=width,
        terminal_width=width,
    )
    return result if isinstance(result, int) else ExitCode.DONE


def _show_error(error: Exception, common: Common) -> int:
    """Say what went wrong, and return its exit code."""
    if isinstance(error, click.ClickException):
        return _show_usage(error)
    if isinstance(error, click.Abort):
        return ExitCode.INTERRUPTED
    from berth.cli.failures import InText, encode_error, exit_of_any, problem_of, write_report
    from berth.client import ClientError

    if not isinstance(error, ClientError | InText):
        report = write_report(error)
        where = f"; the report is in {report}" if report else ""
        _write(lambda: f"berth: this is a defect of berth ({type(error).__name__}){where}")
        return ExitCode.DEFECT
    if common.json:
        _write(lambda: encode_error(error).decode())
    else:
        _show(problem_of(error), common)
    return exit_of_any(error)


def _show_command_error(error: CommandError, common: Common) -> int:
    if common.json:
        item = {"message": error.message, "code": error.code or "usage"}
        import json

        _write(lambda: json.dumps({"errors": [item]}))
    else:
        _show(ShownProblem(message=error.message, code=error.code, fixes=error.fixes), common)
    return error.exit_code


def _show_usage(error: click.ClickException) -> int:
    """Say what is wrong with the words themselves."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if context is not None and message and not message.startswith("Usage:"):
        _write(lambda: f"berth: {message}\n  {context.command_path} --help")
    else:
        _write(lambda: message)
    return ExitCode.USAGE


def _show(problem: ShownProblem, common: Common) -> None:
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else 0
    _write(lambda: "\n".join(render(problem, width=width, verbose=common.verbose)))


def _write(text: Callable[[], str]) -> None:
    """Write to standard error, whatever it can show, and if anybody reads it."""
    with contextlib.suppress(OSError, ValueError):
        encoding = sys.stderr.encoding or "ascii"
        line = text().encode(encoding, "replace").decode(encoding)
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _let_go() -> None:
    """Let go of standard output where nobody reads it any more."""
    import os

    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
