"""What a change would do, without doing it."""

from collections.abc import Callable, Iterator

import msgspec

from berth.domain.ids import DeploymentId
from berth.domain.records import Deployment
from berth.domain.states import Availability
from berth.scheduler import Plan, plan_deployment
from berth.scheduler.forecast import Forecast
from berth.store.draft import Draft
from berth.store.memory import Memory
from berth.store.nouns import NounTables

#: Makes or changes a deployment, and returns it.
Command = Callable[[Draft], Deployment]


class DryRun(msgspec.Struct, frozen=True):
    """A deployment before a change and after it; none before it is made."""

    before: Deployment | None
    after: Deployment
    draft: Draft

    def plan(self) -> Plan:
        """Return the first plan that would be made for it."""
        return plan_deployment(self.draft.fleet, self.after, now=self.draft.now)

    def forecast(self) -> Forecast:
        """Return what brings it to its end, step by step."""
        return Forecast(self.draft, [self.after.id], now=self.draft.now)


class FleetDryRun(msgspec.Struct, frozen=True):
    """A fleet after a change of hosts, and the deployments that it may matter to."""

    deployment_ids: tuple[DeploymentId, ...]
    draft: Draft

    def forecast(self) -> Forecast:
        """Return what brings them to their end, step by step."""
        return Forecast(self.draft, self.deployment_ids, now=self.draft.now)


def try_command(memory: Memory, command: Command, *, now: float) -> DryRun:
    """Carry a command out on a draft that is never written; raises what the command raises."""
    draft = Draft(memory, now=now)
    after = command(draft)
    return DryRun(memory.deployments.get(after.id), after, draft)


def try_fleet_change(
    memory: Memory, command: Callable[[Draft], object], *, now: float
) -> FleetDryRun:
    """Carry a command about hosts out on a draft; raises what the command raises."""
    draft = Draft(memory, now=now)
    command(draft)
    return FleetDryRun(tuple(_find_affected(memory, draft)), draft)


def _find_affected(memory: Memory, draft: Draft) -> Iterator[DeploymentId]:
    """Go through the running deployments that changed hosts may matter to, by id."""
    changes = draft.changes_of(NounTables.hosts)
    changed = [host for host in changes.values() if host is not None]
    before = [host for host in map(memory.hosts.get, changes) if host is not None]
    pools = {host.pool_id for host in (*changed, *before)}
    there = {a.deployment_id for host in changed for a in memory.fleet.assignments_on(host.id)}
    for deployment in sorted(draft.deployments.values(), key=lambda each: each.id):
        if deployment.desired_state == 0:
            continue
        if deployment.id in there or (
            deployment.pool_id in pools and _chooses_hosts(memory, deployment)
        ):
            yield deployment.id


def _chooses_hosts(memory: Memory, deployment: Deployment) -> bool:
    """Whether another host, or another tag of one, may change where its slots are."""
    return deployment.id in memory.planned.waiting or any(
        service.placement.availability is not Availability.PER_POOL
        or service.placement.required_tags
        for service in deployment.services
    )
