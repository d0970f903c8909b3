"""Waiting at an even pace, and until the machine is quiet."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from testbed import Bed, BedError
from testbed.processes import ProcessGroup
from testbed.state import group_of

#: How often a peer is asked whether it is done.
POLL_S = 0.02
#: A bed that uses less of a core than this has nothing under way.
_QUIET = 0.15
_WINDOW_S = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_until(
    is_done: Callable[[], bool], *, since: float, timeout: float, what: str, pause: float = POLL_S
) -> float:
    """Ask until it is done and return the seconds from `since` (monotonic) to the answer.

    `what` completes the sentence "After 5 s still waiting for ...". Raises BedError.
    """
    while not is_done():
        if time.monotonic() - since > timeout:
            raise BedError(f"After {timeout:g} s still waiting for {what}.")
        time.sleep(pause)
    return time.monotonic() - since


def wait_quiet(bed: Bed, *, patience: float = 0, timeout: float = 20) -> float:
    """Wait until the bed is idle; return how many cores other programs use then.

    For `patience` seconds more it waits until those are idle too. Gives up without an error, since
    the machine may be shared.
    """
    group = ProcessGroup(group_of(bed.id))
    began = time.monotonic()
    while True:
        own, total = _cpu_seconds(group.members()), _busy_seconds()
        time.sleep(_WINDOW_S)
        used = (_cpu_seconds(group.members()) - own) / _WINDOW_S
        others = max((_busy_seconds() - total) / _WINDOW_S - used, 0.0)
        waited = time.monotonic() - began
        if used < _QUIET and (others < _QUIET or waited > patience):
            return others
        if waited > patience + timeout:
            return others


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far (/proc/PID/stat fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _cpu_seconds(pids: set[int]) -> float:
    total = 0.0
    for pid in pids:
        try:
            total += cpu_seconds(pid)
        except OSError:
            continue  # it ended meanwhile
    return total


def _busy_seconds() -> float:
    """Return the machine's processor time spent in programs and the kernel (/proc/stat)."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq = fields[:7]
    return (user + nice + system + irq + softirq) / _TICKS
