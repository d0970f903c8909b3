"""Words: modules are nouns, classes have names of their own, verbs keep one meaning."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from script.checks.findings import Finding
from script.checks.functions import walk_functions
from script.checks.tree import Source, Tree

RULES = ("module-noun", "class-name", "function-verb", "docstring-verb", "plain-words", "banner")

ROOT = "src/berth/"

#: Nouns of the glossary or of the field that end as what somebody does or did.
NOUNS = frozenset(
    {"desired", "feed", "listing", "naming", "observed", "ranking", "routing", "testing", "writing"}
)

#: Speaks to users of Python, who know nothing of the manager's classes: it has names of its own.
APART = "src/berth/client/"

#: Verbs with several meanings: the glossary has a verb for each of them.
BANNED_VERBS = frozenset({"look", "say", "tell"})

#: What a docstring does not begin with, by what it begins with instead.
BANNED_BEGINNINGS = {
    "Give ": "Return",
    "Gives ": "Return",
    "Tell ": "Return, Report or Send",
    "Tells ": "what it is or does",
}

#: Words of a dialect that once grew here, in any case of letters, by what to write instead.
DIALECT = {
    "anew": "again",
    "afresh": "again",
    "mend": "fix",
    "mends": "fixes",
    "lest": "so that ... not",
    "small letters": "lower case",
    "bear": "have",
    "bears": "has",
    "so long": "this time, or longest wait for",
    "so many": "this many, or at most",
    "so much": "this much, or at most",
    "exist no more": "no longer exist",
    "exists no more": "no longer exists",
    "is well": "is healthy",
    "are well": "are healthy",
    "#: gives": "#: Returns",
    "#: told": "#: Called when",
}

_DIALECT = re.compile(
    "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in DIALECT), re.IGNORECASE
)

#: A line that draws a heading over what wants a name of its own.
_BANNER = re.compile(r"^[ \t]*(?:#|//|/\*) ?[-=]{3,}", re.MULTILINE)

#: They say how not to write.
SHOWING_DIALECT = frozenset({"docs/style.md", "script/checks/words.py"})

PROSE = (".py", ".md", ".ts", ".tsx", ".css")


def check_words(tree: Tree) -> Iterator[Finding]:
    """Find modules that are no nouns, classes with one name, and words that say too little."""
    sources = tree.python(ROOT)
    for source in sources:
        yield from _check_module(source)
        yield from _check_verbs(source)
    yield from _check_classes([one for one in sources if not one.path.startswith(APART)])
    yield from _check_classes([one for one in sources if one.path.startswith(APART)])
    for source in tree.python():
        yield from _check_beginnings(source)
    for source in tree:
        if source.path.endswith(PROSE) and source.path not in SHOWING_DIALECT:
            yield from _check_prose(source)


def _check_module(source: Source) -> Iterator[Finding]:
    path = PurePosixPath(source.path)
    name = path.parent.name if path.name == "__init__.py" else path.stem
    if name.rpartition("_")[2].endswith(("ing", "ed")) and name not in NOUNS:
        message = f"'{name}' is what it does: name it after what it is"
        yield Finding(source.path, 1, "module-noun", message)


def _check_verbs(source: Source) -> Iterator[Finding]:
    for function in walk_functions(source.syntax):
        verb = function.node.name.lstrip("_").partition("_")[0]
        if verb in BANNED_VERBS:
            message = f"'{function.name}': '{verb}' has several meanings, take the glossary's verb"
            yield Finding(
                source.path, function.node.lineno, "function-verb", message, function.name
            )


def _check_classes(sources: Sequence[Source]) -> Iterator[Finding]:
    places: defaultdict[str, list[tuple[Source, int]]] = defaultdict(list)
    for source in sources:
        for node in source.syntax.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append((source, node.lineno))
    for name, found in places.items():
        for source, line in found[1:]:
            message = f"there is another class '{name}', in {found[0][0].path}"
            yield Finding(source.path, line, "class-name", message, name)


def _check_beginnings(source: Source) -> Iterator[Finding]:
    if not any(banned in source.text for banned in BANNED_BEGINNINGS):
        return
    for node in ast.walk(source.syntax):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        text = ast.get_docstring(node) or ""
        for banned, better in BANNED_BEGINNINGS.items():
            if text.startswith(banned):
                message = f"'{node.name}' begins with '{banned.strip()}': write '{better}'"
                yield Finding(source.path, node.lineno, "docstring-verb", message, node.name)


def _check_prose(source: Source) -> Iterator[Finding]:
    for match in _DIALECT.finditer(source.text):
        message = f"'{match[0]}': write '{DIALECT[match[0].lower()]}'"
        yield Finding(source.path, _line(source, match), "plain-words", message)
    if not source.path.endswith(".md"):
        for match in _BANNER.finditer(source.text):
            message = "a banner: make a class or a module of what stands below it"
            yield Finding(source.path, _line(source, match), "banner", message)


def _line(source: Source, match: re.Match[str]) -> int:
    return source.text.count("\n", 0, match.start()) + 1
