"""Changes of deployments that can be tried: answered with what they did, or what they would do."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BeforeValidator

from berth.api.http.params import read_query_flag
from berth.api.http.responses import Json
from berth.api.requests.task_request import TaskRequest
from berth.api.schemas.deployments import OneDeployment, OnePlan, render_plan
from berth.api.schemas.forecasts import (
    FleetForecast,
    OneForecast,
    changes_anything,
    render_forecast,
)
from berth.api.services import Services
from berth.control.deployments.dry_run import Command, DryRun, try_command, try_fleet_change
from berth.domain.ids import TaskId
from berth.domain.report import ReportEntry
from berth.scheduler.forecast import Forecast
from berth.store.draft import Draft

#: A forecast ends after this many steps, or this time; what it has found by then is shown.
MAX_STEPS, MAX_SECONDS = 2_000, 2.0


def read_dry_run(value: Any) -> Any:
    """Read a flag, or the word for a forecast."""
    if value in ("full", "once", "no"):
        return value
    try:
        return "once" if read_query_flag(value) else "no"
    except ValueError:
        raise ValueError("must be true, false or full") from None


#: Whether a change is only tried: planned once, or until nothing changes any more.
DryRunOf = Annotated[
    Literal["no", "once", "full"],
    BeforeValidator(read_dry_run),
    Query(
        description=(
            "Change nothing: `true` answers the first plan, `full` what it comes to in the end, "
            "if every container becomes healthy."
        )
    ),
]

#: What such an endpoint answers.
Tried = Json[OneDeployment | OnePlan | OneForecast]


async def answer_change(
    acting: TaskRequest,
    command: Command,
    *,
    dry_run: Literal["no", "once", "full"],
    report: tuple[ReportEntry, ...] = (),
    joins: bool = False,
) -> Tried:
    """Carry a command out, or answer what it would do.

    ``joins`` lets it wait for a task of the deployment that was under way before.
    """
    services = acting.services
    if dry_run == "no":
        deployment = await services.commands.run(command)
        task_id = TaskId(deployment.task_id) if joins else None
        return await acting.answer_deployment(deployment, task_id=task_id, report=report)
    memory = services.store.memory
    tried = try_command(memory, command, now=services.clock.now())
    if dry_run == "once":
        return Json(OnePlan(render_plan(memory.fleet, tried.plan()), report))
    return Json(await _foresee(services, tried, report=report))


async def foresee_fleet_change(
    services: Services, command: Callable[[Draft], object]
) -> Json[FleetForecast]:
    """Answer what a change of hosts does to deployments in the end; those it leaves are left out."""
    memory = services.store.memory
    tried = try_fleet_change(memory, command, now=services.clock.now())
    forecast = tried.forecast()
    await run_forecast(services, forecast)
    plans = [
        render_forecast(memory.fleet, outcome, before=deployment, after=deployment)
        for deployment_id, outcome in forecast.describe().items()
        if changes_anything(outcome)
        and (deployment := tried.draft.deployments.get(deployment_id)) is not None
    ]
    return Json(FleetForecast(plans, more=not forecast.is_over))


async def _foresee(
    services: Services, tried: DryRun, *, report: tuple[ReportEntry, ...]
) -> OneForecast:
    forecast = tried.forecast()
    await run_forecast(services, forecast)
    outcome = forecast.describe()[tried.after.id]
    fleet = services.store.memory.fleet
    shown = render_forecast(fleet, outcome, before=tried.before, after=tried.after)
    return OneForecast(shown, report)


async def run_forecast(services: Services, forecast: Forecast) -> None:
    """Take steps until nothing changes or it took long; others get their turn in between."""
    until = services.clock.monotonic() + MAX_SECONDS
    for _ in range(MAX_STEPS):
        if forecast.is_over or services.clock.monotonic() > until:
            return
        forecast.take_step()
        await asyncio.sleep(0)
