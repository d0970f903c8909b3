"""Where an agent gets its join token from, once."""

import logging
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from berth.agent.data_directory import IDENTITY_FILE

log = logging.getLogger(__name__)

#: The variable that may hold a join token.
VARIABLE = "BERTH_JOIN_TOKEN"

#: A join token is shorter.
MAX_BYTES = 4096


def find_join_token(
    given: str, file: str, *, data_dir: Path, environment: MutableMapping[str, str]
) -> str:
    """Return the join token: as given, from a file (``-`` is standard input), or the variable.

    "" when there is none, or when none is needed since the agent has an identity. The variable is
    taken out of the environment.
    """
    from_variable = environment.pop(VARIABLE, "")
    if os.path.lexists(data_dir / IDENTITY_FILE):
        return ""
    return given or (_read(file) if file else from_variable).strip()


def _read(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.buffer.readline(MAX_BYTES).decode("ascii", "replace")
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES).decode("ascii", "replace")
    except OSError as exc:
        log.warning("the join token in %s cannot be read: %s", file, exc.strerror)
        return ""
