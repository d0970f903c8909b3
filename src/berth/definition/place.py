"""A place in the text that is being read: names it in problems and in the report."""

from berth.definition.findings import Findings, ReportEntry
from berth.definition.nodes import Node
from berth.domain.errors import Problem


class Place:
    """A dotted path together with where its findings go."""

    __slots__ = ("_findings", "path")

    def __init__(self, findings: Findings, path: str = "") -> None:
        self._findings = findings
        self.path = path

    def inside(self, name: str | int) -> "Place":
        """Give the place of a member or of an item, counted from 0."""
        return Place(self._findings, f"{self.path}.{name}" if self.path else str(name))

    def problem(self, node: Node, message: str) -> None:
        """Record that the node makes the text unusable; the message says how to mend it."""
        self._findings.add_problem(Problem(message, node.line, node.column, self.path))

    def problem_below(self, node: Node, lines: int, *, message: str) -> None:
        """Record a problem so many lines below the beginning of a block of text."""
        column = 1 if lines else node.column
        self._findings.add_problem(Problem(message, node.line + lines, column, self.path))

    def ignored(self, node: Node, reason: str) -> None:
        """Record that the node has no effect."""
        self._findings.add_report(ReportEntry(node.line, self.path, "ignored", reason))

    def translated(self, node: Node, reason: str) -> None:
        """Record that the node takes effect in another way than it is written."""
        self._findings.add_report(ReportEntry(node.line, self.path, "translated", reason))
