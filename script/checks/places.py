"""Test files stand in the folder of their kind."""

import re
from collections.abc import Iterator

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("test-place", "test-name")

FOLDERS = ("unit", "properties", "contracts", "simulation", "integration", "attacks", "e2e")

_PLACE = re.compile(rf"tests/(?:{'|'.join(FOLDERS)})/")


def check_places(tree: Tree) -> Iterator[Finding]:
    """Find test files that no stage of script/test runs."""
    for source in tree.python():
        name = source.path.rpartition("/")[2]
        if name.startswith("test_") and not _PLACE.match(source.path):
            message = f"move it to one of tests/{{{','.join(FOLDERS)}}}/"
            yield Finding(source.path, 1, "test-place", message)
        if name.endswith("_test.py"):
            message = f"pytest does not collect it: name it test_{name.removesuffix('_test.py')}.py"
            yield Finding(source.path, 1, "test-name", message)
