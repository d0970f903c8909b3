"""Rendered rows of containers, kept for as long as nothing that they show has changed."""

from typing import Any

from berth.api.schemas.containers import FlatContainer, render_row
from berth.domain.fleet import Fleet
from berth.domain.records import Assignment, Deployment
from berth.domain.views import row_of_assignment

#: Rows beyond the assignments that there are; with more, all are rendered afresh.
SPARE = 1_000


class RowCache:
    """The row of each assignment beside the records that it was made of."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[tuple[Any, ...], FlatContainer]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def render(
        self, fleet: Fleet, deployment: Deployment, *, assignment: Assignment
    ) -> FlatContainer:
        """Give an assignment's row; records never change, so those of before give that of before."""
        made_of = (
            assignment,
            deployment,
            fleet.report_of(assignment.id),
            fleet.hosts.get(assignment.host_id),
            fleet.status_of(assignment.host_id).state,
        )
        known = self._rows.get(assignment.id)
        if known is not None and all(map(_is_same, known[0], made_of)):
            return known[1]
        if len(self._rows) > len(fleet.assignments) + SPARE:
            self._rows.clear()
        row = render_row(deployment, row_of_assignment(fleet, deployment, assignment=assignment))
        self._rows[assignment.id] = made_of, row
        return row


def _is_same(before: object, now: object) -> bool:
    return before is now
