"""Functions and classes of a syntax tree with their qualified names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function with the place it stands in."""

    node: FunctionNode
    #: Dotted name inside the module, for example ``Store.run``.
    name: str
    #: The class it is a method of, or none.
    owner: ast.ClassDef | None
    #: Whether it stands inside another function.
    nested: bool

    @property
    def decorators(self) -> list[str]:
        """The decorators as dotted names, without their arguments."""
        return [dotted(decorator) for decorator in self.node.decorator_list]


def dotted(node: ast.expr) -> str:
    """Return the dotted name of a name, an attribute, a call or a subscription; "" for others."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return dotted(inner)
        case _:
            return ""


def walk_functions(tree: ast.Module) -> Iterator[Function]:
    """Go through all functions, methods and nested functions."""
    yield from _walk(tree, _Place("", owner=None, nested=False))


@dataclass(frozen=True)
class _Place:
    prefix: str
    owner: ast.ClassDef | None
    nested: bool


def _walk(node: ast.AST, place: _Place) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        inner = place
        if isinstance(child, FunctionNode):
            yield Function(child, place.prefix + child.name, place.owner, place.nested)
            inner = _Place(f"{place.prefix}{child.name}.", owner=None, nested=True)
        elif isinstance(child, ast.ClassDef):
            inner = _Place(f"{place.prefix}{child.name}.", owner=child, nested=place.nested)
        yield from _walk(child, inner)


def is_protocol(node: ast.ClassDef) -> bool:
    """Return whether a class is a Protocol itself, not an implementation of one."""
    return any(dotted(base).rpartition(".")[2] == "Protocol" for base in node.bases)
