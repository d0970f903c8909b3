"""Collects what is wrong in a text, and what of it has no effect."""

from collections.abc import Sequence
from typing import NoReturn

from berth.domain.errors import DefinitionInvalid, Problem
from berth.domain.report import ReportEntry

#: A text may be wrong in a hundred thousand places; nobody reads more than these.
MAX_PROBLEMS = 200
MAX_REPORT = 1000
#: After this many problems the rest of a text is not read.
_ENOUGH = 2000


class Findings:
    """Problems and report entries of one text, in the order they were found."""

    def __init__(self, field: str) -> None:
        #: Name of the request's member that holds the text.
        self._field = field
        # Dictionaries as ordered sets: an anchor used twice is one problem, not two.
        self._problems: dict[Problem, None] = {}
        self._report: dict[ReportEntry, None] = {}

    def add_problem(self, problem: Problem) -> None:
        """Record something that makes the text unusable; raises them all once there are enough."""
        self._problems[problem] = None
        if len(self._problems) >= _ENOUGH:
            self.raise_problems()

    @property
    def has_problems(self) -> bool:
        """Whether anything makes the text unusable."""
        return bool(self._problems)

    def add_report(self, entry: ReportEntry) -> None:
        """Record something that the reader of the text should know."""
        if len(self._report) < _ENOUGH:
            self._report[entry] = None

    def report(self) -> tuple[ReportEntry, ...]:
        """Return the report in the order of the text, cut to a length that can be read."""
        return tuple(sorted(self._report, key=lambda entry: entry.line)[:MAX_REPORT])

    def raise_problems(self) -> None:
        """Raise ``DefinitionInvalid`` with all problems; do nothing when there is none."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=lambda found: (found.line, found.column))
        raise DefinitionInvalid(_shortened(ordered), report=self.report(), field=self._field)

    def refuse(self, problem: Problem) -> NoReturn:
        """Raise at once: what follows in the text cannot be read."""
        self.add_problem(problem)
        self.raise_problems()
        raise AssertionError("a problem was just added")


def problem_in(text: str, index: int, *, message: str) -> Problem:
    """Return a problem with the place of a character of the whole text."""
    line = text.count("\n", 0, index) + 1
    return Problem(message, line=line, column=index - text.rfind("\n", 0, index))


def _shortened(problems: list[Problem]) -> Sequence[Problem]:
    surplus = len(problems) - MAX_PROBLEMS
    if surplus <= 0:
        return problems
    rest = Problem(f"{surplus} more problems follow: fix these first", problems[-1].line)
    return [*problems[:MAX_PROBLEMS], rest]
