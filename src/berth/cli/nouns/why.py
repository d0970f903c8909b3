"""Why something is as it is."""

from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.options import Name
from berth.cli.resolve import find_deployment
from berth.cli.screen.progress import summarize_reasons
from berth.cli.screen.words import many
from berth.cli.session import session_of
from berth.cli.signature import Argument
from berth.client.nouns.events import Wanted
from berth.client.records.instance import Status
from berth.client.records.workloads import Container, SlotItem

app = new_noun(__doc__)


@app.verb("why")
def why(
    ctx: click.Context,
    name: Name,
    service: Annotated[str, Argument(help="One of its services.")] = "",
    slot: Annotated[int | None, Argument(help="One of its slots.", min=0)] = None,
) -> None:
    """Say why slots of a deployment wait, fail or are unhealthy."""
    session = session_of(ctx)
    with session.open() as client:
        deployment_id = find_deployment(client, name)
        waiting = list(client.deployments.list_waiting(deployment=(deployment_id,)))
        containers = list(client.deployments.containers(deployment_id))
        wanted = Wanted(severity=("warning", "error", "critical"), deployment=(deployment_id,))
        statuses = list(client.statuses.list(wanted))
    waiting = [each for each in waiting if _is_asked(each, service, slot=slot)]
    containers = [each for each in containers if _is_asked(each, service, slot=slot)]
    lines = [*_waiting(waiting, deployment_id), *_containers(containers)]
    if not service:
        lines += _statuses(statuses, lines)
    if not lines:
        lines = [f"{deployment_id} is as it should be"]
    found = {"waiting": waiting, "containers": containers, "statuses": statuses}
    session.output.record(found, lines=lines, name=deployment_id)


def _is_asked(each: SlotItem | Container, service: str, *, slot: int | None) -> bool:
    return (not service or each.service_id == service) and slot in (None, each.service_slot)


def _waiting(slots: list[SlotItem], deployment_id: str) -> list[str]:
    lines = []
    for (service, _), each in summarize_reasons(slots).items():
        numbers = ", ".join(str(slot.service_slot) for slot in each[:8])
        more = " ..." if len(each) > 8 else ""
        verb = "waits" if len(each) == 1 else "wait"
        lines.append(
            f"{many(len(each), 'slot')} of {service} in {deployment_id} ({numbers}{more}) {verb}:"
        )
        lines += [
            f"  {many(reason.hosts, 'host'):<10}  {reason.code:<16}  {reason.message}"
            for reason in each[0].reasons
        ]
    return lines


def _containers(containers: list[Container]) -> list[str]:
    lines = []
    for each in containers:
        bad = (
            each.failures
            or each.health == "unhealthy"
            or (each.message and each.state != "Running")
        )
        if not bad or not each.host_id:
            continue
        attempt = (
            f"attempt {each.attempt}, {many(each.failures, 'failure')} in a row"
            if each.failures
            else ""
        )
        exit_code = f"exit code {each.exit_code}" if each.exit_code else ""
        facts = ", ".join(filter(None, [each.state.lower(), attempt, exit_code, each.code]))
        lines.append(f"{each.container_name} on {each.hostname}: {facts}")
        if each.message:
            lines.append(f"  {each.message}")
    return lines


def _statuses(statuses: list[Status], known: list[str]) -> list[str]:
    """Return what else is the matter."""
    told = "\n".join(known)
    return [
        f"{each.severity_description.lower()}: {each.summary}"
        for each in statuses
        if each.summary not in told and each.event_key not in ("slot_unfilled", "task")
    ]
