"""Deployments in numbers."""

import msgspec

from berth.api.http.timestamps import render_exact_time, render_time
from berth.domain.deployment_view import RUNNING, STOPPED, pending_state, summarize
from berth.domain.fleet import Fleet
from berth.domain.records import Deployment, Status
from berth.domain.states import Severity
from berth.domain.table import TableView


class SummaryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment in numbers."""

    deployment_id: str
    deployment_name: str
    subtype: str
    pool_id: str
    created_on: str
    desired_state: int
    desired_state_changed_at: str
    current_state: int
    pending_state: int
    #: Healthy, Pending, Unhealthy, Stopping or Stopped.
    health: str
    services_total: int
    services_healthy: int
    containers_total: int
    containers_running: int


class Totals(msgspec.Struct, frozen=True):
    """All deployments counted."""

    deployments: int
    running: int
    stopped: int
    healthy: int


class AllSummaries(msgspec.Struct, frozen=True):
    """Envelope of the summaries."""

    deployments_summary: list[SummaryAnswer]
    totals: Totals


def render_summaries(
    fleet: Fleet, deployments: list[Deployment], *, statuses: TableView[Status]
) -> AllSummaries:
    """Render deployments in numbers, and count them."""
    summaries = [render_summary(fleet, each, statuses=statuses) for each in deployments]
    running = sum(summary.desired_state for summary in summaries)
    totals = Totals(
        deployments=len(summaries),
        running=running,
        stopped=len(summaries) - running,
        healthy=sum(summary.health == "Healthy" for summary in summaries),
    )
    return AllSummaries(summaries, totals)


def render_summary(
    fleet: Fleet, deployment: Deployment, *, statuses: TableView[Status]
) -> SummaryAnswer:
    """Render one deployment in numbers."""
    numbers = summarize(fleet, deployment)
    state = numbers.current_state
    return SummaryAnswer(
        deployment_id=deployment.id,
        deployment_name=deployment.name,
        subtype=deployment.subtype.value,
        pool_id=deployment.pool_id,
        created_on=render_time(deployment.created_at),
        desired_state=deployment.desired_state,
        desired_state_changed_at=render_exact_time(deployment.desired_changed_at),
        current_state=state,
        pending_state=pending_state(deployment, state),
        health=_health_word(deployment, state, has_error=_has_error(statuses, deployment)),
        services_total=numbers.services_total,
        services_healthy=numbers.services_healthy,
        containers_total=numbers.containers_total,
        containers_running=numbers.containers_running,
    )


def _health_word(deployment: Deployment, state: int, *, has_error: bool) -> str:
    """Ordered rules: the first that holds."""
    if deployment.desired_state == 0:
        return "Stopped" if state == STOPPED else "Stopping"
    if state == RUNNING:
        return "Healthy"
    return "Unhealthy" if has_error else "Pending"


def _has_error(statuses: TableView[Status], deployment: Deployment) -> bool:
    found = statuses.find("subject", ("deployment", deployment.id))
    return any(
        status.event.severity >= Severity.ERROR and not status.clear_event_id for status in found
    )
