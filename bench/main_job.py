"""The program behind `bench/run`: measures everything in one run, side by side."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec

from bench.cut import measure_cut
from bench.fleet import measure_fleet
from bench.footprint import measure_footprint
from bench.replace import measure_replace
from bench.results import Report, Result, render_markdown
from bench.single import measure_single
from bench.site import Site
from testbed import BedError, ensure_packages
from testbed.command import run_command

MEASUREMENTS: dict[str, Callable[[Site], Result]] = {
    "fleet": measure_fleet,
    "single": measure_single,
    "replace": measure_replace,
    "cut": measure_cut,
    "memory": measure_footprint,
}

_ROOT = Path(__file__).parents[1]


def main() -> int:
    """Measure what is asked for; the exit code is 1 when a target is missed, 2 after a failure."""
    options = _parse()
    signal.signal(signal.SIGTERM, _end)
    began_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    results: list[Result] = []
    foreign_cores: list[float] = []
    failure = ""
    try:
        ensure_packages()
        patience = options.patience
        with Site.up(options.rounds, patience=patience, foreign_cores=foreign_cores) as site:
            for name in options.only:
                print(f"bench: measuring {name} ...", file=sys.stderr, flush=True)
                results.append(MEASUREMENTS[name](site))
    except BedError as error:
        failure = str(error)
    report = Report(
        began_at=began_at,
        machine=_describe_machine(),
        rounds=options.rounds,
        results=tuple(results),
        foreign_cores=tuple(foreign_cores),
    )
    print(render_markdown(report), end="", flush=True)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    if failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    return int(not all(verdict.passed for one in results for verdict in one.verdicts))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measure Berth and its peers.")
    parser.add_argument("--rounds", type=_even, default=6, metavar="N",
                        help="runs of each peer, an even number (default 6)")  # fmt: skip
    parser.add_argument("--only", type=_names, default=list(MEASUREMENTS), metavar="NAME,...",
                        help=f"of {','.join(MEASUREMENTS)}")  # fmt: skip
    parser.add_argument("--patience", type=float, default=0, metavar="SECONDS",
                        help="wait for at most this time before each part until other programs are idle, and "
                             "repeat what they disturbed")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values as well")
    return parser.parse_args()


def _even(text: str) -> int:
    rounds = int(text)
    if rounds < 2 or rounds % 2:
        raise argparse.ArgumentTypeError("rounds run forwards and backwards: name an even number")
    return rounds


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}")
    return names


def _describe_machine() -> str:
    engine = run_command(["dockerd", "--version"]).split(",")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        revision = run_command(["git", "-C", str(_ROOT), "describe", "--always", "--dirty"]).strip()
    except BedError:
        revision = "of unknown revision"  # not a clone
    return (
        f"Berth {revision}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release()}, {engine}, "
        f"Python {platform.python_version()}"
    )


def _end(number: int, frame: FrameType | None) -> None:
    """End as after an exception, so that the bed is removed."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
