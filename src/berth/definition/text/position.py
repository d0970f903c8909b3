"""A place in the text that is being read: names it in problems and in the report."""

from collections.abc import Iterator, Sequence

from berth.definition.text.findings import Findings
from berth.definition.text.nodes import Dictionary, Node, Scalar
from berth.domain.errors import Problem
from berth.domain.report import ReportEntry


class Position:
    """A dotted path together with where its findings go."""

    __slots__ = ("_findings", "path")

    def __init__(self, findings: Findings, path: str = "") -> None:
        self._findings = findings
        self.path = path

    def inside(self, name: str | int) -> "Position":
        """Return the place of a member or of an item, counted from 0."""
        return Position(self._findings, f"{self.path}.{name}" if self.path else str(name))

    def problem(self, node: Node, message: str) -> None:
        """Record that the node makes the text unusable; the message says how to fix it."""
        message = _with_variables(message, node)
        self._findings.add_problem(Problem(message, node.line, node.column, self.path))

    def problem_below(self, node: Node, lines: int, *, message: str) -> None:
        """Record a problem some lines below the beginning of a block of text."""
        column = 1 if lines else node.column
        message = _with_variables(message, node)
        self._findings.add_problem(Problem(message, node.line + lines, column, self.path))

    def ignored(self, node: Node, reason: str) -> None:
        """Record that the node has no effect."""
        self._findings.add_report(ReportEntry(node.line, self.path, "ignored", reason))

    def translated(self, node: Node, reason: str) -> None:
        """Record that the node takes effect in another way than it is written."""
        self._findings.add_report(ReportEntry(node.line, self.path, "translated", reason))


def join_names(names: Sequence[str]) -> str:
    """Join names for a message, each once, and not more than can be read."""
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:5]) + (" and more" if len(unique) > 5 else "")


def _with_variables(message: str, node: Node) -> str:
    """Put the variables that became nothing in front: they are mostly why a value is wrong."""
    written, names = next(_emptied(node), ("", ()))
    if not names:
        return message
    verb = "has" if len(names) == 1 else "have"
    text = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}..."
    return (
        f'"{text}": {join_names(names)} {verb} no value, since variables are not read: '
        f"write the value in its place. Without it, {message}"
    )


def _emptied(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a text with the variables in it that became nothing; a mapping's are those of its values."""
    if isinstance(node, Scalar) and node.empty:
        yield node.written, node.empty
    elif isinstance(node, Dictionary):
        for name, (_, item) in node.entries.items():
            if isinstance(item, Scalar) and item.empty and not item.value:
                yield f"{name}: {item.written}", item.empty


#: Most of a text that a message shows.
_LONGEST = 57
