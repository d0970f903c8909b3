"""Groups of processes that a bed started, kept apart from all others by control groups.

A process joins its group before it executes its program, and everything it starts stays inside.
So a group's members can be told from foreign processes at any time, also by a later program
and also when process ids were used again.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from .command import BedError, program_environment, run_command, wait_until

_MOUNT = Path("/sys/fs/cgroup")
#: How /proc/PID/cgroup names the hierarchy of `tracking_root`.
_TRACKED = ("pids", "")
#: A container's own group ends in its id.
_CONTAINER = re.compile(r"/[0-9a-f]{64}$")
_JOIN_AND_EXECUTE = 'echo $$ > "$0" && exec "$@"'


def is_unified() -> bool:
    """Return whether the machine has control groups of version 2 alone."""
    return (_MOUNT / "cgroup.controllers").exists()


def tracking_root() -> Path:
    """Return the hierarchy whose groups are asked for their members."""
    return _MOUNT if is_unified() else _MOUNT / "pids"


class ProcessGroup:
    """One control group by its path below the root, such as `berth-testbed-1a2b/h1/engine`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._folder = tracking_root() / path

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """Return a command line that joins this group, then becomes `argv` under the same pid."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return ["sh", "-c", _JOIN_AND_EXECUTE, f"{self._folder}/cgroup.procs", *argv]

    def start_detached(self, argv: Sequence[str], log: Path) -> None:
        """Start a program that outlives the caller; its output is added to `log`.

        When this returns, the program is a member of the group (or has ended already).
        """
        with log.open("ab") as output:
            subprocess.run(
                self.wrap(["setsid", "--fork", *argv]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=program_environment(),
                timeout=10,
                check=True,
            )

    def members(self) -> set[int]:
        """Return the processes in this group and the groups below, and all their descendants."""
        found = {pid for folder in _folders(self._folder) for pid in _read_members(folder)}
        found |= _descendants(found)
        # One that ended stays visible until its parent asks; there is nothing left to end.
        return {pid for pid in found if pid != os.getpid() and start_time(pid) is not None}

    def signal(self, number: signal.Signals, only: Iterable[int] | None = None) -> None:
        """Send a signal to the members, or to those of them that `only` names."""
        chosen = self.members() if only is None else self.members() & set(only)
        held = {pid: fd for pid in chosen if (fd := _open_process(pid)) is not None}
        try:
            # Held processes keep their ids, so who is a member now is the process that is held.
            for pid in self.members() & held.keys():
                _send(held[pid], number)
        finally:
            for fd in held.values():
                os.close(fd)

    def kill(self, timeout: float = 15.0) -> None:
        """End all members at once and wait until none is left; safe to repeat.

        Groups elsewhere that members had asked for, as a container can, are removed.
        """
        elsewhere: set[str] = set()

        def is_empty() -> bool:
            members = self.members()
            elsewhere.update(path for pid in members if (path := self._other_group(pid)))
            for path in (self.path, *elsewhere):
                _thaw(path)
            self.signal(signal.SIGKILL)
            return not members

        wait_until(is_empty, timeout, what=f"the killed processes of {self.path} to end")
        for path in elsewhere:
            ProcessGroup(path).remove()

    def _other_group(self, pid: int) -> str | None:
        """Return the group of a container that lies outside of this one."""
        try:
            lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        except OSError:
            return None  # it ended meanwhile
        mine = f"/{self.path.partition('/')[0]}/"
        for line in lines:
            _, hierarchy, path = line.split(":", 2)
            if hierarchy in _TRACKED and _CONTAINER.search(path) and not path.startswith(mine):
                return path.strip("/")
        return None

    def remove(self, timeout: float = 5.0) -> None:
        """Remove this group and those below, in every hierarchy; nothing happens when absent."""
        wait_until(
            lambda: not [top for top in _in_all_hierarchies(self.path) if not _remove_tree(top)],
            timeout,
            what=f"the control groups of {self.path} to be free",
        )

    def exists(self) -> bool:
        """Return whether any hierarchy has this group."""
        return any(True for _ in _in_all_hierarchies(self.path))


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot (/proc/PID/stat field 22).

    None means that there is no such process, or that it ended and waits for its parent.
    """
    fields = _stat_fields(pid)
    return None if fields is None or fields[0] in "ZX" else int(fields[19])


def _stat_fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third (state) on; the second may hold spaces."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _read_members(folder: Path) -> set[int]:
    try:
        text = (folder / "cgroup.procs").read_text()
    except OSError:
        return set()  # the group went away while we looked
    return {int(pid) for pid in text.split()} - {0}


def _descendants(roots: set[int]) -> set[int]:
    """Return the processes below `roots`: a container may have asked for a foreign group."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat_fields(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting.extend(below)
    return found


def _folders(top: Path) -> Iterator[Path]:
    for folder, _, _ in os.walk(top):
        yield Path(folder)


def _open_process(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _send(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended by itself
        signal.pidfd_send_signal(process, number)


def _thaw(path: str) -> None:
    """Wake paused containers: with control groups of version 1 a frozen process cannot die."""
    for folder in _folders(_MOUNT / "freezer" / path):
        try:
            (folder / "freezer.state").write_text("THAWED")
        except OSError:
            continue  # gone, or not the machine's version of control groups


def _in_all_hierarchies(path: str) -> Iterator[Path]:
    for candidate in (_MOUNT / path, *_MOUNT.glob(f"*/{path}")):
        if candidate.is_dir():
            yield candidate


def _remove_tree(top: Path) -> bool:
    """Remove a control group from its leaves up; return whether it is gone."""
    for folder, _, _ in os.walk(top, topdown=False):
        try:
            Path(folder).rmdir()
        except OSError:
            continue  # still busy: the caller tries again
    return not top.exists()


def unmount_below(folder: Path) -> None:
    """Unmount whatever is mounted inside `folder`, the innermost first."""
    points = mounts_below(folder)
    if points:
        run_command(["umount", "--lazy", *reversed(points)])
    if rest := mounts_below(folder):
        raise BedError(f"Still mounted: {', '.join(rest)}. Unmount by hand, then try again.")


def mounts_below(folder: Path) -> list[str]:
    """Return the mount points inside `folder`, in the order in which they were mounted."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in lines]
    return [point for point in points if point.startswith(f"{folder}/")]
