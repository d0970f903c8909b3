"""The pass over deployments: plan what is dirty, apply it, record what waits."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from berth.domain.discovery_records import Key
from berth.domain.errors import Unavailable
from berth.domain.ids import DeploymentId, PoolId, TaskId
from berth.domain.observed import ContainerReport
from berth.domain.plan import Plan, count_reasons
from berth.domain.records import Actor, Deployment, Host
from berth.domain.states import Attempt
from berth.reconcilers.defects import Defect, Defects, describe_failure
from berth.reconcilers.deployments.one_pass import reconcile_deployment
from berth.reconcilers.tasks.progress import record_progress
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup
from berth.store.feed import Change
from berth.store.store import Store

log = logging.getLogger(__name__)

#: Wait before a deployment that could not be planned is tried again although nothing changes.
DEFECT_RETRY_S = 10.0

#: At most this many deployments are planned before the event loop gets a turn.
GROUP = 32

T = TypeVar("T")


class DeploymentReconciler:
    """Keeps the set of deployments to reconcile, and reconciles them."""

    def __init__(self, store: Store, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._dirty: set[DeploymentId] = set()
        #: When to reconcile a deployment again although nothing changes; monotonic.
        self._due: dict[DeploymentId, float] = {}
        self._all_at = 0.0
        self._defects = Defects(store, key="planning_failed", cannot="be planned")
        self.wakeup = Wakeup()
        self._unlisten = store.feed.listen(self._note)

    def close(self) -> None:
        """Stop listening to changes."""
        self._unlisten()

    def resync_s(self) -> float:
        """Return the longest time until something is due."""
        next_due_s = min(self._due.values(), default=float("inf")) - self._clock.monotonic()
        return max(0.0, min(self._store.memory.settings.resync_s, next_due_s))

    async def reconcile_dirty(self) -> str:
        """Reconcile what changed, or everything when the resync is due."""
        now = self._clock.monotonic()
        self._dirty.update(deployment_id for deployment_id, at in self._due.items() if at <= now)
        if now - self._all_at >= self._store.memory.settings.resync_s or self._all_at == 0.0:
            self._all_at = now
            self._dirty.update(d.id for d in self._store.memory.deployments.values())
            self._dirty.update(a.deployment_id for a in self._store.memory.assignments.values())
            self._drop_ended_exclusions()
        dirty, self._dirty = sorted(self._dirty), set()
        done: list[str] = []
        defects: dict[DeploymentId, Exception] = {}
        for start in range(0, len(dirty), GROUP):
            try:
                done += await self._reconcile_group(dirty[start : start + GROUP], defects)
            except BaseException:
                self._dirty.update(dirty[start:])
                raise
        await self._defects.settle(dirty, failed=self._describe(defects))
        return "; ".join(done[:10])

    async def _reconcile_group(
        self, group: list[DeploymentId], defects: dict[DeploymentId, Exception]
    ) -> list[str]:
        """Reconcile each; a defect that one of them meets must not keep all others waiting."""
        plans = await asyncio.gather(*(self._reconcile(d) for d in group), return_exceptions=True)
        done = []
        for deployment_id, plan in zip(group, plans, strict=True):
            if isinstance(plan, Plan):
                done += [f"{deployment_id}: {plan}"] if plan.changes else []
            elif isinstance(plan, Unavailable) or not isinstance(plan, Exception):
                raise plan
            else:
                log.error("deployment %s cannot be planned; it is tried again in %.0f s",
                          deployment_id, DEFECT_RETRY_S, exc_info=plan)  # fmt: skip
                defects[deployment_id] = plan
                self._due[deployment_id] = self._clock.monotonic() + DEFECT_RETRY_S
        return done

    def _describe(self, defects: dict[DeploymentId, Exception]) -> dict[str, Defect]:
        described: dict[str, Defect] = {}
        for deployment_id, failure in defects.items():
            deployment = self._store.memory.deployments.get(deployment_id)
            name = deployment.name if deployment is not None else deployment_id
            actor = Actor("deployment", deployment_id, name)
            described[deployment_id] = Defect(actor, None, describe_failure(failure))
        return described

    def _drop_ended_exclusions(self) -> None:
        exclusions, now = self._store.memory.planned.exclusions, self._clock.now()
        for slot_id in [s for s, of in exclusions.items() if all(e.until <= now for e in of)]:
            del exclusions[slot_id]

    async def _reconcile(self, deployment_id: DeploymentId) -> Plan:
        looked = await self._store.run(
            lambda draft: reconcile_deployment(draft, deployment_id, new_id=self._new_id)
        )
        plan = looked.plan
        if looked.progress is not None:
            record_progress(self._store, looked.task_id, progress=looked.progress)
        self._record_unplaced(deployment_id, plan)
        self._record_exclusions(plan)
        self._due.pop(deployment_id, None)
        if plan.again_at is not None:
            wait_s = max(0.0, plan.again_at - self._clock.now())
            self._due[deployment_id] = self._clock.monotonic() + wait_s
        if plan.more:
            self._dirty.add(deployment_id)
            self.wakeup.set()
        return plan

    def _record_exclusions(self, plan: Plan) -> None:
        exclusions, now = self._store.memory.planned.exclusions, self._clock.now()
        for new in plan.exclusions:
            others = (
                e
                for e in exclusions.get(new.slot_id, ())
                if e.host_id != new.exclusion.host_id and e.until > now
            )
            exclusions[new.slot_id] = (*others, new.exclusion)

    def _record_unplaced(self, deployment_id: DeploymentId, plan: Plan) -> None:
        """Keep which slots have no host, and publish when others wait, or for other reasons."""
        planned, unplaced = self._store.memory.planned, (*plan.unplaced, *plan.held)
        if unplaced == planned.unplaced.get(deployment_id, ()):
            return
        before, after = planned.waiting.get(deployment_id, ()), count_reasons(plan.unplaced)
        _keep(planned.unplaced, deployment_id, slots=unplaced)
        _keep(planned.waiting, deployment_id, slots=after)
        if before != after:
            self._store.observe([("waiting", deployment_id, before, after)])

    def _note(self, changes: list[Change]) -> None:
        self._note_keys({change.key for change in changes if change.table == "keys"})
        for change in changes:
            if change.table == "tasks" and (change.after is None or change.after.status.closed):
                self._store.memory.planned.progress.pop(TaskId(change.key), None)
            note = _NOTES.get(change.table)
            if note is not None:
                self._dirty.update(note(self._store, change))
            elif change.table == "settings":
                self._all_at = 0.0
                self.wakeup.set()
        if self._dirty:
            self.wakeup.set()

    def _note_keys(self, names: set[str]) -> None:
        """Note the deployments that read them: a slot may wait for a key."""
        if names:
            deployments = self._store.memory.deployments.values()
            self._dirty.update(d.id for d in deployments if not d.read_keys.isdisjoint(names))


def _of_deployment(_: Store, change: Change) -> Iterable[DeploymentId]:
    return (DeploymentId(change.key),)


def _of_assignment(_: Store, change: Change) -> Iterable[DeploymentId]:
    record = change.after or change.before
    return (record.deployment_id,)


def _of_report(store: Store, change: Change) -> Iterable[DeploymentId]:
    if not _matters(change.before, change.after):
        return ()
    assignment = store.memory.assignments.get(change.key)
    return (assignment.deployment_id,) if assignment is not None else ()


def _matters(before: ContainerReport | None, after: ContainerReport | None) -> bool:
    """Whether a report differs in more than progress."""

    def gist(report: ContainerReport | None) -> tuple[Any, ...] | None:
        return (
            None
            if report is None
            else (
                report.attempt,
                max(report.state, Attempt.STARTING),
                report.health,
                report.paused,
                report.code,
                report.failures,
                report.exit_code,
                report.message if report.state < Attempt.STARTING else "",
            )
        )

    return gist(before) != gist(after)


def _of_host(store: Store, change: Change) -> Iterable[DeploymentId]:
    """Everything in the host's pools, old and new, and whatever has something on it."""
    pools: set[PoolId] = {record.pool_id for record in (change.before, change.after) if record}
    for pool_id in pools:
        yield from (d.id for d in store.memory.deployments.find("pool", pool_id))
    yield from (a.deployment_id for a in store.memory.assignments.find("host", change.key))


