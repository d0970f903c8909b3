"""A program of Berth as a process: started, disturbed, asked for its log."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

from testbed import BedError

#: Starts the program with its output in a file.
Launch = Callable[[IO[bytes]], "subprocess.Popen[bytes]"]


class Program:
    """A manager or an agent; it can be ended and started again with the same command line."""

    def __init__(self, name: str, log: Path, *, launch: Launch) -> None:
        self.name = name
        self.log = log
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; raises BedError when the program does not run."""
        if self._process is None or self._process.poll() is not None:
            raise BedError(f"The {self.name} does not run.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What the program ended with, negative after a signal; none while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the program unless it runs; its output is added to the log."""
        if self.is_running:
            return
        with self.log.open("ab") as output:
            self._process = self._launch(output)

    def kill9(self) -> None:
        """End the process at once, with SIGKILL, as a crash does."""
        self._signal(signal.SIGKILL)
        self.wait(timeout=10)

    def terminate(self, timeout: float = 15) -> int | None:
        """Ask the program to end with SIGTERM and return its exit code; none if it never ran.

        Raises BedError when it is not done in time; then it is killed.
        """
        if not self.is_running:
            return self.exit_code
        self._signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except BedError as error:
            self.kill9()
            raise BedError(f"{error} It ignored SIGTERM and was killed.") from error

    def restart(self) -> None:
        """Ask the program to end, then start it again; does not wait until it serves."""
        self.terminate()
        self.start()

    def hang(self) -> None:
        """Stop the process in its tracks."""
        self._signal(signal.SIGSTOP)

    def unhang(self) -> None:
        """Let the process go on."""
        self._signal(signal.SIGCONT)

    def wait(self, timeout: float) -> int | None:
        """Wait for the end of the process and return its exit code; raises BedError."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise BedError(
                f"The {self.name} did not end within {timeout:g} s.\n{self.log_tail()}"
            ) from error

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the log, under a line that names the program."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        state = "runs" if self.is_running else f"ended with {self.exit_code}"
        return "\n".join([f"--- {self.name} ({state}):", *text.splitlines()[-lines:]])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
