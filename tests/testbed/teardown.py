"""Remove a bed by its id alone, whoever made it and however far it got."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from .command import BedError
from .engine import find_shim_sockets
from .network import Network
from .processes import ProcessGroup, mounts_below, unmount_below
from .state import find_beds, folder_of, group_of


def remove_bed(bed_id: str) -> None:
    """End the bed's processes and remove all it made; safe to repeat.

    Every step is tried even when one before it fails. Raises BedError with what went wrong.
    """
    folder = folder_of(bed_id)
    group = ProcessGroup(group_of(bed_id))
    sockets = [path for run in folder.glob("*/run") for path in find_shim_sockets(run)]

    def remove_sockets() -> None:
        for path in sockets:
            path.unlink(missing_ok=True)

    steps: list[Callable[[], None]] = [
        group.kill,  # first: what runs holds mounts, namespaces and files
        lambda: unmount_below(folder),
        _network(bed_id).remove,
        remove_sockets,
        group.remove,
        lambda: _remove_folder(folder),  # last: what is not finished must be found again
    ]
    failures = []
    for step in steps:
        try:
            step()
        except (BedError, OSError) as error:
            failures.append(str(error))
            if group.members() or mounts_below(folder):
                break  # what still runs or is mounted must not lose its files
    if failures:
        raise BedError(f"The bed {bed_id} is not fully removed. {' '.join(failures)}")


def sweep_abandoned() -> list[str]:
    """Remove the beds whose programs ended without doing so; call it under the machine's lock.

    Returns their ids.
    """
    gone = []
    for bed_id, state in find_beds().items():
        if state is None or state.is_abandoned:
            remove_bed(bed_id)
            gone.append(bed_id)
    return gone


def find_leftovers(bed_id: str) -> list[str]:
    """Return what is still on this machine of a bed, each as `kind name`."""
    network, folder = _network(bed_id), folder_of(bed_id)
    group = ProcessGroup(group_of(bed_id))
    found = {
        "process": [str(pid) for pid in group.members()],
        "control group": [group.path] if group.exists() else [],
        "mount": mounts_below(folder),
        "namespace": network.namespaces(),
        "link": network.links(),
        "packet filter rule": [" ".join(rule) for rule in network.rules()],
        "directory": [str(folder)] if folder.exists() else [],
    }
    return [f"{kind} {name}" for kind, names in found.items() for name in names]


def _remove_folder(folder: Path) -> None:
    """Remove a bed's directory, the state last: without one a bed counts as abandoned.

    Another program that sweeps may be at the last of it too.
    """
    for path in [path for path in folder.glob("*") if path.name != "state.json"]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise BedError(f"{folder} could not be removed. Remove it by hand.")


def _network(bed_id: str) -> Network:
    """Return the bed's network for its names, which do not depend on the subnet."""
    return Network(bed_id, 0)
