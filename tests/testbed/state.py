"""What a bed remembers on disk, so that any later program can find and remove it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .command import BedError, wait_until
from .processes import start_time

_PREFIX = "berth-testbed-"
_BASE = Path("/tmp")
_LOCK = Path("/run/lock/berth-testbed.lock")


@dataclass(frozen=True)
class Credentials:
    """Who may use a registry."""

    user: str
    password: str


@dataclass
class BedState:
    """The facts of one bed; everything else is named after its id."""

    id: str
    #: The third byte of the bed's 10.213.x.0/24.
    subnet: int
    owner_pid: int
    #: /proc/PID/stat field 22: tells the owner from a later process with the same pid.
    owner_start: int
    #: A detached bed has no owner and stays until it is asked to go.
    detached: bool = False
    hosts: list[str] = field(default_factory=list)
    #: Address and, if it asks for them, the credentials of each registry.
    registries: list[tuple[str, Credentials | None]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The directory that holds everything of this bed."""
        return folder_of(self.id)

    @property
    def is_abandoned(self) -> bool:
        """Whether the program that made the bed ended without removing it."""
        return not self.detached and start_time(self.owner_pid) != self.owner_start

    def save(self) -> None:
        """Write the state so that a reader sees the old or the new one, never half."""
        draft = self.folder / "state.json.new"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self)))
        draft.rename(self.folder / "state.json")


def folder_of(bed_id: str) -> Path:
    """Return the directory of a bed."""
    return _BASE / f"{_PREFIX}{bed_id}"


def group_of(bed_id: str) -> str:
    """Return the path of the control group that holds all processes of a bed."""
    return f"{_PREFIX}{bed_id}"


def new_id() -> str:
    """Return four hexadecimal digits that no bed on this machine has; call it under the lock."""
    while folder_of(chosen := os.urandom(2).hex()).exists():
        pass
    return chosen


def find_beds() -> dict[str, BedState | None]:
    """Return all beds of this machine; none instead of a state when its creator died early."""
    ids = sorted(folder.name.removeprefix(_PREFIX) for folder in _BASE.glob(f"{_PREFIX}*"))
    return {bed_id: _load(bed_id) for bed_id in ids}


def _load(bed_id: str) -> BedState | None:
    try:
        facts = json.loads((folder_of(bed_id) / "state.json").read_text())
    except FileNotFoundError:
        return None
    registries = [(address, who and Credentials(**who)) for address, who in facts["registries"]]
    return BedState(**{**facts, "registries": registries})


@contextmanager
def machine_lock(timeout: float = 90.0) -> Iterator[None]:
    """Keep other programs from choosing names and subnets or sweeping at the same time."""
    with _LOCK.open("a") as file:
        wait_until(
            lambda: _try_lock(file.fileno()),
            timeout,
            what=f"another program that makes or removes a bed (it holds {_LOCK})",
        )
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def get_detached() -> BedState:
    """Return the bed that `script/testbed up` left running; raise BedError when there is none."""
    for state in find_beds().values():
        if state is not None and state.detached:
            return state
    raise BedError("No bed is up. Start one with `script/testbed up 3`.")
