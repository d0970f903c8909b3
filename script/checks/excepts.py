"""Broad exception clauses: allowed at listed edges only, and never silent."""

import ast
from collections.abc import Iterator

from script.checks.findings import Finding
from script.checks.functions import dotted
from script.checks.tree import Source, Tree

RULES = ("broad-except", "silent-except")

ROOT = "src/berth/"

BROAD = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})

LOG_METHODS = frozenset({"exception", "critical", "error", "warning"})


def check_excepts(tree: Tree) -> Iterator[Finding]:
    """Find clauses that catch everything, unless they end with a bare ``raise``."""
    for source in tree.python(ROOT):
        yield from _check_node(source, source.syntax, name="")


def _check_node(source: Source, node: ast.AST, *, name: str) -> Iterator[Finding]:
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{name}.{child.name}" if name else child.name
        elif isinstance(child, ast.ExceptHandler) and is_broad(child) and not reraises(child):
            message = "catches everything: name the exceptions, or let the loop around it log them"
            yield Finding(source.path, child.lineno, "broad-except", message, name)
            if not logs(child):
                message = "catches everything and logs nothing"
                yield Finding(source.path, child.lineno, "silent-except", message, name)
        yield from _check_node(source, child, name=inner)


def is_broad(clause: ast.ExceptHandler) -> bool:
    """Return whether a clause catches every exception."""
    if clause.type is None:
        return True
    caught = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type]
    return any(dotted(kind) in BROAD for kind in caught)


def reraises(clause: ast.ExceptHandler) -> bool:
    """Return whether a clause ends by raising what it caught."""
    last = clause.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def logs(clause: ast.ExceptHandler) -> bool:
    """Return whether a clause writes to a log."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOG_METHODS
        for node in ast.walk(clause)
    )
