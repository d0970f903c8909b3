"""The program behind `script/testbed`."""

from __future__ import annotations

import argparse
import sys

from .bed import Bed
from .command import BedError
from .packages import ensure_packages
from .state import find_beds, machine_lock
from .teardown import remove_bed, sweep_abandoned


def main() -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/testbed", description="Real Docker engines on this machine, each its own host."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start a bed and leave it running")
    up.add_argument("hosts", type=int, nargs="?", default=3, help="how many hosts (default 3)")
    commands.add_parser("down", help="remove that bed, and those whose programs are dead")
    commands.add_parser("status", help="show all beds of this machine")
    arguments = parser.parse_args()
    try:
        if arguments.command == "up":
            _up(arguments.hosts)
        elif arguments.command == "down":
            _down()
        else:
            _status()
    except BedError as error:
        print(f"script/testbed: {error}", file=sys.stderr)
        return 1
    return 0


def _up(hosts: int) -> None:
    ensure_packages()
    _describe(Bed.up(hosts, detached=True))
    print("Remove it with `script/testbed down`.")


def _down() -> None:
    with machine_lock():
        gone = sweep_abandoned()
        for bed_id, state in find_beds().items():
            if state is not None and state.detached:
                remove_bed(bed_id)
                gone.append(bed_id)
    print(f"Removed: {', '.join(gone)}." if gone else "There was no bed to remove.")


def _status() -> None:
    beds = find_beds()
    if not beds:
        print("No bed is up.")
    for bed_id, state in beds.items():
        if state is None or state.is_abandoned:
            print(f"bed {bed_id}: its program is dead. Remove it with `script/testbed down`.")
            continue
        owner = "started by script/testbed" if state.detached else f"of process {state.owner_pid}"
        print(f"bed {bed_id}: {owner}")
        _describe(Bed(state, {}))


def _describe(bed: Bed) -> None:
    print(f"gateway   {bed.gateway_ip}  (listen here to be reached from the hosts)")
    for host in bed.hosts:
        engine = "answers" if host.engine_answers() else "does not answer"
        print(f"host      {host.name}  {host.ip}  {host.socket}  {engine}")
    for registry in bed.registries:
        lock = "  (asks for a password)" if registry.credentials else ""
        print(f"registry  {registry.address}{lock}")
    for name in bed.image_names():
        print(f"image     {bed.image(name)}")


if __name__ == "__main__":
    sys.exit(main())
