"""Rooms: how many modules stand loose in one folder of Berth."""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("loose-modules",)

ROOT = "src/berth/"

#: With more, a newcomer no longer reads the subject of a folder off its listing.
LOOSE_MODULES = 16


def check_rooms(tree: Tree) -> Iterator[Finding]:
    """Find folders with too many modules beside each other; packages below them do not count."""
    loose = Counter(
        str(PurePosixPath(source.path).parent)
        for source in tree.python(ROOT)
        if not source.path.endswith("/__init__.py")
    )
    for folder, count in sorted(loose.items()):
        if count > LOOSE_MODULES:
            message = f"{count} loose modules, at most {LOOSE_MODULES}: make rooms of them"
            yield Finding(folder, 1, "loose-modules", message)
