"""Runs all checks and reports every one, whatever the others say."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from script.checks import (
    docstrings,
    excepts,
    generated,
    hygiene,
    loading,
    locks,
    names,
    places,
    rooms,
    sizes,
    words,
)
from script.checks.findings import (
    EXEMPTIONS_PATH,
    Exemption,
    Finding,
    find_unknown_rules,
    judge_findings,
    parse_exemptions,
)
from script.checks.tools import list_tools, run_tool
from script.checks.tree import Tree, read_tree


@dataclass(frozen=True)
class Rules:
    """One of our own checks: a function from files to findings, and the rules it knows."""

    name: str
    find: Callable[[Tree], Iterable[Finding]]
    rules: tuple[str, ...]


OWN = (
    Rules("sizes", sizes.check_sizes, sizes.RULES),
    Rules("names", names.check_names, names.RULES),
    Rules("rooms", rooms.check_rooms, rooms.RULES),
    Rules("words", words.check_words, words.RULES),
    Rules("docstrings", docstrings.check_docstrings, docstrings.RULES),
    Rules("excepts", excepts.check_excepts, excepts.RULES),
    Rules("hygiene", hygiene.check_hygiene, hygiene.RULES),
    Rules("places", places.check_places, places.RULES),
    Rules("locks", locks.check_locks, locks.RULES),
    Rules("generated", generated.check_generated, generated.RULES),
    Rules("loading", loading.check_loading, loading.RULES),
)


def run_own(check: Rules, tree: Tree, *, exemptions: Sequence[Exemption]) -> tuple[bool, str]:
    """Run one of our own checks; return whether it found nothing, and what it says."""
    left = judge_findings(check.find(tree), exemptions, rules=check.rules)
    return not left, "".join(f"{finding}\n" for finding in left)


def report(name: str, check: Callable[[], tuple[bool, str]]) -> tuple[bool, str]:
    """Run a check and put its headline before what it printed; a passed one is one line."""
    start = time.monotonic()
    passed, text = check()
    headline = f"{name:<12}{'ok' if passed else 'FAILED'}  ({time.monotonic() - start:.1f} s)"
    return passed, headline if passed else f"\n{headline}\n{text.strip()}\n"


def list_checks(root: Path) -> dict[str, Callable[[], tuple[bool, str]]]:
    """Return all checks by name, in the order of their reports."""
    tree = read_tree(root)
    exemptions = parse_exemptions((root / EXEMPTIONS_PATH).read_text())
    known = [rule for check in OWN for rule in check.rules]
    unknown = find_unknown_rules(exemptions, known)
    return {
        **{tool.name: partial(run_tool, tool) for tool in list_tools()},
        **{check.name: partial(run_own, check, tree, exemptions=exemptions) for check in OWN},
        "exemptions": lambda: (not unknown, "".join(f"{finding}\n" for finding in unknown)),
    }


def main(arguments: Sequence[str]) -> int:
    """Run the named checks, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/check", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="run only these checks")
    parser.add_argument("--list", action="store_true", help="print the names of all checks")
    chosen = parser.parse_args(arguments)
    checks = list_checks(Path.cwd())
    if chosen.list:
        print("\n".join(checks))
        return 0
    unknown = sorted(set(chosen.names) - set(checks))
    if unknown:
        parser.error(f"no such check: {', '.join(unknown)}")
    wanted = {name: checks[name] for name in chosen.names or checks}
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as workers:
        for passed, text in workers.map(report, wanted.keys(), wanted.values()):
            failed += not passed
            print(text, flush=True)
    print(f"\n{len(wanted) - failed} checks passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
