"""Exit codes of Berth's programs; operators' scripts may rely on these numbers."""

import enum


class Exit(enum.IntEnum):
    """Why a program ended; documented in docs/guides/operate.md."""

    #: Ended on request.
    DONE = 0
    #: A defect of Berth: the log says more.
    DEFECT = 1
    #: A wrong option; nothing was touched.
    USAGE = 2
    #: The data directory cannot be made, read or written, or its identity cannot be trusted.
    DATA_DIR = 3
    #: Another manager or agent holds the data.
    HELD = 4
    #: The manager refused the join.
    JOIN_REFUSED = 5
    #: The address to listen on is taken or not of this machine.
    ADDRESS = 6
    #: The database cannot be reached, opened, read or written.
    DATABASE = 7
    #: The database was written by a newer Berth than this one.
    NEWER_SCHEMA = 8
    #: Another manager took the data over while this one ran.
    LEASE_LOST = 9
