"""Waits that double."""


def backoff_s(failures: int, *, first_s: float, longest_s: float) -> float:
    """Return the wait after a number of failures in a row: 0 after the first, then doubling."""
    if failures <= 1:
        return 0.0
    return min(first_s * 2.0 ** min(failures - 2, 40), longest_s)
