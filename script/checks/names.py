"""Names that say nothing."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from script.checks.findings import Finding
from script.checks.functions import Function, walk_functions
from script.checks.tree import Tree

RULES = ("module-name", "function-name")

#: Words that no module or package may be named with.
EMPTY_WORDS = frozenset({"helper", "util", "handler", "misc"})

#: Prefixes that hide what a function does.
EMPTY_PREFIXES = ("process_", "do_")

CODE_SUFFIXES = (".py", ".ts", ".tsx")


def check_names(tree: Tree) -> Iterator[Finding]:
    """Find modules, packages and functions with empty names."""
    for source in tree:
        if source.path.endswith(CODE_SUFFIXES):
            yield from _check_path(source.path)
    for source in tree.python():
        for function in walk_functions(source.syntax):
            bare = function.node.name.lstrip("_")
            if bare.startswith(EMPTY_PREFIXES) and not _is_noun(function):
                message = f"'{function.name}': say what it does instead of '{bare.split('_')[0]}_'"
                yield Finding(
                    source.path, function.node.lineno, "function-name", message, function.name
                )


def _is_noun(function: Function) -> bool:
    return not {"property", "cached_property", "functools.cached_property"}.isdisjoint(
        function.decorators
    )


def _check_path(path: str) -> Iterator[Finding]:
    for part in PurePosixPath(path).parts:
        spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", part).lower()
        for word in re.split(r"[^a-z]+", spaced):
            if word.removesuffix("s") in EMPTY_WORDS or word in EMPTY_WORDS:
                message = f"'{part}': name it after its subject instead of '{word}'"
                yield Finding(path, 1, "module-name", message)
