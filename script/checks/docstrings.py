"""Docstrings on packages, modules, public classes and public functions of Berth."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from script.checks.findings import Finding
from script.checks.functions import Function, dotted, is_protocol, walk_functions
from script.checks.tree import Source, Tree

RULES = ("docstring",)

ROOT = "src/berth/"


def check_docstrings(tree: Tree) -> Iterator[Finding]:
    """Find what is public and has no docstring.

    A method may do without when a Protocol of Berth, or a base class by name, documents a method
    of the same name: it would only repeat it.
    """
    sources = tree.python(ROOT)
    promised = _documented_methods(sources, protocols_only=True)
    inherited = _documented_methods(sources, protocols_only=False)
    for source in sources:
        if ast.get_docstring(source.syntax) is None:
            kind = "package" if source.path.endswith("__init__.py") else "module"
            yield _missing(source, 1, message=f"the {kind} has no docstring")
        for node in _public_classes(source.syntax):
            if ast.get_docstring(node) is None:
                message = f"class '{node.name}' has none"
                yield _missing(source, node.lineno, message=message, name=node.name)
        for function in walk_functions(source.syntax):
            if _needs_docstring(function) and not _repeats(
                function, promised=promised, inherited=inherited
            ):
                message = f"'{function.name}' has none"
                yield _missing(source, function.node.lineno, message=message, name=function.name)


def _missing(source: Source, line: int, *, message: str, name: str = "") -> Finding:
    return Finding(source.path, line, "docstring", message, name)


def _public_classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node


def _needs_docstring(function: Function) -> bool:
    if function.nested or any(part.startswith("_") for part in function.name.split(".")):
        return False
    if function.owner is not None and function.name.count(".") > 1:
        return False
    last_words = {name.rpartition(".")[2] for name in function.decorators}
    if last_words & {"overload", "override", "setter", "deleter"}:
        return False
    return ast.get_docstring(function.node) is None


#: Method names by the class that documents them.
Documented = Mapping[str, frozenset[str]]


def _documented_methods(sources: Sequence[Source], *, protocols_only: bool) -> Documented:
    return {
        node.name: frozenset(
            method.name
            for method in node.body
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(method)
        )
        for source in sources
        for node in _public_classes(source.syntax)
        if is_protocol(node) or not protocols_only
    }


def _repeats(function: Function, *, promised: Documented, inherited: Documented) -> bool:
    owner, name = function.owner, function.node.name
    if owner is None or is_protocol(owner):
        return False
    bases = [dotted(base).rpartition(".")[2] for base in owner.bases]
    return any(name in names for names in promised.values()) or any(
        name in inherited.get(base, ()) for base in bases
    )
