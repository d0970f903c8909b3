"""How many files, and with them connections, this process may have open."""

import resource

#: As many as this are of use; raising the limit further costs nothing, but helps nobody.
WANTED = 65_536


def raise_open_files(wanted: int = WANTED) -> int:
    """Raise the limit of open files as far as this process may, and return it.

    Systems start programs with 1,024, for those that cannot count further. Safe to repeat.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= highest:
        return wanted if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))
    return highest
