"""Exit codes of a manager that cannot start on its data."""

import enum


class StartExit(enum.IntEnum):
    """Why the store did not open; the operator's scripts may rely on these numbers."""

    #: Another manager holds the data.
    HELD = 3
    #: The database cannot be reached, opened, read or written.
    DATABASE = 4
    #: The database was written by a newer Berth than this one.
    NEWER_SCHEMA = 5
