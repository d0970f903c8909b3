"""Stats: what many containers and hosts use, in one answer."""

import asyncio
from collections.abc import Iterator

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.listing.filters import Words, check_words, is_among
from berth.api.schemas.usage import COLUMNS, UsageOfMany, UsageRow, render_usage_row
from berth.domain.fleet import Fleet
from berth.domain.records import Host

endpoints = Endpoints("Stats")

#: What can be asked for.
KINDS = ("containers", "hosts")


@endpoints.get("/api/v2/usage")
async def get_usage_of_many(
    services: ServicesOf,
    *,
    of: Words = None,
    deployment: Words = None,
    host: Words = None,
    pool: Words = None,
) -> Json[UsageOfMany]:
    """Get the newest measurement of every container and host, as arrays.

    ``of`` is containers, hosts or both; with a deployment only its containers are there.
    """
    check_words(of, KINDS, field="of")
    fleet = services.store.memory.fleet
    hosts: list[UsageRow] = []
    containers: list[UsageRow] = []
    for record in list(fleet.hosts.values()):
        usage = fleet.observed.usage.get(record.id)
        if usage is None or not is_among(host, record.id, record.name):
            continue
        if not is_among(pool, record.pool_id):
            continue
        if is_among(of, "hosts") and deployment is None and usage.host.last is not None:
            hosts.append(render_usage_row(record.id, usage.host.last))
        if is_among(of, "containers"):
            containers += _containers_of(fleet, record, deployment=deployment)
        await asyncio.sleep(0)
    return Json(UsageOfMany(COLUMNS, hosts, containers))


def _containers_of(fleet: Fleet, host: Host, *, deployment: str | None) -> Iterator[UsageRow]:
    chosen = None if deployment is None else _ids_of(fleet, host, deployment=deployment)
    for container_id, history in fleet.observed.usage[host.id].containers.items():
        if history.last is not None and (chosen is None or container_id in chosen):
            yield render_usage_row(container_id, history.last)


def _ids_of(fleet: Fleet, host: Host, *, deployment: str) -> set[str]:
    """Return the ids of the containers that deployments have on a host."""
    reports = (
        fleet.report_of(assignment.id)
        for assignment in fleet.assignments_on(host.id)
        if is_among(deployment, assignment.deployment_id)
    )
    return {report.container_id for report in reports if report is not None}
