"""The command line as a test types it: words in, exit code and texts out, in this process."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

from berth.__main__ import main


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines of standard output without their outer blanks."""
        return [line.strip() for line in self.out.splitlines() if line.strip()]


class Shell:
    """Somebody who types commands; nothing of the test's own environment is seen."""

    def __init__(self, **variables: str) -> None:
        self.variables = {"PATH": os.environ.get("PATH", ""), **variables}

    def run(self, *words: str, typed: str = "") -> Result:
        """Run a command; ``typed`` comes in by standard input."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
        with (
            _environment(self.variables),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _stdin(typed),
        ):
            code = int(main(list(words)))
        return Result(code, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer: Any = stream.buffer
    return bytes(buffer.getvalue()).decode("utf-8", "replace")


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    with mock.patch.dict(os.environ, variables, clear=True):
        yield


@contextlib.contextmanager
def _stdin(text: str) -> Iterator[None]:
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    try:
        yield
    finally:
        sys.stdin = before
