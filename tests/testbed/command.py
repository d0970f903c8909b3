"""Run the system's programs with a deadline."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence

#: Debian keeps ip, iptables and dockerd where an ordinary user's PATH does not look.
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
#: Variables of the caller that would turn an engine or a client away from its bed.
_MISLEADING = ("DOCKER_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class BedError(Exception):
    """The test-bed could not do what was asked; the message says what to do about it."""


def program_path() -> str:
    """Return the PATH under which the programs of a bed are looked up."""
    return os.pathsep.join([os.environ.get("PATH", "/usr/bin:/bin"), *_SYSTEM_FOLDERS])


def program_environment() -> dict[str, str]:
    """Return the caller's environment without what would misdirect engines and clients."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(_MISLEADING)}
    return {**kept, "PATH": program_path()}


def run_command(
    argv: Sequence[str],
    *,
    timeout: float = 30.0,
    stdin: str | None = None,
    environment: dict[str, str] | None = None,
) -> str:
    """Run a program to its end and return what it printed.

    Raises BedError when it fails or is not done after `timeout` seconds.
    """
    line = " ".join(argv)
    try:
        done = subprocess.run(
            argv,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment or program_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BedError(f"`{line}` was not done after {timeout:g} s and was ended.") from error
    except FileNotFoundError as error:
        raise BedError(f"`{argv[0]}` is missing: run `script/testbed up` to install it.") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise BedError(f"`{line}` failed with exit code {done.returncode}: {said}")
    return done.stdout


def wait_until(condition: Callable[[], object], timeout: float, *, what: str) -> None:
    """Return as soon as the condition is true; raise BedError after `timeout` seconds.

    `what` completes the sentence "After 5 s still waiting for ...".
    """
    end = time.monotonic() + timeout
    pause = 0.005
    while not condition():
        if time.monotonic() > end:
            raise BedError(f"After {timeout:g} s still waiting for {what}.")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