def _of_host_status(store: Store, change: Change) -> Iterable[DeploymentId]:
    if change.before is not None and change.after is not None:
        before, after = change.before, change.after
        usable = [
            (each.state, each.metrics.engine_reachable, each.held) for each in (before, after)
        ]
        if usable[0] == usable[1]:
            return ()
    host = store.memory.hosts.get(change.key)
    return _of_host(store, Change(0, "hosts", change.key, None, host)) if host else ()


def _of_inventory(store: Store, change: Change) -> Iterable[DeploymentId]:
    """What waits for a host, since a port or a name may be free, or a volume there, now."""
    host: Host | None = store.memory.hosts.get(change.key)
    if host is None:
        return ()
    waiting = store.memory.planned.unplaced
    in_pool: list[Deployment] = store.memory.deployments.find("pool", host.pool_id)
    return [d.id for d in in_pool if d.id in waiting]


def _of_key(store: Store, change: Change) -> Iterable[DeploymentId]:
    """The deployment whose container it is about: with it a slot is filled for everyone."""
    key: Key | None = change.after
    assignment = store.memory.assignments.get(key.assignment_id) if key is not None else None
    return (assignment.deployment_id,) if assignment is not None else ()


_NOTES: dict[str, Callable[[Store, Change], Iterable[DeploymentId]]] = {
    "deployments": _of_deployment,
    "assignments": _of_assignment,
    "reports": _of_report,
    "hosts": _of_host,
    "host_status": _of_host_status,
    "inventory": _of_inventory,
    "volumes": _of_inventory,
    "keys": _of_key,
}


def _keep(
    kept: dict[DeploymentId, tuple[T, ...]], deployment_id: DeploymentId, *, slots: tuple[T, ...]
) -> None:
    if slots:
        kept[deployment_id] = slots
    else:
        kept.pop(deployment_id, None)
