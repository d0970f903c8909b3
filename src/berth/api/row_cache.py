"""What is shown of containers and deployments, kept until something in it changes."""

from operator import is_
from typing import Any

from berth.api.schemas.containers import FlatContainer, render_row
from berth.domain.deployment_view import PARTIAL, current_state, find_listed, row_of_assignment
from berth.domain.fleet import Fleet
from berth.domain.records import Assignment, Deployment
from berth.domain.states import Availability

#: Rows beyond the assignments that there are; with more, all are rendered again.
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
        """Return an assignment's row; records never change, so the same ones have the same row."""
        report = fleet.report_of(assignment.id)
        made_of = (
            assignment,
            deployment,
            report,
            find_listed(fleet, assignment, report=report),
            fleet.hosts.get(assignment.host_id),
            fleet.status_of(assignment.host_id).state,
        )
        known = self._rows.get(assignment.id)
        if known is not None and all(map(is_, known[0], made_of)):
            return known[1]
        if len(self._rows) > len(fleet.assignments) + SPARE:
            self._rows.clear()
        row = render_row(deployment, row_of_assignment(fleet, deployment, assignment=assignment))
        self._rows[assignment.id] = made_of, row
        return row


class StateCache:
    """The current state of each deployment beside the records that it was made of."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[list[Any], int]] = {}

    def __len__(self) -> int:
        return len(self._states)

    def current(self, fleet: Fleet, deployment: Deployment) -> int:
        """Return ``current_state``; records never change, so the same ones have the same state.

        Of a service on every host the hosts decide what is wanted: that is counted each time. So is
        what is not as wanted yet, since the keys of its containers may be all that is missing.
        """
        if any(s.placement.availability is Availability.PER_HOST for s in deployment.services):
            return current_state(fleet, deployment)
        made_of = _made_of(fleet, deployment)
        known = self._states.get(deployment.id)
        if known is not None and len(known[0]) == len(made_of) and all(map(is_, known[0], made_of)):
            return known[1]
        if len(self._states) > len(fleet.deployments) + SPARE:
            self._states.clear()
        state = current_state(fleet, deployment)
        if state != PARTIAL:
            self._states[deployment.id] = made_of, state
        return state


def _made_of(fleet: Fleet, deployment: Deployment) -> list[Any]:
    """Return the records that a deployment's state follows from.

    It runs for every assignment each time that deployments are listed: whole lists of plain
    lookups cost less than one call after another.
    """
    assignments = fleet.assignments_of(deployment.id)
    hosts, reports, statuses = fleet.hosts, fleet.observed.reports, fleet.observed.hosts
    placed = [a.host_id for a in assignments]
    return [
        deployment,
        *assignments,
        *[reports.get(a.id) for a in assignments],
        *[hosts.get(host_id) for host_id in placed],
        *[s and s.state for s in map(statuses.get, placed)],
    ]
