"""Sizes of files, functions and parameter lists."""

import ast
from collections.abc import Iterator, Sequence

from script.checks.findings import Finding
from script.checks.functions import Function, FunctionNode, walk_functions
from script.checks.tree import Source, Tree

RULES = (
    "file-lines",
    "file-share",
    "function-lines",
    "function-share",
    "parameters",
    "positional-parameters",
    "tsx-lines",
)

FILE_LINES = 500
USUAL_FILE_LINES = 300
USUAL_FILE_PERCENT = 85
FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 30
USUAL_FUNCTION_PERCENT = 93
PARAMETERS = 6
POSITIONAL = 2
TSX_LINES = 250

#: Where the shares are counted; tests are short by nature and would hide the rest.
SHARE_ROOT = "src/"

#: Decorators of functions that a framework calls with arguments by name.
BY_NAME_DECORATORS = frozenset(
    {"get", "put", "post", "delete", "patch", "head", "websocket", "api_route", "exception_handler"}
    | {"command", "verb", "callback", "fixture", "given", "rule", "initialize"}
)

#: Dunder methods whose parameters are ours to choose; those of the others are Python's.
OWN_DUNDERS = frozenset({"__init__", "__new__", "__call__"})


def check_sizes(tree: Tree) -> Iterator[Finding]:
    """Find what is too large."""
    for source in tree:
        if source.path.endswith(".tsx"):
            yield from _check_lines(source, "tsx-lines", limit=TSX_LINES)
    for source in tree.python():
        yield from _check_lines(source, "file-lines", limit=FILE_LINES)
        for function in walk_functions(source.syntax):
            yield from _check_function(source, function)
    yield from _check_shares(tree.python(SHARE_ROOT))


def count_body_lines(node: FunctionNode) -> int:
    """Count the lines of a function's body, its docstring left out."""
    body = node.body
    if ast.get_docstring(node, clean=False) is not None:
        body = body[1:]
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _check_lines(source: Source, rule: str, *, limit: int) -> Iterator[Finding]:
    count = len(source.lines)
    if count > limit:
        message = f"{count} lines, at most {limit}: split it where a part has a name of its own"
        yield Finding(source.path, 1, rule, message)


def _check_function(source: Source, function: Function) -> Iterator[Finding]:
    lines = count_body_lines(function.node)
    for rule, message in (
        ("function-lines", _judge_lines(lines)),
        ("parameters", _judge_parameters(function)),
        ("positional-parameters", _judge_positional(function)),
    ):
        if message:
            text = f"'{function.name}' {message}"
            yield Finding(source.path, function.node.lineno, rule, text, function.name)


def _judge_lines(lines: int) -> str:
    if lines <= FUNCTION_LINES:
        return ""
    return f"has a body of {lines} lines, at most {FUNCTION_LINES}: name its parts"


def _judge_parameters(function: Function) -> str:
    args = function.node.args
    count = len(_own_positional(function)) + len(args.kwonlyargs)
    if count <= PARAMETERS or _called_by_python(function):
        return ""
    return f"takes {count} parameters, at most {PARAMETERS}: some of them belong together"


def _judge_positional(function: Function) -> str:
    count = len(_own_positional(function))
    if count <= POSITIONAL or _called_by_python(function) or _called_by_name(function):
        return ""
    return f"takes {count} positional parameters, at most {POSITIONAL}: put '*, ' after the second"


def _own_positional(function: Function) -> Sequence[ast.arg]:
    args = function.node.args
    positional = [*args.posonlyargs, *args.args]
    if function.owner is not None and "staticmethod" not in function.decorators:
        return positional[1:]
    return positional


def _called_by_python(function: Function) -> bool:
    name = function.node.name
    return name.startswith("__") and name.endswith("__") and name not in OWN_DUNDERS


def _called_by_name(function: Function) -> bool:
    last_words = {name.rpartition(".")[2] for name in function.decorators}
    return function.node.name.startswith("test_") or not BY_NAME_DECORATORS.isdisjoint(last_words)


def _check_shares(sources: Sequence[Source]) -> Iterator[Finding]:
    files = [(len(source.lines), source.path) for source in sources]
    yield from _check_share("file-share", files, limit=USUAL_FILE_LINES, percent=USUAL_FILE_PERCENT)
    functions = [
        (count_body_lines(function.node), f"{source.path}::{function.name}")
        for source in sources
        for function in walk_functions(source.syntax)
    ]
    yield from _check_share(
        "function-share", functions, limit=USUAL_FUNCTION_LINES, percent=USUAL_FUNCTION_PERCENT
    )


def _check_share(
    rule: str, sizes: Sequence[tuple[int, str]], *, limit: int, percent: int
) -> Iterator[Finding]:
    larger = sorted((size for size in sizes if size[0] >= limit), reverse=True)
    smaller = len(sizes) - len(larger)
    if 100 * smaller >= percent * len(sizes):
        return
    largest = ", ".join(f"{name} ({count})" for count, name in larger[:8])
    message = (
        f"{100 * smaller / len(sizes):.1f} % of {len(sizes)} have fewer than {limit} lines, "
        f"at least {percent} % shall; the largest: {largest}"
    )
    yield Finding(SHARE_ROOT.rstrip("/"), 1, rule, message)
