"""Exit codes of the command line; scripts rely on these numbers."""

import enum


class ExitCode(enum.IntEnum):
    """How a command ended; documented in docs/guides/cli.md."""

    #: What was asked for is true.
    DONE = 0
    #: A defect of ``berth``.
    DEFECT = 1
    #: Wrong usage.
    USAGE = 2
    #: The manager cannot be reached, or its certificate is not the instance's.
    UNREACHABLE = 3
    #: Not logged in, or not allowed.
    NOT_ALLOWED = 4
    #: No such thing.
    NOT_FOUND = 5
    #: Refused: a conflict, or a state that forbids it.
    REFUSED = 6
    #: The task failed, or the update was taken back.
    FAILED = 7
    #: Slots wait for a host, or would.
    WAITS = 8
    #: ``--timeout`` passed while it went on.
    TIMEOUT = 9
    #: Cancelled, or a question was answered with no.
    CANCELLED = 10
    #: Ctrl-C.
    INTERRUPTED = 130
