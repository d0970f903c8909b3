"""The files of the repository as the checks see them."""

import ast
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

#: Folders whose Python is ours to measure.
PYTHON_ROOTS = ("src/", "tests/", "script/", "bench/")


@dataclass(frozen=True)
class Source:
    """One text file; ``path`` is relative to the repository, with slashes."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

    @cached_property
    def syntax(self) -> ast.Module:
        """The syntax tree; empty for a file that does not parse, which ruff reports."""
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return ast.Module(body=[], type_ignores=[])


class Tree:
    """All text files that are tracked, or would be by ``git add``."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.sources = {path: Source(path, text) for path, text in sorted(texts.items())}

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources.values())

    def python(self, *roots: str) -> list[Source]:
        """Return the Python files below the folders, or below all that are ours."""
        return [
            source
            for source in self
            if source.path.endswith(".py") and source.path.startswith(roots or PYTHON_ROOTS)
        ]


def read_tree(root: Path) -> Tree:
    """Read the repository; binary files and files that just vanished are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    texts: dict[str, str] = {}
    for path in listed.stdout.decode().split("\0"):
        try:
            texts[path] = (root / path).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            continue
    return Tree(texts)
